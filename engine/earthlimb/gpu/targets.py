"""Float render targets of our own, textures from arrays, and reading them back."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

import moderngl
import numpy as np
from numpy.typing import NDArray

_MODERNGL_DTYPE = {"float32": "f4", "float16": "f2", "uint8": "f1", "int32": "i4", "uint32": "u4"}

_SLICE_BYTES = 1 << 21
"""Bytes uploaded at a time where a window waits: 2 to 10 ms of llvmpipe."""

T = TypeVar("T")
Steps = Generator[None, None, T]
"""Work on the GPU that stops now and then so that a window may draw in between; returns what was made."""


def off_power_of_two(n: int) -> int:
    """The size n, or one more: llvmpipe compiles a program once more, for up to a second, where a texture that it
    reads gets a power of two for a side.

    Examples
    --------
    >>> [off_power_of_two(n) for n in (1, 63, 64, 65)]
    [1, 63, 65, 65]
    """
    return n + 1 if n > 2 and n & (n - 1) == 0 else n


def finished(steps: Steps[T]) -> T:
    """The result of all steps, done at once."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            made: T = end.value
            return made


def sliced_texture(ctx: moderngl.Context, array: NDArray[Any]) -> Steps[moderngl.Texture]:
    """As `texture_from` with linear filtering, a few rows at a time."""
    data = np.ascontiguousarray(array if array.ndim == 3 else array[:, :, None])
    height, width, n = data.shape
    texture = ctx.texture((width, height), n, dtype=_MODERNGL_DTYPE[str(data.dtype)], alignment=1)
    texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
    texture.repeat_x = texture.repeat_y = False
    rows = max(_SLICE_BYTES // data[0].nbytes, 1)
    for row in range(0, height, rows):
        part = data[row : row + rows]
        texture.write(part, viewport=(0, row, width, len(part)), alignment=1)
        yield
    return texture


def sliced_texture_3d(ctx: moderngl.Context, array: NDArray[np.float32]) -> Steps[moderngl.Texture3D]:
    """A linear 3-D texture of (depth, height, width, 4), clamped at its edges, a few layers at a time."""
    data = np.ascontiguousarray(array, np.float32)
    depth, height, width, n = data.shape
    texture = ctx.texture3d((width, height, depth), n, dtype="f4")
    texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
    texture.repeat_x = texture.repeat_y = texture.repeat_z = False
    layers = max(_SLICE_BYTES // data[0].nbytes, 1)
    for layer in range(0, depth, layers):
        part = data[layer : layer + layers]
        texture.write(part, viewport=(0, 0, layer, width, height, len(part)))
        yield
    return texture


def texture_from(
    ctx: moderngl.Context, array: NDArray[Any], *, linear: bool = False, repeat_x: bool = False
) -> moderngl.Texture:
    """A 2-D texture of `array` (height, width) or (height, width, n); row 0 is at texture coordinate y = 0.

    Unsigned bytes arrive in the shader as 0 to 1. Filtering is nearest unless `linear`; edges clamp, x may repeat.
    """
    data = np.ascontiguousarray(array)
    if data.ndim == 2:
        data = data[:, :, None]
    height, width, n = data.shape
    texture = ctx.texture((width, height), n, data.tobytes(), dtype=_MODERNGL_DTYPE[str(data.dtype)], alignment=1)
    mode = moderngl.LINEAR if linear else moderngl.NEAREST
    texture.filter = (mode, mode)
    texture.repeat_x, texture.repeat_y = repeat_x, False
    return texture


class Target:
    """A framebuffer with one or more colour textures of the same size.

    Parameters
    ----------
    size : (width, height) in px
    n_textures : int
    dtype : `f4`, `f2` or `f1`
    linear : bool
        Filtering of the textures when a later pass reads them.
    """

    def __init__(
        self,
        ctx: moderngl.Context,
        size: tuple[int, int],
        n_textures: int = 1,
        dtype: str = "f4",
        *,
        linear: bool = False,
        components: int = 4,
    ) -> None:
        self.size = size
        mode = moderngl.LINEAR if linear else moderngl.NEAREST
        self.textures = [ctx.texture(size, components, dtype=dtype) for _ in range(n_textures)]
        for texture in self.textures:
            texture.filter = (mode, mode)
            texture.repeat_x = texture.repeat_y = False
        self.fbo = ctx.framebuffer(self.textures)

    @property
    def texture(self) -> moderngl.Texture:
        """The first colour texture."""
        return self.textures[0]

    def use(self, *, clear: bool = True) -> None:
        """Make it the current target and clear it to 0, unless every pixel is written anyway."""
        self.fbo.use()
        if clear:
            self.fbo.clear()

    def read(self, index: int = 0) -> NDArray[np.float32]:
        """Pixels (height, width, 4) float32, row 0 at the top of the picture."""
        return read_rgba(self.textures[index])

    def release(self) -> None:
        """Free framebuffer and textures."""
        self.fbo.release()
        for texture in self.textures:
            texture.release()


def read_rgba(texture: moderngl.Texture) -> NDArray[np.float32]:
    """Read a float texture: (height, width, n) float32, row 0 at texture row 0.

    Our full-screen pass maps texture row 0 to the top of the picture, so nothing has to be flipped.
    """
    width, height = texture.size
    kinds = {"f4": np.float32, "f2": np.float16}
    flat = np.frombuffer(texture.read(alignment=1), dtype=kinds[texture.dtype])
    return flat.reshape(height, width, texture.components).astype(np.float32)
