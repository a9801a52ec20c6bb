"""Light to picture on the GPU: halo, electrons with noise, development; each step can be read back."""

from __future__ import annotations

from typing import Literal

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu import GpuContext, ShaderLibrary, Target
from earthlimb.gpu.shaders import set_uniforms
from earthlimb.gpu.timers import PassTimer
from earthlimb.sensor.pattern import PatternTextures
from earthlimb.sensor.settings import SensorSettings, halo_levels

FOCUS_REACH_PX = 8.0
"""Widest disc of blur, radius, that is drawn at the picture's own size: 230 fetches a pixel."""
LEAST_BLUR_PX = 0.3
"""Radius below which a disc is narrower than a pixel's own box."""


class SensorPipeline:
    """The sensor's passes for pictures of one size.

    Parameters
    ----------
    gpu, library
        Context and shader loader; the pipeline's targets are its own and freed by `release`.
    size
        Width and height of the picture, px.
    picture_dtype
        "f1": 8 bits a channel; "f4": float32 code values 0 to 1, for 16-bit files.
    """

    def __init__(
        self,
        gpu: GpuContext,
        library: ShaderLibrary,
        size: tuple[int, int],
        picture_dtype: Literal["f1", "f4"] = "f1",
    ) -> None:
        ctx = gpu.ctx
        self._ctx = ctx
        self._library = library
        self._vertices: dict[moderngl.Program, moderngl.VertexArray] = {}
        self.size = size
        self._electrons: Target | None = None
        self.picture = Target(ctx, size, dtype=picture_dtype)
        self._down: list[Target] = []
        self._up: list[Target] = []
        level = size
        for i in range(halo_levels(*size)):
            step = 2 if i else 4
            level = (-(-level[0] // step), -(-level[1] // step))
            self._down.append(Target(ctx, level, linear=True))
            self._up.append(Target(ctx, level, linear=True))
        self._up.pop().release()  # the widest level is used as it is
        self._pattern = PatternTextures(ctx, size)
        self._extra: dict[str, Target] = {}

    def _draw(
        self,
        name: str,
        target: Target,
        textures: dict[str, moderngl.Texture],
        uniforms: dict[str, object],
        defines: dict[str, object] | None = None,
    ) -> None:
        program = self._library.program(f"passes/{name}", defines)
        if program not in self._vertices:
            self._vertices[program] = self._ctx.vertex_array(program, [])
        for unit, (sampler, texture) in enumerate(textures.items()):
            texture.use(unit)
            uniforms[sampler] = unit
        set_uniforms(program, uniforms)
        target.use(clear=False)
        self._vertices[program].render(mode=moderngl.TRIANGLES, vertices=3)

    def _target(self, name: str, size: tuple[int, int], *, linear: bool = False) -> Target:
        """A float target that only some exposures need."""
        if name in self._extra and self._extra[name].size != size:
            self._extra.pop(name).release()
        if name not in self._extra:
            self._extra[name] = Target(self._ctx, size, linear=linear)
        return self._extra[name]

    def _focused(self, light: moderngl.Texture, settings: SensorSettings) -> moderngl.Texture:
        """The light behind the lens as it is focused: discs wider than FOCUS_REACH_PX are made at a smaller size."""
        radius = settings.blur_radius_px
        if radius < LEAST_BLUR_PX:
            return light
        stride = max(int(np.ceil(radius / FOCUS_REACH_PX)), 1)
        if stride > 1:
            small = (-(-self.size[0] // stride), -(-self.size[1] // stride))
            down = self._target("focus_down", small)
            self._draw("sensor_focus_down", down, {"light": light}, {"stride": stride})
            light, radius = down.texture, radius / stride
        disc = self._target("focus_disc", light.size, linear=True)
        reach = int(np.ceil(radius + 0.5))
        self._draw("sensor_focus", disc, {"light": light}, {"radius_px": radius, "reach": reach})
        if stride == 1:
            return disc.texture
        up = self._target("focus_up", self.size)
        self._draw("sensor_focus_up", up, {"light": disc.texture}, {"stride": float(stride)})
        return up.texture

    def _halo(self, light: moderngl.Texture, weights: tuple[float, ...]) -> moderngl.Texture:
        """Sum over the levels of weight times blurred light, at a quarter of the picture's size."""
        source = light
        for i, target in enumerate(self._down):
            self._draw("sensor_halo_down", target, {"source": source}, {}, {"FIRST": 1} if i == 0 else {})
            source = target.texture
        wider, wider_weight = source, weights[-1]
        for i in range(len(self._up) - 1, -1, -1):
            self._draw(
                "sensor_halo_up",
                self._up[i],
                {"own": self._down[i].texture, "wider": wider},
                {"own_weight": weights[i], "wider_weight": wider_weight},
            )
            wider, wider_weight = self._up[i].texture, 1.0
        return wider

    def _exposure(
        self, light: moderngl.Texture, settings: SensorSettings
    ) -> tuple[dict[str, moderngl.Texture], dict[str, object], dict[str, object]]:
        """Textures, uniforms and defines of interface/exposure.glsl; draws the halo's pyramid."""
        light = self._focused(light, settings)
        textures, uniforms, defines = self._pattern.inputs(settings)
        textures["light"] = light
        if not settings.noise:
            defines["NOISELESS"] = 1
        if settings.mosaic:
            defines["MOSAIC"] = 1
        uniforms |= {
            "electrons_per_radiance": _by_channel(settings, settings.electrons_per_radiance),
            "read_variance_e2": _by_channel(settings, settings.read_noise_e**2),
            "saturation_e": _by_channel(settings, settings.saturation_e),
            "seed": settings.seed,
            **_lens(settings),
        }
        share = sum(settings.halo_weights)
        if share > 0.0:
            textures["halo"] = self._halo(light, settings.halo_weights)
            defines["HALO"] = 1
            # a pyramid of one level has no step up that would have applied its weight
            uniforms |= {"core_weight": 1.0 - share, "halo_weight": 1.0 if self._up else share}
        return textures, uniforms, defines

    def expose(self, light: moderngl.Texture, settings: SensorSettings) -> moderngl.Texture:
        """Noisy electrons of a picture of light (RGBA32F in the units of the camera's response)."""
        if self._electrons is None:
            self._electrons = Target(self._ctx, self.size)
        self._draw("sensor_expose", self._electrons, *self._exposure(light, settings))
        return self._electrons.texture

    def run(
        self, light: moderngl.Texture, settings: SensorSettings, timer: PassTimer | None = None
    ) -> moderngl.Texture:
        """Expose and develop in one pass; the picture's texture in sRGB code values."""
        timed = timer or PassTimer(self._ctx)
        if settings.mosaic:
            with timed("sensor"):
                return self.develop(self.expose(light, settings), settings)
        with timed("halo"):
            textures, uniforms, defines = self._exposure(light, settings)
        with timed("sensor"):
            uniforms |= _development(settings)
            defines |= {"EXPOSE": 1} | _development_defines(settings)
            self._draw("sensor_develop", self.picture, textures, uniforms, defines)
        return self.picture.texture

    def stack(self, light: moderngl.Texture, settings: SensorSettings, n: int) -> moderngl.Texture:
        """Expose number n, from 1 on, of a stack and develop the mean of its electrons so far."""
        total, mean = self._target("stack", self.size), self._target("stack_mean", self.size)
        electrons = self.expose(light, settings)
        if n > 1:
            self._ctx.enable(moderngl.BLEND)
            self._ctx.blend_func = moderngl.ONE, moderngl.ONE
        self._draw("copy", total, {"first": electrons}, {"share": 1.0})
        self._ctx.disable(moderngl.BLEND)
        self._draw("copy", mean, {"first": total.texture}, {"share": 1.0 / n})
        return self.develop(mean.texture, settings)

    def develop(self, electrons: moderngl.Texture, settings: SensorSettings) -> moderngl.Texture:
        """The picture of electrons that exist already."""
        defines = _development_defines(settings)
        uniforms = _development(settings) | _lens(settings)
        if settings.mosaic:
            whole = self._target("demosaic", self.size)
            self._draw("sensor_demosaic", whole, {"electrons": electrons}, {"balance": settings.gain})
            electrons = whole.texture
        self._draw("sensor_develop", self.picture, {"electrons": electrons}, uniforms, defines)
        return self.picture.texture

    def read_electrons(self) -> NDArray[np.float32]:
        """(height, width, 3) float32 electrons that the last `expose` drew, row 0 at the top."""
        assert self._electrons is not None, "read_electrons: nothing was exposed: call expose first"
        return self._electrons.read()[..., :3]

    def thinned_electrons(self, every: int) -> moderngl.Texture:
        """Those of every n-th row and column, the first included; written over by the next call."""
        assert self._electrons is not None, "thinned_electrons: nothing was exposed: call expose first"
        few = self._target("few", (-(-self.size[0] // every), -(-self.size[1] // every)))
        self._draw("copy", few, {"first": self._electrons.texture}, {"share": 1.0, "every": every}, {"EVERY": 1})
        return few.texture

    def read_picture(self) -> NDArray[np.uint8] | NDArray[np.float32]:
        """(height, width, 3) of the last picture, row 0 at the top: uint8, or float32 code values 0 to 1."""
        if self.picture.texture.dtype == "f4":
            return self.picture.read()[..., :3]
        width, height = self.size
        flat = np.frombuffer(self.picture.texture.read(alignment=1), np.uint8)
        return flat.reshape(height, width, 4)[..., :3]

    def release(self) -> None:
        """Free all targets."""
        for vertices in self._vertices.values():
            vertices.release()
        self._vertices.clear()
        self._pattern.release()
        for target in (self._electrons, self.picture, *self._down, *self._up, *self._extra.values()):
            if target is not None:
                target.release()


def _lens(settings: SensorSettings) -> dict[str, object]:
    """Uniforms of `vignetting`."""
    return {
        "lens": settings.lens,
        "barrel": (settings.mechanical_ev, (settings.lens[0] / settings.half_diagonal_px) ** 2),
    }


def _by_channel(settings: SensorSettings, value: float) -> tuple[float, ...]:
    """A pixel's number for the photosites that count in each channel."""
    return tuple(share * value for share in settings.channel_share)


def _development_defines(settings: SensorSettings) -> dict[str, object]:
    """Defines of passes/sensor_develop."""
    defines: dict[str, object] = {"LENS_CORRECTION": 1} if settings.lens_correction else {}
    return defines if settings.tone == "neutral" else defines | {f"TONE_{settings.tone.upper()}": 1}


def _development(settings: SensorSettings) -> dict[str, object]:
    """Uniforms of `develop_linear`."""
    full = _by_channel(settings, settings.saturation_e)
    return {
        "to_raw": tuple(g / e for g, e in zip(settings.gain, full, strict=True)),
        "raw_step": (settings.electrons_per_dn, 1.0 / settings.electrons_per_dn),
        "level": 2.0**settings.ev,
        "matrix": tuple(np.asarray(settings.matrix).T.ravel().tolist()),  # GLSL holds columns
    }
