"""The station's facets on the GPU: seen from points of the lens's pupil, averaged, ready to be laid over the light.

A lens focused at infinity sees in one direction with its whole pupil, so a picture of near things is the mean of
sharp pictures from points of the pupil: that gives thin-lens blur, its occlusion and smooth edges at once. Blurred
things need few pixels: the grid is as coarse as the blur allows, and the views lie side by side in one target.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu import ShaderLibrary, Target
from earthlimb.gpu.shaders import set_uniforms
from earthlimb.gpu.vertices import VertexStream
from earthlimb.passes.mesh_grid import Grid
from earthlimb.passes.pupil import pupil_views
from earthlimb.passes.station_image import StationImage
from earthlimb.passes.tiles import tile_triangles

Array = NDArray[np.float64]

PLANES_M = {"outer": (0.12, 400.0), "near": (0.015, 6.0)}
"""Nearest and farthest depth of each group; each has a depth buffer of its own."""
_CHANNELS = ("radiance", "fourth")
"""What the textures of a target hold, for the resolve's names."""
_FACTOR = (moderngl.ZERO, moderngl.SRC_COLOR)
_SUM = (moderngl.ONE, moderngl.ONE)
_OVER = (moderngl.ONE, moderngl.SRC_ALPHA, moderngl.ZERO, moderngl.SRC_ALPHA)
"""How a target takes what is drawn: colours, then alpha."""


class _Targets:
    """Views side by side with depth, the panes before the open parts, and the mean of all, of one size."""

    def __init__(self, ctx: moderngl.Context, grid: Grid, channels: tuple[int, ...], *, panes: bool) -> None:
        w, h = grid.cell_px
        columns, rows = grid.views_side
        size = (w * columns, h * rows)
        self.views = [ctx.texture(size, n, dtype="f2") for n in channels]
        self.depth = ctx.depth_renderbuffer(size)
        self.fbo = ctx.framebuffer(self.views, self.depth)
        self.panes = [ctx.texture((w, h), n, dtype="f2") for n in channels if panes]
        self.pane_fbo = ctx.framebuffer(self.panes) if panes else None
        self.means = [ctx.texture((w, h), n, dtype="f2") for n in channels]
        self.mean_fbo = ctx.framebuffer(self.means)
        for texture in (*self.views, *self.panes):
            texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        for texture in self.means:
            texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
            texture.repeat_x = texture.repeat_y = False

    def release(self) -> None:
        for framebuffer in (self.fbo, self.pane_fbo, self.mean_fbo):
            if framebuffer is not None:
                framebuffer.release()
        self.depth.release()
        for texture in (*self.views, *self.panes, *self.means):
            texture.release()


