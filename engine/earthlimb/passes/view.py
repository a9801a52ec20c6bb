"""The full-screen pass of everything smooth: airglow, Milky Way, city lights, surface; whole or one part alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu import ShaderLibrary, Target
from earthlimb.gpu.shaders import set_uniforms
from earthlimb.passes.airglow import AirglowTables, limb_map_uniforms
from earthlimb.passes.earth_textures import EarthTextures
from earthlimb.passes.mesh import StationImage, station_tiles
from earthlimb.passes.milky_way import MilkyWayPass
from earthlimb.physics.limb_map import LimbMap

STATION = ("STATION_OUTER", "STATION_NEAR")
"""Defines by which the station hides what is behind it; CUPOLA is its own light."""
PARTS = ("AIRGLOW", "AIRGLOW_SIX", "MILKY_WAY", "LIGHTS", "SURFACE", "LIGHTS_PATTERN", "CUPOLA", *STATION)
"""Defines of passes/view.frag. LIGHTS_PATTERN refines LIGHTS below the map's resolution."""

TILE_PX = 64
"""Side of a tile: llvmpipe's own tiles, so that none of them is shaded in pieces."""
_GROUND = frozenset({"LIGHTS", "SURFACE"})
_LIMB_UNITS = {"limb_first": 0, "limb_second": 1}
_SKY_UNIT = 2
_EARTH_UNIT = 3
_STATION_UNIT = 10


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
    station: tuple[StationImage, ...] = ()
    """What stands before the lens; nothing of the world passes it unhidden."""


class ViewPass:
    """Draws the chosen parts, added up, into a float target; the frame block must be bound.

    A software rasteriser computes both sides of a branch, so a sky pixel would pay for the ground. The picture is
    therefore drawn in two sets of tiles: those where the ground can be seen run the whole program, the others one
    without the ground.
    """

    def __init__(self, ctx: moderngl.Context, shaders: ShaderLibrary) -> None:
        self._ctx = ctx
        self._shaders = shaders

    def render(self, target: Target, parts: Collection[str], inputs: ViewInputs) -> None:
        """Write every pixel of `target` (two textures for AIRGLOW_SIX)."""
        target.use(clear=False)
        chosen = set(parts)
        sky = chosen - _GROUND
        ground = chosen | ({"LIGHTS_PATTERN"} if "LIGHTS" in chosen and inputs.fine_lights else set())
        grounded = inputs.ground if chosen & _GROUND else np.zeros_like(inputs.ground)
        before = station_tiles(inputs.station, inputs.ground.shape)
        for hides in sorted({frozenset(), *before}, key=sorted):
            tiles = before.get(hides, ~np.logical_or.reduce([np.zeros_like(grounded), *before.values()]))
            self._draw(ground | hides, inputs, _triangles(grounded & tiles, target.size))
            self._draw((sky if hides else sky - {"CUPOLA"}) | hides, inputs, _triangles(~grounded & tiles, target.size))

    def _draw(self, parts: Collection[str], inputs: ViewInputs, triangles: NDArray[np.float32]) -> None:
        if len(triangles) == 0:
            return
        program = self._shaders.program("passes/view", {part: 1 for part in PARTS if part in parts})
        if inputs.limb_map is not None and inputs.limb_textures is not None:
            for unit, texture in enumerate(inputs.limb_textures):
                texture.use(unit)
            set_uniforms(program, {**_LIMB_UNITS, **limb_map_uniforms(inputs.limb_map)})
        if "MILKY_WAY" in parts:
            inputs.sky.bind(program, _SKY_UNIT)
        inputs.earth.bind(program, _EARTH_UNIT)
        for i, image in enumerate(inputs.station):
            image.bind(program, _STATION_UNIT + 2 * i)
        set_uniforms(program, {"earth_irradiance": inputs.irradiance})
        buffer = self._ctx.buffer(triangles.tobytes())
        vertices = self._ctx.vertex_array(program, [(buffer, "2f", "corner")])
        vertices.render()
        vertices.release()
        buffer.release()

    def add(self, target: Target, light: moderngl.Texture) -> None:
        """Add another picture of the same size, pixel by pixel."""
        program = self._shaders.program("passes/copy")
        light.use(0)
        set_uniforms(program, {"source": 0})
        target.use(clear=False)
        self._ctx.enable(moderngl.BLEND)
        self._ctx.blend_func = moderngl.ONE, moderngl.ONE
        vertices = self._ctx.vertex_array(program, [])
        vertices.render(vertices=3)
        vertices.release()
        self._ctx.disable(moderngl.BLEND)


def _triangles(tiles: NDArray[np.bool_], size_px: tuple[int, int]) -> NDArray[np.float32]:
    """Two triangles for each rectangle of set tiles, (n, 2) in normalised device coordinates.

    Row 0 is the top of the picture, which lies at y = -1 (see passes/fullscreen.vert). Rows that agree share their
    rectangles; the last ones may reach beyond the picture.
    """
    corners: list[tuple[float, float]] = []
    step = 2.0 * TILE_PX / np.array(size_px, float)
    starts = [0, *(np.flatnonzero((tiles[1:] != tiles[:-1]).any(axis=1)) + 1)]
    for top, bottom in zip(starts, [*starts[1:], len(tiles)], strict=True):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], tiles[top].astype(np.int8), [0]])))
        for left, right in edges.reshape(-1, 2):
            x0, x1, y0, y1 = left * step[0] - 1.0, right * step[0] - 1.0, top * step[1] - 1.0, bottom * step[1] - 1.0
            corners += [(x0, y0), (x1, y0), (x1, y1), (x0, y0), (x1, y1), (x0, y1)]
    return np.array(corners, np.float32).reshape(-1, 2)
