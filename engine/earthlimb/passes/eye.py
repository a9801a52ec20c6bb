"""The eye's view of a picture of light: pyramid, acuity, stars above the threshold, brightness; all on the GPU."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu.shaders import ShaderLibrary, set_uniforms
from earthlimb.gpu.targets import Target
from earthlimb.gpu.vertices import VertexStream
from earthlimb.physics.eye import (
    FOVEA_SR,
    MTF_SIGMA_CYCLES,
    ROD_EVENTS,
    EyeState,
    blur_variance_px2,
    level_variance_px2,
)
from earthlimb.physics.lens import Lens
from earthlimb.physics.star_field import StarSprites

_ADAPTATION_RAD = np.radians(0.3)
"""Blur of the light that the eye is adapted to: about the fovea."""
_STAR_SIGMA_RAD = np.radians(1.7 / 60.0)
"""A star's image on the retina, 4 arcmin full width at half maximum, at least half a pixel."""
_LEAST_LEVEL_PX = 2


@dataclass(frozen=True)
class EyeSettings:
    """An eye before one picture: its state, noise and the seed of that noise."""

    state: EyeState
    noise: float
    seed: int


def level_count(size: tuple[int, int], f_px: float, acuity: float) -> int:
    """Levels below the picture that blur and adaptation need; at least one.

    Examples
    --------
    >>> level_count((960, 540), 748.0, 1.0)
    3
    """
    widest = max(float(blur_variance_px2(0.0, f_px, acuity)), (_ADAPTATION_RAD * f_px) ** 2)
    n = 1
    while level_variance_px2(n) < widest and min(size) >> n > _LEAST_LEVEL_PX:
        n += 1
    return n


