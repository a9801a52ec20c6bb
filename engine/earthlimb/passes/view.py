"""The full-screen pass of everything smooth: airglow, Milky Way, city lights, surface; whole or one part alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu import ShaderLibrary, Target
from earthlimb.gpu.shaders import set_uniforms
from earthlimb.passes.airglow import AirglowTables, limb_map_uniforms
from earthlimb.passes.earth_textures import EarthTextures
from earthlimb.passes.milky_way import MilkyWayPass
from earthlimb.passes.station_image import SHUT_PX, StationImage, bind_station, shown_in
from earthlimb.physics.limb_map import LimbMap

PARTS = ("AIRGLOW", "AIRGLOW_SIX", "MILKY_WAY", "LIGHTS", "SURFACE", "LIGHTS_PATTERN", "SWEPT")
"""Defines of passes/view.frag. LIGHTS_PATTERN refines LIGHTS below the map's resolution, SWEPT averages them along
the ground's motion."""

TILE_PX = 64
"""Side of a tile: llvmpipe's own tiles, so that none of them is shaded in pieces."""
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
    path: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
    """How the ground goes past while the shutter is open, `ground_path`; None: it is drawn sharp."""
    station: Sequence[StationImage] = ()
    """What stands before everything, the farther first; its own light is added. Responses of three channels only."""


class ViewPass:
    """Draws the chosen parts, added up, into a float target; the frame block must be bound.

    A software rasteriser computes both sides of a branch, so a sky pixel would pay for the ground. The picture is
    therefore drawn in two sets of tiles: those where the ground can be seen run the whole program, the others one
    without the ground.
    """

    def __init__(self, ctx: moderngl.Context, shaders: ShaderLibrary) -> None:
        self._ctx = ctx
        self._shaders = shaders

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
        chosen = set(parts)
        if tiles is None and chosen & GROUND_PARTS:
            self._draw(target, chosen, inputs, inputs.ground, share)
            self._draw(target, chosen - GROUND_PARTS, inputs, ~inputs.ground, share)
        else:
            everywhere = np.ones_like(inputs.ground) if tiles is None else tiles
            self._draw(target, chosen, inputs, everywhere, share)
        if add:
            self._ctx.disable(moderngl.BLEND)

    def _draw(
        self, target: Target, parts: Collection[str], inputs: ViewInputs, tiles: NDArray[np.bool_], share: float
    ) -> None:
        for some, where in shown_in(inputs.station, tiles):
            station = [inputs.station[i] for i in some]
            for seen, triangles in _behind(parts, station, where, target.size):
                if len(triangles):
                    self._draw_behind(seen, inputs, station, triangles, share)

    def _draw_behind(
        self,
        parts: Collection[str],
        inputs: ViewInputs,
        station: Sequence[StationImage],
        triangles: NDArray[np.float32],
        share: float,
    ) -> None:
        defines = {part: 1 for part in PARTS if part in parts}
        if station:
            defines["STATION"] = len(station)
        if "LIGHTS" in parts and inputs.fine_lights:
            defines["LIGHTS_PATTERN"] = 1
        if "LIGHTS" in parts and inputs.path is not None:
            defines["SWEPT"] = 1
        if share != 1.0:
            defines["SHARE"] = 1
        program = self._shaders.program("passes/view", defines)
        if share != 1.0:
            set_uniforms(program, {"share": share})
        if inputs.limb_map is not None and inputs.limb_textures is not None:
            for unit, texture in enumerate(inputs.limb_textures):
                texture.use(unit)
            set_uniforms(program, {**_LIMB_UNITS, **limb_map_uniforms(inputs.limb_map)})
        if "MILKY_WAY" in parts:
            inputs.sky.bind(program, _SKY_UNIT)
        bind_station(program, station)
        inputs.earth.bind(program, _EARTH_UNIT)
        set_uniforms(program, {"earth_irradiance": inputs.irradiance})
        if "SWEPT" in defines and inputs.path is not None:
            turn, shift = inputs.path
            columns = tuple(turn.T.ravel().tolist())  # as GLSL holds a matrix
            set_uniforms(program, {"ground_turn": columns, "ground_shift": tuple(shift.tolist())})
        buffer = self._ctx.buffer(triangles.tobytes())
        vertices = self._ctx.vertex_array(program, [(buffer, "2f", "corner")])
        vertices.render()
        vertices.release()
        buffer.release()

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


def _behind(
    parts: Collection[str], station: Sequence[StationImage], tiles: NDArray[np.bool_], size_px: tuple[int, int]
) -> list[tuple[Collection[str], NDArray[np.float32]]]:
    """Triangles of tiles with the parts that must be drawn in them: none behind frames that nothing passes."""
    shut = station[-1].shut if station else None
    if shut is None:
        return [(parts, tile_triangles(tiles, size_px))]
    per_tile = TILE_PX // SHUT_PX
    rows, columns = shut.shape
    fine = np.repeat(np.repeat(tiles, per_tile, axis=0), per_tile, axis=1)[:rows, :columns]
    return [
        (parts, tile_triangles(fine & ~shut, size_px, SHUT_PX)),
        ((), tile_triangles(fine & shut, size_px, SHUT_PX)),
    ]


def tile_triangles(tiles: NDArray[np.bool_], size_px: tuple[int, int], tile_px: int = TILE_PX) -> NDArray[np.float32]:
    """Two triangles for each rectangle of set tiles, (n, 2) in normalised device coordinates.

    Row 0 is the top of the picture, which lies at y = -1 (see passes/fullscreen.vert). Rows that agree share their
    rectangles; the last ones may reach beyond the picture.
    """
    corners: list[tuple[float, float]] = []
    step_x, step_y = (2.0 * tile_px / size for size in size_px)
    starts = [0, *(np.flatnonzero((tiles[1:] != tiles[:-1]).any(axis=1)) + 1).tolist()]
    for top, bottom in zip(starts, [*starts[1:], len(tiles)], strict=True):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], tiles[top].astype(np.int8), [0]]))).tolist()
        y0, y1 = top * step_y - 1.0, bottom * step_y - 1.0
        for left, right in zip(edges[::2], edges[1::2], strict=True):
            x0, x1 = left * step_x - 1.0, right * step_x - 1.0
            corners += [(x0, y0), (x1, y0), (x1, y1), (x0, y0), (x1, y1), (x0, y1)]
    return np.array(corners, np.float32).reshape(-1, 2)
