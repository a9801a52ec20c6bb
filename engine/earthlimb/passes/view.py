"""The full-screen pass of everything smooth: airglow, Milky Way, city lights, surface; whole or one part alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import moderngl

from earthlimb.gpu import ShaderLibrary, Target
from earthlimb.gpu.shaders import set_uniforms
from earthlimb.passes.airglow import AirglowTables, limb_map_uniforms
from earthlimb.passes.earth_textures import EarthTextures
from earthlimb.passes.milky_way import MilkyWayPass
from earthlimb.physics.limb_map import LimbMap

PARTS = ("AIRGLOW", "AIRGLOW_SIX", "MILKY_WAY", "LIGHTS", "SURFACE", "LIGHTS_PATTERN")
"""Defines of passes/view.frag. LIGHTS_PATTERN refines LIGHTS below the map's resolution."""

_LIMB_UNITS = {"limb_first": 0, "limb_second": 1}
_SKY_UNIT = 2
_EARTH_UNIT = 3


@dataclass(frozen=True)
class ViewInputs:
    """What the pass reads; a part whose input is None cannot be drawn."""

    tables: AirglowTables
    limb_map: LimbMap | None
    limb_textures: tuple[moderngl.Texture, moderngl.Texture] | None
    sky: MilkyWayPass
    earth: EarthTextures
    fine_lights: bool
    """Whether pixels are narrower than the lights map's texels, so that its pattern shows."""
    irradiance: tuple[float, float, float, float]
    """Of the ground by airglow and starlight, in the response's unit times sr."""


class ViewPass:
    """Draws the chosen parts, added up, into a float target; the frame block must be bound."""

    def __init__(self, ctx: moderngl.Context, shaders: ShaderLibrary) -> None:
        self._ctx = ctx
        self._shaders = shaders
        self._vertices: dict[moderngl.Program, moderngl.VertexArray] = {}

    def render(self, target: Target, parts: Collection[str], inputs: ViewInputs) -> None:
        """Write every pixel of `target` (two textures for AIRGLOW_SIX)."""
        chosen = set(parts) | ({"LIGHTS_PATTERN"} if "LIGHTS" in parts and inputs.fine_lights else set())
        program = self._shaders.program("passes/view", {part: 1 for part in PARTS if part in chosen})
        if inputs.limb_map is not None and inputs.limb_textures is not None:
            for unit, texture in enumerate(inputs.limb_textures):
                texture.use(unit)
            set_uniforms(program, {**_LIMB_UNITS, **limb_map_uniforms(inputs.limb_map)})
        if "MILKY_WAY" in parts:
            inputs.sky.bind(program, _SKY_UNIT)
        inputs.earth.bind(program, _EARTH_UNIT)
        set_uniforms(program, {"earth_irradiance": inputs.irradiance})
        target.use(clear=False)
        if program not in self._vertices:
            self._vertices[program] = self._ctx.vertex_array(program, [])
        self._vertices[program].render(vertices=3)

    def add(self, target: Target, light: moderngl.Texture) -> None:
        """Add another picture of the same size, pixel by pixel."""
        program = self._shaders.program("passes/copy")
        light.use(0)
        set_uniforms(program, {"source": 0})
        target.use(clear=False)
        self._ctx.enable(moderngl.BLEND)
        self._ctx.blend_func = moderngl.ONE, moderngl.ONE
        if program not in self._vertices:
            self._vertices[program] = self._ctx.vertex_array(program, [])
        self._vertices[program].render(vertices=3)
        self._ctx.disable(moderngl.BLEND)

    def release(self) -> None:
        """Free the vertex arrays; the programs belong to the shader library."""
        while self._vertices:
            self._vertices.popitem()[1].release()