class EyePass:
    """Targets and passes of the eye's view for pictures of one size and lens.

    Parameters
    ----------
    ctx, shaders
    lens
        Of the picture.
    acuity
        Factor on the normal acuity: with the lens it sets how wide the pyramid reaches.
    """

    def __init__(self, ctx: moderngl.Context, shaders: ShaderLibrary, lens: Lens, acuity: float) -> None:
        self._ctx = ctx
        self._shaders = shaders
        self._lens = lens
        size = (lens.width_px, lens.height_px)
        n = level_count(size, lens.f_px, acuity)
        self.picture = Target(ctx, size)
        self._stars = Target(ctx, size)
        self._noisy: Target | None = None
        self._levels: list[Target] = []
        self._seen: list[Target] = []
        for _ in range(n):
            size = (-(-size[0] // 2), -(-size[1] // 2))
            self._levels.append(Target(ctx, size, linear=True))
            self._seen.append(Target(ctx, size, linear=True))
        self._seen.pop().release()  # the widest level is used as it is
        wanted = (_ADAPTATION_RAD * lens.f_px) ** 2
        self._adaptation = min(range(1, n + 1), key=lambda i: abs(np.log(level_variance_px2(i) / wanted)))
        self._points = VertexStream(ctx, "4f 4f/i", "star_place", "star_irradiance")
        self._vertices: dict[moderngl.Program, moderngl.VertexArray] = {}

    def run(
        self,
        light: moderngl.Texture,
        sprites: StarSprites | None,
        settings: EyeSettings,
        cover: Callable[[Target], None] | None = None,
    ) -> moderngl.Texture:
        """The picture's texture, sRGB code values, of a light without stars (RGBA32F: linear Rec.709, scotopic).

        `cover` takes from a target of stars what something near hides.
        """
        state, lens = settings.state, self._lens
        if settings.noise > 0.0:
            light = self._with_noise(light, settings)
        source = light
        for level in self._levels:
            self._draw("eye_down", level, {"source": source}, {})
            source = level.texture
        adaptation = self._levels[self._adaptation - 1].texture
        shared: dict[str, object] = {
            "adaptation_px": 2.0**self._adaptation,
            "background": state.background_cd_m2,
            "blur_scale": float(np.radians(MTF_SIGMA_CYCLES) * lens.f_px / state.acuity),
        }
        wider = source
        for i in range(len(self._levels) - 1, 0, -1):
            textures = {"own": self._levels[i - 1].texture, "wider": wider, "adaptation": adaptation}
            uniforms = shared | {"texel_px": 2.0**i, "variances": (level_variance_px2(i), level_variance_px2(i + 1))}
            self._draw("eye_blur", self._seen[i - 1], textures, uniforms)
            wider = self._seen[i - 1].texture
        self._stars.use()
        if sprites is not None and len(sprites.x_px):
            self._draw_stars(sprites, adaptation, shared)
            if cover is not None:
                cover(self._stars)
        textures = {"light": light, "wider": wider, "stars": self._stars.texture, "adaptation": adaptation}
        roots = (float(np.cbrt(state.threshold_cd_m2)), float(np.cbrt(state.white_cd_m2)))
        shown = shared | {"variances": (0.0, level_variance_px2(1)), "roots": roots}
        self._draw("eye_show", self.picture, textures, shown)
        return self.picture.texture

    def _with_noise(self, light: moderngl.Texture, settings: EyeSettings) -> moderngl.Texture:
        if self._noisy is None:
            self._noisy = Target(self._ctx, light.size)
        events = ROD_EVENTS / self._lens.f_px**2
        uniforms: dict[str, object] = {"variance_per_light": settings.noise**2 / events, "seed": settings.seed}
        self._draw("eye_noise", self._noisy, {"source": light}, uniforms)
        return self._noisy.texture

    def _draw_stars(self, sprites: StarSprites, adaptation: moderngl.Texture, shared: dict[str, object]) -> None:
        lens, n = self._lens, len(sprites.x_px)
        rows = np.zeros((n, 8), np.float32)
        rows[:, 0], rows[:, 1] = sprites.x_px, sprites.y_px
        rows[:, 2] = lens.pixel_solid_angle_sr(sprites.x_px, sprites.y_px)
        rows[:, 4:] = sprites.irradiance
        program = self._shaders.program("passes/eye_stars")
        adaptation.use(0)
        uniforms = shared | {
            "adaptation": 0,
            "size_px": (float(lens.width_px), float(lens.height_px)),
            "sigma_px": max(float(_STAR_SIGMA_RAD * lens.f_px), 0.5),
            "fovea_sr": FOVEA_SR,
        }
        set_uniforms(program, uniforms)
        self._ctx.enable(moderngl.BLEND)
        self._ctx.blend_func = moderngl.ONE, moderngl.ONE
        self._points.render(program, rows.tobytes(), moderngl.TRIANGLE_STRIP, vertices=4, instances=n)
        self._ctx.disable(moderngl.BLEND)

    def _draw(
        self, name: str, target: Target, textures: dict[str, moderngl.Texture], uniforms: dict[str, object]
    ) -> None:
        program = self._shaders.program(f"passes/{name}")
        if program not in self._vertices:
            self._vertices[program] = self._ctx.vertex_array(program, [])
        samplers: dict[str, object] = {}
        for unit, (sampler, texture) in enumerate(textures.items()):
            texture.use(unit)
            samplers[sampler] = unit
        set_uniforms(program, uniforms | samplers)
        target.use(clear=False)
        self._vertices[program].render(mode=moderngl.TRIANGLES, vertices=3)

    def read_picture(self) -> NDArray[np.float32]:
        """(height, width, 3) float32 code values of the last picture, 0 to 1, row 0 at the top."""
        return self.picture.read()[..., :3]

    def release(self) -> None:
        """Free all targets and buffers; the programs belong to the shader library."""
        while self._vertices:
            self._vertices.popitem()[1].release()
        self._points.release()
        for target in (self.picture, self._stars, self._noisy, *self._levels, *self._seen):
            if target is not None:
                target.release()
