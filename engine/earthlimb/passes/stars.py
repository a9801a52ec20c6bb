"""Draws stars as points of their own energy, spread by the lens and the shutter, onto a float target."""

from __future__ import annotations

from collections.abc import Sequence

import moderngl
import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.gpu.shaders import ShaderLibrary, set_uniforms
from earthlimb.passes.station_image import StationImage, bind_station
from earthlimb.physics.lens import Lens
from earthlimb.physics.star_field import StarSprites

_BYTES_PER_STAR = 36


class StarsPass:
    """Additive rectangles, one for each star.

    Parameters
    ----------
    ctx : moderngl.Context
    shaders : ShaderLibrary
    """

    def __init__(self, ctx: moderngl.Context, shaders: ShaderLibrary) -> None:
        self._ctx = ctx
        self._shaders = shaders
        self._buffer = ctx.buffer(reserve=4096 * _BYTES_PER_STAR, dynamic=True)
        self._vertices: dict[tuple[bool, int], moderngl.VertexArray] = {}

    def _vertex_array(self, long_streaks: bool, n_station: int) -> moderngl.VertexArray:
        key = (long_streaks, n_station)
        if key not in self._vertices:
            defines = {"LONG_STREAKS": 1} if long_streaks else {}
            program = self._shaders.program("passes/stars", defines | ({"STATION": n_station} if n_station else {}))
            content = [(self._buffer, "4f 4f 1f/i", "star_place", "star_radiance", "star_sigma_px")]
            self._vertices[key] = self._ctx.vertex_array(program, content)
        return self._vertices[key]

    def _fill(self, rows: NDArray[np.float32]) -> None:
        if rows.nbytes > self._buffer.size:
            self.release()
            self._buffer = self._ctx.buffer(reserve=2 * rows.nbytes, dynamic=True)
        self._buffer.orphan()
        self._buffer.write(rows.tobytes())

    def render(
        self,
        framebuffer: moderngl.Framebuffer,
        sprites: StarSprites,
        lens: Lens,
        sigma_px: ArrayLike,
        threshold_radiance: float,
        station: Sequence[StationImage] = (),
    ) -> None:
        """Add the stars to what the framebuffer holds.

        Parameters
        ----------
        framebuffer : moderngl.Framebuffer
            Float target of the lens's size.
        sprites : StarSprites
        lens : Lens
            Gives the solid angle of a pixel at each star.
        sigma_px : () or (n,) array
            Width of the point spread's core at each star, `physics.psf.core_sigma_px`.
        threshold_radiance : float
            Above 0: light below it, in the response's unit, may be left out. Less than 0.1 % of a star's
            energy is left out whatever this says.
        station : images that the stars lie behind; the frame block must then be bound
        """
        n = len(sprites.x_px)
        if n == 0:
            return
        rows = np.empty((n, 9), np.float32)
        rows[:, 0], rows[:, 1] = sprites.x_px, sprites.y_px
        rows[:, 2], rows[:, 3] = sprites.dx_px, sprites.dy_px
        rows[:, 4:8] = sprites.irradiance / lens.pixel_solid_angle_sr(sprites.x_px, sprites.y_px)[:, None]
        rows[:, 8] = sigma_px
        self._fill(rows)
        long_streaks = bool((np.hypot(sprites.dx_px, sprites.dy_px) > sigma_px).any())
        vertices = self._vertex_array(long_streaks, len(station))
        set_uniforms(
            vertices.program,
            {
                "size_px": (float(framebuffer.width), float(framebuffer.height)),
                "threshold": threshold_radiance,
            },
        )
        bind_station(vertices.program, station)
        framebuffer.use()
        self._ctx.enable(moderngl.BLEND)
        self._ctx.blend_func = moderngl.ONE, moderngl.ONE
        vertices.render(moderngl.TRIANGLE_STRIP, vertices=4, instances=n)
        self._ctx.disable(moderngl.BLEND)

    def release(self) -> None:
        """Free the buffer; the programs belong to the shader library."""
        while self._vertices:
            self._vertices.popitem()[1].release()
        self._buffer.release()