class MeshPass:
    """Draws groups of facets; what it returns is written over by the next call for the same group."""

    def __init__(self, ctx: moderngl.Context, shaders: ShaderLibrary) -> None:
        self._ctx, self._shaders = ctx, shaders
        self._kept: dict[str, tuple[object, _Targets]] = {}
        self._corners = VertexStream(ctx, "2f", "corner")

    def render(
        self,
        group: str,
        corners_m: Array,
        radiance: Array,
        through: Array,
        grid: Grid,
        aperture_m: float,
        tiles: NDArray[np.bool_],
        cell_tiles: NDArray[np.bool_],
    ) -> StationImage:
        """Draw a group: its opaque facets from the whole pupil, its glass once from the pupil's middle.

        Nothing that glass passes or mirrors has an edge narrower than the blur, and glass stands behind all that is
        opaque in its group and reaches a pupil's radius behind the frames.

        Parameters
        ----------
        group : "outer" or "near"
        corners_m : (n, 3, 3), camera's frame, the nearer facets first: what they hide need not be shaded
        radiance : (n, 3, 4) at each corner, in a response's unit
        through : (n, 3) share of the light behind that passes
        grid : Grid
        aperture_m : diameter of the pupil
        tiles : of the picture in which the group may show, see `tiles_for`
        cell_tiles : of the grid that are read there, see `Grid.tiles_behind`
        """
        fourth = bool(radiance[..., 3].any())
        glass = through.max(axis=1) > 0.0
        n_glass = int(glass.sum())
        n_opaque = len(corners_m) - n_glass
        targets = self._targets(group, grid, (4, 1) if fourth else (4,), panes=n_glass > 0)
        defines = {"FOURTH": 1} if fourth else {}
        facets = self._shaders.program("passes/mesh", defines)
        level = max(float(np.abs(radiance).max()), 1e-30)  # half floats hold the ratio, not the unit
        rows = np.concatenate([corners_m, radiance / level, through[..., None]], axis=-1).astype(np.float32)
        rows = np.concatenate([rows[~glass], rows[glass]]) if n_glass else rows
        buffer = self._ctx.buffer(rows.tobytes())
        vertices = self._ctx.vertex_array(facets, [(buffer, "3f 4f 1f", "corner", "radiance", "through")])
        left, top, right, bottom = grid.rect
        set_uniforms(
            facets,
            {
                "rect": (0.5 * (left + right), 0.5 * (top + bottom), 0.5 * (right - left), 0.5 * (bottom - top)),
                "planes": PLANES_M[group],
                "pupil": (0.0, 0.0),
                "jitter": (0.0, 0.0),
            },
        )
        if targets.pane_fbo is not None:
            targets.pane_fbo.use()
            targets.pane_fbo.clear()
            vertices.render(moderngl.TRIANGLES, vertices=3 * n_glass, first=3 * n_opaque)
        self._draw_views(targets, facets, vertices, grid, aperture_m, n_opaque)
        vertices.release()
        buffer.release()
        self._average(targets, grid, cell_tiles, defines)
        return StationImage(group, targets.means[0], targets.means[1] if fourth else None, grid.rect, level, tiles)

    def _draw_views(
        self,
        targets: _Targets,
        facets: moderngl.Program,
        vertices: moderngl.VertexArray,
        grid: Grid,
        aperture_m: float,
        n_opaque: int,
    ) -> None:
        """The first `n_opaque` facets from each point of the pupil."""
        w, h = grid.cell_px
        columns, _ = grid.views_side
        targets.fbo.use()
        targets.fbo.viewport = (0, 0, *targets.fbo.size)
        targets.fbo.clear(depth=1.0)
        self._ctx.enable(moderngl.DEPTH_TEST)
        points, shifts = pupil_views(grid.views, aperture_m)
        jitter = -2.0 * shifts / grid.cell_px  # a facet is seen shifted by minus the point of the pupil
        for i in range(grid.views if n_opaque else 0):
            targets.fbo.viewport = (i % columns * w, i // columns * h, w, h)
            set_uniforms(facets, {"pupil": tuple(points[i].tolist()), "jitter": tuple(jitter[i].tolist())})
            vertices.render(moderngl.TRIANGLES, vertices=3 * n_opaque)
        self._ctx.disable(moderngl.DEPTH_TEST)

    def _average(self, targets: _Targets, grid: Grid, cell_tiles: NDArray[np.bool_], defines: dict[str, int]) -> None:
        columns, rows = grid.views_side
        defines = defines | {"COLUMNS": columns, "ROWS": rows} | ({"PANES": 1} if targets.panes else {})
        resolve = self._shaders.program("passes/mesh_resolve", defines)
        textures = {f"views_{name}": one for name, one in zip(_CHANNELS, targets.views, strict=False)}
        textures |= {f"panes_{name}": one for name, one in zip(_CHANNELS, targets.panes, strict=False)}
        for unit, texture in enumerate(textures.values()):
            texture.use(unit)
        set_uniforms(resolve, {name: unit for unit, name in enumerate(textures)})
        targets.mean_fbo.use()
        targets.mean_fbo.clear(alpha=1.0)
        self._draw_tiles(resolve, cell_tiles, grid.cell_px)

    def cover(self, target: Target, images: Sequence[StationImage], *, light: bool) -> None:
        """Multiply a target (one or two textures) by what passes each image, then add its light where `light`.

        The frame block must be bound.
        """
        self._ctx.enable(moderngl.BLEND)
        target.use(clear=False)
        for image in images:
            steps: list[tuple[dict[str, int], Any]] = [({"PASSES": 1}, _FACTOR)]
            if light:
                steps = [({}, _OVER)] if image.fourth is None else [*steps, ({"FOURTH": 1}, _SUM)]
            for defines, blend in steps:
                program = self._shaders.program("passes/cover", defines)
                self._ctx.blend_func = blend
                image.bind(program)
                self._draw_tiles(program, image.tiles, target.size)
        self._ctx.disable(moderngl.BLEND)

    def _draw_tiles(self, program: moderngl.Program, tiles: NDArray[np.bool_], size_px: tuple[int, int]) -> None:
        triangles = tile_triangles(tiles, size_px)
        if len(triangles):
            self._corners.render(program, triangles.tobytes(), vertices=len(triangles))

    def _targets(self, group: str, grid: Grid, channels: tuple[int, ...], *, panes: bool) -> _Targets:
        key = (grid.cell_px, grid.views, channels, panes)
        if group not in self._kept or self._kept[group][0] != key:
            if group in self._kept:
                self._kept.pop(group)[1].release()
            self._kept[group] = (key, _Targets(self._ctx, grid, channels, panes=panes))
        return self._kept[group][1]

    def release(self) -> None:
        """Free targets and vertices; the programs belong to the shader library."""
        self._corners.release()
        while self._kept:
            self._kept.popitem()[1][1].release()
