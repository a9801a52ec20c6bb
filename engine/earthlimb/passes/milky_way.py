"""The Milky Way on the GPU: its tables, and the pass that draws it on a grid for the picture to read."""

from __future__ import annotations

from dataclasses import dataclass

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu import ShaderLibrary, Target, texture_from
from earthlimb.gpu.shaders import set_uniforms
from earthlimb.gpu.targets import off_power_of_two
from earthlimb.physics.milky_way import S10_RANGE, TRANSMISSION_STEP_KM, MilkyWay


@dataclass
class SkyTables:
    """Map, colours and limb transmission as textures; `release` frees them."""

    textures: dict[str, moderngl.Texture]

    @classmethod
    def upload(
        cls,
        ctx: moderngl.Context,
        milky_way: MilkyWay,
        colours: NDArray[np.float64],
        transmission: NDArray[np.float64],
    ) -> SkyTables:
        """Upload the tables of one response.

        Parameters
        ----------
        milky_way : MilkyWay
        colours : (n, 4)
            `physics.milky_way.colour_table`.
        transmission : (k, 4)
            `physics.milky_way.transmission_table`.
        """
        # Half floats, because a filter over bytes may round its result to a byte: steps of 2 % in the sky.
        codes = (np.arange(256) / 255.0).astype(np.float16)[milky_way.codes]
        return cls(
            {
                "sky_map": texture_from(ctx, codes, linear=True, repeat_x=True),
                "sky_colours": texture_from(ctx, colours[None].astype(np.float32)),
                "sky_limb": texture_from(ctx, transmission[None].astype(np.float32)),
            }
        )

    def bind(self, program: moderngl.Program, first_unit: int = 0) -> None:
        """Bind the three textures from `first_unit` on and set the uniforms of interface/sky.glsl."""
        for unit, (name, texture) in enumerate(self.textures.items(), start=first_unit):
            texture.use(unit)
            set_uniforms(program, {name: unit})
        set_uniforms(program, {"sky_s10_range": S10_RANGE, "sky_limb_step_km": TRANSMISSION_STEP_KM})

    def release(self) -> None:
        """Free the textures."""
        while self.textures:
            self.textures.popitem()[1].release()


def grid_step_px(f_px: float) -> int:
    """Picture pixels between grid points: about a texel of the map (0.18 deg), at most 16.

    Examples
    --------
    >>> grid_step_px(1000.0), grid_step_px(200.0)
    (4, 1)
    """
    return max(1, min(16, round(f_px * 1.3 * 2.0 * np.pi / 2048.0)))


class MilkyWayPass:
    """Draws the Milky Way behind the limb onto a grid; the frame block must be bound."""

    def __init__(self, ctx: moderngl.Context, shaders: ShaderLibrary) -> None:
        self._ctx = ctx
        self._program = shaders.program("passes/milky_way")
        self._vertices = ctx.vertex_array(self._program, [])
        self._target: Target | None = None
        self._step_px = 1

    def render(
        self, tables: SkyTables, size_px: tuple[int, int], step_px: int, factor: float = 1.0
    ) -> moderngl.Texture:
        """Draw for a picture of this size, brightened by a factor.

        Returns
        -------
        RGBA32F texture (ceil(height / step_px), ceil(width / step_px)) or one more, linear filter, response channels;
        its texel (i, j) is the place ((i + 0.5) step_px, (j + 0.5) step_px). The next call writes over it.
        """
        width, height = size_px
        columns, rows = -(-width // step_px), -(-height // step_px)
        size = (columns, rows) if step_px == 1 else (off_power_of_two(columns), off_power_of_two(rows))
        if self._target is None or self._target.size != size:
            if self._target is not None:
                self._target.release()
            self._target = Target(self._ctx, size, linear=True)
        self._step_px = step_px
        tables.bind(self._program)
        set_uniforms(self._program, {"step_px": float(step_px), "factor": factor})
        self._target.use(clear=False)
        self._vertices.render(vertices=3)
        return self._target.texture

    def use_texture(self, unit: int) -> None:
        """Attach the last drawn grid."""
        assert self._target is not None, "render first"
        self._target.texture.use(unit)

    def uniforms(self, unit: int) -> dict[str, object]:
        """Of a program that includes interface/sky_light.glsl, for the grid at a unit."""
        return {"sky_light": unit, "sky_step_px": float(self._step_px)}

    def release(self) -> None:
        """Free the grid and the vertex array; the program belongs to the shader library."""
        if self._target is not None:
            self._target.release()
            self._target = None
        self._vertices.release()
