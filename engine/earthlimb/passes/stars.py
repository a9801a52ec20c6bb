"""Draws stars as points of their own energy, spread by the lens and the shutter, onto a float target."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import moderngl
import numpy as np
from numpy.typing import ArrayLike

from earthlimb.gpu.shaders import ShaderLibrary, set_uniforms
from earthlimb.gpu.vertices import VertexStream
from earthlimb.passes.station_image import StationImage, bind_station
from earthlimb.physics.lens import Lens
from earthlimb.physics.star_field import StarSprites

_AT_ONCE = 200_000
"""Sprites of one draw: more than any picture has whose camera stands still."""


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
        self._stars = VertexStream(ctx, "4f 4f 1f/i", "star_place", "star_radiance", "star_sigma_px")

    def render(
        self,
        framebuffer: moderngl.Framebuffer,
        sprites: StarSprites,
        lens: Lens,
        sigma_px: ArrayLike,
        threshold_radiance: float,
        station: Sequence[StationImage] = (),
        tell: Callable[[float], None] = lambda share: None,
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
        tell : is called with the share that has been sent: a software rasteriser takes a minute for millions
        """
        n = len(sprites.x_px)
        if n == 0:
            return
        rows = np.empty((n, 9), np.float32)
        rows[:, 0], rows[:, 1] = sprites.x_px, sprites.y_px
        rows[:, 2], rows[:, 3] = sprites.dx_px, sprites.dy_px
        rows[:, 4:8] = sprites.irradiance / lens.pixel_solid_angle_sr(sprites.x_px, sprites.y_px)[:, None]
        rows[:, 8] = sigma_px
        long_streaks = bool((np.hypot(sprites.dx_px, sprites.dy_px) > sigma_px).any())
        defines = {"LONG_STREAKS": 1} if long_streaks else {}
        program = self._shaders.program("passes/stars", defines | ({"STATION": len(station)} if station else {}))
        size_px = float(framebuffer.width), float(framebuffer.height)
        set_uniforms(program, {"size_px": size_px, "threshold": threshold_radiance})
        bind_station(program, station)
        framebuffer.use()
        self._ctx.enable(moderngl.BLEND)
        self._ctx.blend_func = moderngl.ONE, moderngl.ONE
        for k in range(0, n, _AT_ONCE):
            some = rows[k : k + _AT_ONCE]
            self._stars.render(program, some.tobytes(), moderngl.TRIANGLE_STRIP, vertices=4, instances=len(some))
            tell(min(k + _AT_ONCE, n) / n)
        self._ctx.disable(moderngl.BLEND)

    def release(self) -> None:
        """Free the vertices; the programs belong to the shader library."""
        self._stars.release()
