"""Mip levels made a band of rows at a time, so that a window may draw in between."""

from __future__ import annotations

import ctypes
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu.targets import Steps

BAND_ROWS = 256
"""Rows of a band: 1 M texels of the lights, 5 ms of llvmpipe."""
_TEXTURE_2D, _UNPACK_ALIGNMENT, _BASE_LEVEL, _MAX_LEVEL = 0x0DE1, 0x0CF5, 0x813C, 0x813D
_R16F, _RED, _HALF_FLOAT = 0x822D, 0x1903, 0x140B


def build_in_bands(ctx: moderngl.Context, texture: moderngl.Texture, data: NDArray[np.float16], n: int) -> Steps[None]:
    """Do what `texture.build_mipmaps(0, n)` does, for a texture of one half-float channel that holds `data`.

    Parameters
    ----------
    data : (height, width) float16; 2**n divides both
    n : the coarsest level

    Notes
    -----
    A texel of level n is made of 2**n x 2**n texels, so bands of a multiple of 2**n rows do not meet. The driver's
    filter samples at places that it interpolates over the size of what it draws: here and there the last bit differs
    from that of the whole (llvmpipe: 0.6 % of level 1).
    """
    height, width = data.shape
    levels = [np.empty((height >> k, width >> k), np.float16) for k in range(1, n + 1)]
    for row in range(0, height, BAND_ROWS):
        part = data[row : row + BAND_ROWS]
        band = ctx.texture((width, len(part)), 1, part.tobytes(), dtype="f2", alignment=1)
        band.filter = (moderngl.LINEAR, moderngl.LINEAR)
        band.repeat_x = band.repeat_y = False
        for k in range(n):
            band.build_mipmaps(k, k + 1)
            if row == 0:
                yield  # the first time each level compiles the driver's own shader
        for k, level in enumerate(levels, start=1):
            rows = np.frombuffer(band.read(level=k, alignment=1), np.float16).reshape(len(part) >> k, width >> k)
            level[row >> k : (row + len(part)) >> k] = rows
        band.release()
        yield
    loader = ctx.mglo._context  # moderngl has no storage for single levels
    load = getattr(loader, "load_opengl_function", None) or loader.load
    set_number = _function(load("glTexParameteri"), 2, ctypes.c_int)
    _function(load("glBindTexture"), 2)(_TEXTURE_2D, texture.glo)
    _function(load("glPixelStorei"), 1, ctypes.c_int)(_UNPACK_ALIGNMENT, 1)
    image = _function(load("glTexImage2D"), 1, *[ctypes.c_int] * 5, ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p)
    for k, level in enumerate(levels, start=1):
        address = level.ctypes.data
        image(_TEXTURE_2D, k, _R16F, level.shape[1], level.shape[0], 0, _RED, _HALF_FLOAT, address)
    set_number(_TEXTURE_2D, _BASE_LEVEL, 0)
    set_number(_TEXTURE_2D, _MAX_LEVEL, n)


def _function(address: int, n_enums: int, *more: type) -> Any:
    """A GL function by its address: so many enums or names, then these types."""
    return ctypes.CFUNCTYPE(None, *[ctypes.c_uint] * n_enums, *more)(address)
