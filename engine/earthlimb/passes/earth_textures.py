"""The Earth window on the GPU: lights with mip levels, lamp colour, halo, pattern, slant table, albedo."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import moderngl
import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.gpu import texture_from
from earthlimb.gpu.mip_levels import mip_levels, upload_levels
from earthlimb.gpu.targets import Steps, finished, sliced_texture
from earthlimb.physics.city_lights import HALO_FRACTION, halo
from earthlimb.physics.lights_filter import COARSE, MAX_LEVEL, pattern
from earthlimb.world.earth_maps import EarthWindow, lamp_classes, lamp_shares, sea_root

SAMPLERS = ("earth_lights", "earth_tint", "earth_halo", "earth_slant", "earth_albedo", "earth_pattern")
"""Names of the samplers, in the order of their texture units."""
_ALBEDO_TEXELS = 2
_COARSE_LEVEL = COARSE.bit_length() - 1  # the mip level whose texels are COARSE x COARSE means


@dataclass(frozen=True, eq=False)
class EarthArrays:
    """A window's maps in one response, computed and ready to be uploaded; needs no GL.

    Attributes
    ----------
    window : EarthWindow
    lights : float16 radiance, nW cm-2 sr-1; all that shines fades at the window's edges, beyond which it is dark
    levels : its mip levels from 1 to MAX_LEVEL
    direct, halo : (rows, columns, 4) float32 response per radiance, and of the scattered light
    """

    window: EarthWindow
    lights: NDArray[np.float16]
    levels: tuple[NDArray[np.float16], ...]
    direct: NDArray[np.float32]
    halo: NDArray[np.float32]

    @classmethod
    def of(cls, window: EarthWindow, per_lamp: NDArray[np.float64]) -> EarthArrays:
        """Compute them; the arguments are those of `EarthTextures.upload`."""
        tint = lamp_shares(window) @ per_lamp
        lights = window.radiance_of_code.astype(np.float16)[window.code]
        levels = mip_levels(lights, MAX_LEVEL)
        coarse = levels[_COARSE_LEVEL - 1]
        scattered = halo(coarse[:, :, None] * tint, window.cos_lat)
        direct = tint * (1.0 - HALO_FRACTION)
        for level, array in enumerate((lights, *levels)):
            window.fade(array, 2**level)
        window.fade(scattered, COARSE)
        return cls(window, lights, levels, direct.astype(np.float32), scattered.astype(np.float32))


@dataclass
class EarthTextures:
    """What `ground_lights` and `surface_light` read.

    Attributes
    ----------
    window : EarthWindow
        What is loaded; ask `window.covers(...)` before reuse.
    textures : by the names of SAMPLERS
    """

    window: EarthWindow
    textures: dict[str, moderngl.Texture]

    @classmethod
    def upload(
        cls,
        ctx: moderngl.Context,
        window: EarthWindow,
        lamp_response: ArrayLike,
        slant: NDArray[np.float32],
    ) -> EarthTextures:
        """Upload a window; `release` frees it.

        Parameters
        ----------
        lamp_response : (n_classes, 4) response per nW cm-2 sr-1 of every class of `lamp_classes()`
        slant : (3, n, 4) from `earthlimb.physics.city_lights.slant_table`
        """
        shares = np.asarray(lamp_response, float)
        if shares.shape != (len(lamp_classes()), 4):
            raise ValueError(f"lamp_response: shape {shares.shape}: must be ({len(lamp_classes())}, 4)")
        return cls.of_arrays(ctx, EarthArrays.of(window, shares), slant)

    @classmethod
    def of_arrays(cls, ctx: moderngl.Context, arrays: EarthArrays, slant: NDArray[np.float32]) -> EarthTextures:
        """Upload what `EarthArrays.of` has computed, perhaps in another thread."""
        return finished(cls.steps(ctx, arrays, slant))

    @classmethod
    def steps(cls, ctx: moderngl.Context, arrays: EarthArrays, slant: NDArray[np.float32]) -> Steps[EarthTextures]:
        """As `of_arrays`, a piece at a time."""
        lights = yield from sliced_texture(ctx, arrays.lights)
        yield from upload_levels(ctx, lights, arrays.levels)
        albedo = arrays.window.albedo_root.copy()
        arrays.window.fade(albedo, _ALBEDO_TEXELS, sea_root())
        textures = {
            "earth_lights": lights,
            "earth_tint": (yield from sliced_texture(ctx, arrays.direct)),
            "earth_halo": (yield from sliced_texture(ctx, arrays.halo)),
            "earth_slant": texture_from(ctx, slant),
            "earth_albedo": (yield from sliced_texture(ctx, albedo)),
            "earth_pattern": (yield from _pattern_texture(ctx)),
        }
        return cls(arrays.window, textures)

    def use_textures(self, first_unit: int = 0) -> None:
        """Attach the textures to units from `first_unit` on."""
        for unit, name in enumerate(SAMPLERS, start=first_unit):
            self.textures[name].use(unit)

    def uniforms(self, first_unit: int = 0) -> dict[str, object]:
        """Samplers of the units from `first_unit` on, and where the maps lie."""
        grid, origin = self.window.grid, (float(self.window.col0), float(self.window.row0))
        samplers = {name: unit for unit, name in enumerate(SAMPLERS, start=first_unit)}
        return {**samplers, "earth_grid": grid, "earth_origin": origin}

    def release(self) -> None:
        """Free the textures."""
        while self.textures:
            self.textures.popitem()[1].release()


@cache
def pattern_levels() -> tuple[NDArray[np.float32], ...]:
    """The pattern and all its mip levels, made once."""
    base = pattern()
    return base, *mip_levels(base, len(base).bit_length() - 1)


def _pattern_texture(ctx: moderngl.Context) -> Steps[moderngl.Texture]:
    base, *levels = pattern_levels()
    texture = texture_from(ctx, base, linear=True, repeat_x=True)
    texture.repeat_y = True
    yield
    yield from upload_levels(ctx, texture, levels)
    return texture
