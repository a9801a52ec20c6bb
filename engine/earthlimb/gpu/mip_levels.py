"""Mip levels of our own: the same on every driver, and uploaded one at a time so that a window may draw in between."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, TypeVar

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu.targets import Steps

Texels = TypeVar("Texels", np.float16, np.float32)

_BAND_ROWS = 256
"""Rows that are halved together: what they need beside fits into the processor's cache."""
_TEXTURE_2D, _UNPACK_ALIGNMENT, _BASE_LEVEL, _MAX_LEVEL = 0x0DE1, 0x0CF5, 0x813C, 0x813D
_RED = 0x1903
_FORMATS = {"float16": (0x822D, 0x140B), "float32": (0x822E, 0x1406)}
"""Internal format and type of one channel: R16F of half floats, R32F of floats."""


def mip_levels(base: NDArray[Texels], n: int) -> tuple[NDArray[Texels], ...]:
    """Levels 1 to n: each the means of four texels of the one before, in the texture's own precision.

    Parameters
    ----------
    base : (height, width); 2**n divides both
    """
    levels: list[NDArray[Texels]] = []
    finer = base
    for _ in range(n):
        coarser = np.empty((finer.shape[0] // 2, finer.shape[1] // 2), base.dtype)
        for row in range(0, len(finer), _BAND_ROWS):
            rows = finer[row : row + _BAND_ROWS : 2].astype(np.float32) + finer[row + 1 : row + _BAND_ROWS : 2]
            coarser[row // 2 : row // 2 + len(rows)] = np.float32(0.25) * (rows[:, 0::2] + rows[:, 1::2])
        levels.append(coarser)
        finer = coarser
    return tuple(levels)


def upload_levels(ctx: moderngl.Context, texture: moderngl.Texture, levels: Sequence[NDArray[Any]]) -> Steps[None]:
    """Give a texture of one channel, half float or float, its levels from 1 on, one in a step."""
    bind, pixel_store, image, set_number = _functions(ctx)
    for number, level in enumerate(levels, start=1):
        bind(_TEXTURE_2D, texture.glo)
        pixel_store(_UNPACK_ALIGNMENT, 1)
        data = np.ascontiguousarray(level)
        internal, kind = _FORMATS[str(data.dtype)]
        height, width = data.shape
        image(_TEXTURE_2D, number, internal, width, height, 0, _RED, kind, data.ctypes.data)
        set_number(_TEXTURE_2D, _BASE_LEVEL, 0)
        set_number(_TEXTURE_2D, _MAX_LEVEL, number)
        yield
    texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)


def _functions(ctx: moderngl.Context) -> tuple[Any, Any, Any, Any]:
    """Functions of GL that moderngl lacks: it has no storage for single levels."""
    loader = ctx.mglo._context
    load = getattr(loader, "load_opengl_function", None) or loader.load
    return (
        _function(load("glBindTexture"), 2),
        _function(load("glPixelStorei"), 1, ctypes.c_int),
        _function(load("glTexImage2D"), 1, *[ctypes.c_int] * 5, ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p),
        _function(load("glTexParameteri"), 2, ctypes.c_int),
    )


def _function(address: int, n_enums: int, *more: type) -> Any:
    """A GL function by its address: so many enums or names, then these types."""
    return ctypes.CFUNCTYPE(None, *[ctypes.c_uint] * n_enums, *more)(address)
