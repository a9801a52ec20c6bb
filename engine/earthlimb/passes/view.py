"""The full-screen pass of everything smooth: airglow, Milky Way, city lights, surface; whole or one part alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu import ShaderLibrary, Target
from earthlimb.gpu.shaders import set_uniforms
from earthlimb.gpu.vertices import VertexStream
from earthlimb.passes.airglow import limb_map_uniforms
from earthlimb.passes.airglow_tables import AirglowTables
from earthlimb.passes.earth_textures import EarthTextures
from earthlimb.passes.milky_way import MilkyWayPass
from earthlimb.passes.station_image import StationImage, bind_station
from earthlimb.passes.tiles import cuts
from earthlimb.physics.limb_map import LimbMap

PARTS = ("AIRGLOW", "AIRGLOW_SIX", "MILKY_WAY", "LIGHTS", "SURFACE", "LIGHTS_PATTERN", "SWEPT")
"""Defines of passes/view.frag. LIGHTS_PATTERN refines LIGHTS below the map's resolution, SWEPT averages them along
the ground's motion."""

GROUND_PARTS = frozenset({"LIGHTS", "SURFACE"})
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
    ground: NDArray[np.bool_]
    """(rows, columns) of tiles of TILE_PX, from the upper left: whether the ground can be seen in a tile."""
    fine_lights: bool
    """Whether pixels are narrower than the lights map's texels, so that its pattern shows."""
    irradiance: tuple[float, float, float, float]
    """Of the ground by airglow and starlight, in the response's unit times sr."""
    light_factors: tuple[float, float] = (1.0, 1.0)
    """On the city lights' direct and scattered part."""
    path: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
    """How the ground goes past while the shutter is open, `ground_path`; None: it is drawn sharp."""
    station: Sequence[StationImage] = ()
    """What stands before everything, the farther first; its own light is added. Responses of three channels only."""

    def use_textures(self) -> None:
        """Attach the textures to their units."""
        for unit, texture in enumerate(self.limb_textures or ()):
            texture.use(unit)
        self.sky.use_texture(_SKY_UNIT)
        self.earth.use_textures(_EARTH_UNIT)

    @cached_property
    def uniforms(self) -> dict[str, object]:
        """Uniforms of passes/view.frag; those that a variant lacks are left out by `set_uniforms`."""
        limb = {} if self.limb_map is None else limb_map_uniforms(self.limb_map)
        return {
            **_LIMB_UNITS,
            **limb,
            **self.sky.uniforms(_SKY_UNIT),
            **self.earth.uniforms(_EARTH_UNIT),
            "earth_factors": self.light_factors,
            "earth_irradiance": self.irradiance,
        }


class ViewPass:
    """Draws the chosen parts, added up, into a float target; the frame block must be bound.

    A software rasteriser computes both sides of a branch, so a sky pixel would pay for the ground. The picture is
    therefore drawn in two sets of tiles: those where the ground can be seen run the whole program, the others one
    without the ground.
    """

    def __init__(self, ctx: moderngl.Context, shaders: ShaderLibrary) -> None:
        self._ctx = ctx
        self._shaders = shaders
        self._corners = VertexStream(ctx, "2f", "corner")

    def render(
        self,
        target: Target,
        parts: Collection[str],
        inputs: ViewInputs,
        tiles: NDArray[np.bool_] | None = None,
        *,
        share: float = 1.0,
        add: bool = False,
    ) -> None:
        """Write pixels of `target` (two textures for AIRGLOW_SIX).

        Parameters
        ----------
        parts : of PARTS
        tiles : (rows, columns) of the tiles to draw; None: all, the ground's parts only where there is ground
        share : factor on the light, such as that of an instant in an exposure
        add : add to what the target holds instead of writing over it
        """
        target.use(clear=False)
        if add:
            self._ctx.enable(moderngl.BLEND)
            self._ctx.blend_func = moderngl.ONE, moderngl.ONE
        inputs.use_textures()
        chosen = frozenset(parts)
        if tiles is None and chosen & GROUND_PARTS:
            self._draw(target, chosen, inputs, inputs.ground, share)
            self._draw(target, chosen - GROUND_PARTS, inputs, ~inputs.ground, share)
        else:
            everywhere = np.ones_like(inputs.ground) if tiles is None else tiles
            self._draw(target, chosen, inputs, everywhere, share)
        if add:
            self._ctx.disable(moderngl.BLEND)

    def _draw(
        self, target: Target, parts: frozenset[str], inputs: ViewInputs, tiles: NDArray[np.bool_], share: float
    ) -> None:
        """Draw in some tiles: the parts only where the station lets anything pass."""
        for cut in cuts(tiles, inputs.station, target.size):
            station = [inputs.station[i] for i in cut.images]
            program = self._program(frozenset() if cut.shut else parts, inputs, station, share)
            self._corners.render(program, cut.corners.tobytes(), vertices=len(cut.corners))

    def _program(
        self, parts: frozenset[str], inputs: ViewInputs, station: Sequence[StationImage], share: float
    ) -> moderngl.Program:
        """The program that draws these parts behind these images, with its uniforms set."""
        defines = {part: 1 for part in PARTS if part in parts}
        uniforms = inputs.uniforms
        if station:
            defines["STATION"] = len(station)
        if "LIGHTS" in parts and inputs.fine_lights:
            defines["LIGHTS_PATTERN"] = 1
        if "LIGHTS" in parts and inputs.path is not None:
            defines["SWEPT"] = 1
            turn, shift = inputs.path
            columns = tuple(turn.T.ravel().tolist())  # as GLSL holds a matrix
            uniforms = uniforms | {"ground_turn": columns, "ground_shift": tuple(shift.tolist())}
        if share != 1.0:
            defines["SHARE"] = 1
            uniforms = uniforms | {"share": share}
        program = self._shaders.program("passes/view", defines)
        set_uniforms(program, uniforms)
        bind_station(program, station)
        return program

    def copy(self, target: Target, light: Target, share: float, *, add: bool) -> None:
        """Write or add another picture of the same size times a share, as many textures as the target has."""
        program = self._shaders.program("passes/copy", {"SECOND": 1} if len(target.textures) > 1 else {})
        for unit, texture in enumerate(light.textures):
            texture.use(unit)
        set_uniforms(program, {"first": 0, "second": 1, "share": share})
        target.use(clear=False)
        if add:
            self._ctx.enable(moderngl.BLEND)
            self._ctx.blend_func = moderngl.ONE, moderngl.ONE
        vertices = self._ctx.vertex_array(program, [])
        vertices.render(vertices=3)
        vertices.release()
        self._ctx.disable(moderngl.BLEND)

    def release(self) -> None:
        """Free the vertices; the programs belong to the shader library."""
        self._corners.release()
