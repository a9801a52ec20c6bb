"""The Earth window on the GPU: lights with mip levels, lamp colour, halo, pattern, slant table, albedo."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import moderngl
import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.gpu import texture_from
from earthlimb.gpu.shaders import set_uniforms
from earthlimb.physics.city_lights import HALO_FRACTION, halo
from earthlimb.physics.lights_filter import COARSE, MAX_LEVEL, pattern
from earthlimb.world.earth_maps import EarthWindow, lamp_classes, lamp_shares

SAMPLERS = ("earth_lights", "earth_tint", "earth_halo", "earth_slant", "earth_albedo", "earth_pattern")
"""Names of the samplers, in the order of their texture units."""
_COARSE_LEVEL = COARSE.bit_length() - 1  # the mip level whose texels are COARSE x COARSE means


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
        *,
        lights_factor: float = 1.0,
        halo_factor: float = 1.0,
    ) -> EarthTextures:
        """Upload a window; `release` frees it.

        Parameters
        ----------
        lamp_response : (n_classes, 4) response per nW cm-2 sr-1 of every class of `lamp_classes()`
        slant : (3, n, 4) from `earthlimb.physics.city_lights.slant_table`
        lights_factor, halo_factor : scene factors; the halo's share is not taken from the direct light
            unless it is 1
        """
        per_lamp = np.asarray(lamp_response, float)
        if per_lamp.shape != (len(lamp_classes()), 4):
            raise ValueError(f"lamp_response: shape {per_lamp.shape}: must be ({len(lamp_classes())}, 4)")
        tint = lamp_shares(window) @ per_lamp
        lights = texture_from(ctx, window.radiance_of_code.astype(np.float16)[window.code], linear=True)
        lights.build_mipmaps(0, MAX_LEVEL)
        lights.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        coarse = np.frombuffer(lights.read(level=_COARSE_LEVEL), np.float16).reshape(window.country.shape)
        scattered = halo(coarse[:, :, None] * tint, window.cos_lat)
        direct = tint * (lights_factor * (1.0 - HALO_FRACTION))
        textures = {
            "earth_lights": lights,
            "earth_tint": texture_from(ctx, direct.astype(np.float32), linear=True),
            "earth_halo": texture_from(
                ctx, (scattered * (lights_factor * halo_factor)).astype(np.float32), linear=True
            ),
            "earth_slant": texture_from(ctx, slant),
            "earth_albedo": texture_from(ctx, window.albedo_root, linear=True),
            "earth_pattern": _pattern_texture(ctx),
        }
        return cls(window, textures)

    def bind(self, program: moderngl.Program, first_unit: int = 0) -> int:
        """Attach the textures to units from `first_unit` on, set samplers, `earth_grid`, `earth_origin`.

        Returns the next free unit. Names that the program does not use are left out.
        """
        unit = first_unit
        for name in SAMPLERS:
            if name in program:
                self.textures[name].use(unit)
                set_uniforms(program, {name: unit})
                unit += 1
        set_uniforms(
            program,
            {
                "earth_grid": self.window.grid,
                "earth_origin": (float(self.window.col0), float(self.window.row0)),
            },
        )
        return unit

    def release(self) -> None:
        """Free the textures."""
        while self.textures:
            self.textures.popitem()[1].release()


@cache
def _pattern() -> NDArray[np.float32]:
    return pattern()


def _pattern_texture(ctx: moderngl.Context) -> moderngl.Texture:
    texture = texture_from(ctx, _pattern(), linear=True, repeat_x=True)
    texture.repeat_y = True
    texture.build_mipmaps()
    texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
    return texture
