"""Draws worlds into a picture and the picture into the window."""

from __future__ import annotations

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu.shaders import set_uniforms
from earthlimb.gpu.targets import read_rgba
from earthlimb.renderer import Renderer
from earthlimb.world import WorldState


class Canvas:
    """The window's renderer and the picture that it drew last."""

    def __init__(self) -> None:
        self.renderer = Renderer(device="window")
        self.ctx = self.renderer.ctx
        self._program = self.renderer.shaders.program("passes/present")
        self._vertices = self.ctx.vertex_array(self._program, [])
        self.renderer.gpu.own(self._vertices.release)
        self._picture: moderngl.Texture | None = None
        self._photo: moderngl.Texture | None = None

    def draw(self, world: WorldState, frame: int) -> None:
        """Take the photograph of a world in the world's own size; waits until the GPU has it."""
        self._picture = self.renderer.photographer.draw(world, frame).picture.texture
        self.ctx.finish()

    def show(self, width_px: int, height_px: int) -> None:
        """Lay the picture over the window, stretched to it; the same aspect is up to the caller."""
        screen = self.ctx.screen
        screen.use()
        screen.viewport = (0, 0, width_px, height_px)
        screen.clear(0.0, 0.0, 0.0, 1.0)
        self._lay(self._picture, width_px, height_px)

    def _lay(self, picture: moderngl.Texture | None, width_px: int, height_px: int) -> None:
        if picture is None:
            return
        picture.use(0)
        exact = picture.size == (width_px, height_px)
        picture.filter = (moderngl.NEAREST, moderngl.NEAREST) if exact else (moderngl.LINEAR, moderngl.LINEAR)
        set_uniforms(self._program, {"picture": 0, "window_px": (float(width_px), float(height_px))})
        self.ctx.disable(moderngl.BLEND)
        self._vertices.render(moderngl.TRIANGLES, vertices=3)

    def read_picture(self) -> NDArray[np.float32] | None:
        """The picture (h, w, 3), code values 0 to 1, in the size that it was drawn in."""
        return None if self._picture is None else read_rgba(self._picture)[..., :3]

    def read_screen(self, width_px: int, height_px: int) -> NDArray[np.uint8]:
        """What the window shows (h, w, 3), before the buffers are swapped."""
        flat = np.frombuffer(self.ctx.screen.read(viewport=(0, 0, width_px, height_px), alignment=1), np.uint8)
        return np.ascontiguousarray(flat.reshape(height_px, width_px, 3)[::-1])

    def release(self) -> None:
        """Free every GL object."""
        self.renderer.release()
