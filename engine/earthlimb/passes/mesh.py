"""The station's facets on the GPU: seen from points of the lens's pupil, averaged, ready to be laid over the light.

A lens focused at infinity sees in one direction with its whole pupil, so a picture of near things is the mean of
sharp pictures from points of the pupil: that gives thin-lens blur, its occlusion and smooth edges at once. Blurred
things need few pixels: the grid is as coarse as the blur allows, and the views lie side by side in one target.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu import ShaderLibrary, Target
from earthlimb.gpu.shaders import set_uniforms
from earthlimb.passes.mesh_tiles import covered_tiles
from earthlimb.passes.station_image import StationImage
from earthlimb.passes.view import TILE_PX, tile_triangles
from earthlimb.physics.lens import Lens

Array = NDArray[np.float64]

PLANES_M = {"outer": (0.12, 400.0), "near": (0.015, 6.0)}
"""Nearest and farthest depth of each group; each has a depth buffer of its own."""
_TEXELS_PER_BLUR = 4.0
"""Grid points across the blur of the farther half of what is seen."""
_MAX_STEP_PX, _MAX_VIEWS = 16, 6
_VIEWS_PER_TEXEL = 1.0
"""Views of all the pupil over grid points across the blur: each view is a step of a blurred edge, the grid hides it."""
_VIEWS_PER_STEP = 1.0
"""Most views a side over pixels between grid points: one facet is shaded for a pixel of the picture, or fewer."""
_MAX_SIDE = 16384
_FACTOR = (moderngl.ZERO, moderngl.SRC_COLOR)
_SUM = (moderngl.ONE, moderngl.ONE)
_OVER = (moderngl.ONE, moderngl.SRC_ALPHA, moderngl.ZERO, moderngl.SRC_ALPHA)
"""How a target takes what is drawn: colours, then alpha."""


@dataclass(frozen=True)
class Grid:
    """How a group is drawn: its rectangle in tangents, pixels of the picture between grid points, views a side."""

    rect: tuple[float, float, float, float]
    cell_px: tuple[int, int]
    step_px: float
    views: int
    tiles: NDArray[np.bool_]
    """(rows, columns) of tiles of TILE_PX of the cell in which a facet may show."""


@lru_cache(maxsize=16)
def pupil_points(n: int, diameter_m: float) -> Array:
    """Points (n, 2) that fill a disc evenly (Vogel's spiral), their mean at the middle.

    Examples
    --------
    >>> points = pupil_points(16, 2.0)
    >>> bool(np.hypot(*points.T).max() < 1.0), bool(abs(points.mean()) < 1e-12)
    (True, True)
    """
    i = np.arange(n)
    radius = 0.5 * diameter_m * np.sqrt((i + 0.5) / n)
    angle = i * math.pi * (3.0 - math.sqrt(5.0))
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    points = np.asarray((points - points.mean(axis=0)) * 0.98)
    points.setflags(write=False)  # kept for the next call
    return points


def grid_for(corners_m: Array, rect: tuple[float, float, float, float], f_px: float, aperture_m: float) -> Grid:
    """The grid of a group of facets (n, 3, 3) in the camera's frame, in front of the eye at least in part.

    `rect` is what the picture shows, in tangents; the grid covers the part of it where facets may stand.
    """
    z = corners_m[..., 2]
    ahead = np.maximum(z, 0.02)
    blur = aperture_m / ahead
    t = corners_m[..., :2] / ahead[..., None]
    whole = (z < 0.05).any()  # a facet that reaches behind the eye may stand anywhere
    low = np.array(rect[:2]) if whole else np.maximum((t - blur[..., None]).min(axis=(0, 1)), rect[:2])
    high = np.array(rect[2:]) if whole else np.minimum((t + blur[..., None]).max(axis=(0, 1)), rect[2:])
    nearest_px = f_px * float(np.quantile(blur, 0.9))
    typical_px = f_px * float(np.median(blur))
    step = float(np.clip(math.floor(typical_px / _TEXELS_PER_BLUR), 1, _MAX_STEP_PX))
    views = int(np.clip(math.ceil(math.sqrt(_VIEWS_PER_TEXEL * nearest_px / step)), 2, _MAX_VIEWS))
    step = max(step, views / _VIEWS_PER_STEP)
    margin = 2.0 * step / f_px
    low, high = low - margin, high + margin
    size = np.ceil((high - low) * f_px / step).astype(int)
    too_large = float((size * views).max()) / _MAX_SIDE
    if too_large > 1.0:
        step *= too_large
        size = np.ceil((high - low) * f_px / step).astype(int)
    size = np.maximum(size, 1)
    high = low + size * step / f_px
    edges = [low[i] + (high - low)[i] * TILE_PX / size[i] * np.arange(-(-size[i] // TILE_PX) + 1) for i in (0, 1)]
    rays = np.stack(np.broadcast_arrays(edges[0], edges[1][:, None], 1.0), axis=-1)
    tiles = covered_tiles(corners_m, rays, 0.5 * aperture_m, margin)
    return Grid((low[0], low[1], high[0], high[1]), (int(size[0]), int(size[1])), step, views, tiles)


def tiles_for(corners_m: Array, lens: Lens, step_px: float, aperture_m: float) -> NDArray[np.bool_]:
    """Tiles (rows, columns) of TILE_PX of the picture in which facets (n, 3, 3) may show, drawn on a grid."""
    rows, columns = -(-lens.height_px // TILE_PX), -(-lens.width_px // TILE_PX)
    rays = lens.rays_cam(*np.meshgrid(np.arange(columns + 1.0) * TILE_PX, np.arange(rows + 1.0) * TILE_PX))
    return covered_tiles(corners_m, rays, 0.5 * aperture_m, (2.0 * step_px + 1.0) / lens.f_px)


class _Targets:
    """Views side by side with depth, and their mean, of one size."""

    def __init__(self, ctx: moderngl.Context, grid: Grid, channels: tuple[int, ...]) -> None:
        w, h = grid.cell_px
        size = (w * grid.views, h * grid.views)
        self.views = [ctx.texture(size, n, dtype="f2") for n in channels]
        self.depth = ctx.depth_renderbuffer(size)
        self.fbo = ctx.framebuffer(self.views, self.depth)
        self.means = [ctx.texture((w, h), n, dtype="f2") for n in channels]
        for texture in self.means:
            texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
            texture.repeat_x = texture.repeat_y = False
        for texture in self.views:
            texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self.mean_fbo = ctx.framebuffer(self.means)

    def release(self) -> None:
        for framebuffer in (self.fbo, self.mean_fbo):
            framebuffer.release()
        self.depth.release()
        for texture in (*self.views, *self.means):
            texture.release()


class MeshPass:
    """Draws groups of facets; what it returns is written over by the next call for the same group."""

    def __init__(self, ctx: moderngl.Context, shaders: ShaderLibrary) -> None:
        self._ctx, self._shaders = ctx, shaders
        self._kept: dict[str, tuple[object, _Targets]] = {}

    def render(
        self,
        group: str,
        corners_m: Array,
        radiance: Array,
        through: Array,
        grid: Grid,
        aperture_m: float,
        tiles: NDArray[np.bool_],
    ) -> StationImage:
        """Draw a group.

        Parameters
        ----------
        group : "outer" or "near"
        corners_m : (n, 3, 3), camera's frame
        radiance : (n, 3, 4) at each corner, in a response's unit
        through : (n, 3) share of the light behind that passes
        grid : Grid
        aperture_m : diameter of the pupil
        tiles : of the picture in which the group may show, see `tiles_for`
        """
        fourth = bool(radiance[..., 3].any())
        targets = self._targets(group, grid, (4, 1) if fourth else (4,))
        defines = {"FOURTH": 1} if fourth else {}
        facets, resolve = (self._shaders.program(f"passes/{name}", defines) for name in ("mesh", "mesh_resolve"))
        level = max(float(np.abs(radiance).max()), 1e-30)  # half floats hold the ratio, not the unit
        rows = np.concatenate([corners_m, radiance / level, through[..., None]], axis=-1).astype(np.float32)
        buffer = self._ctx.buffer(rows.tobytes())
        vertices = self._ctx.vertex_array(facets, [(buffer, "3f 4f 1f", "corner", "radiance", "through")])
        left, top, right, bottom = grid.rect
        w, h = grid.cell_px
        set_uniforms(
            facets,
            {
                "rect": (0.5 * (left + right), 0.5 * (top + bottom), 0.5 * (right - left), 0.5 * (bottom - top)),
                "planes": PLANES_M[group],
            },
        )
        targets.fbo.use()
        targets.fbo.viewport = (0, 0, w * grid.views, h * grid.views)
        targets.fbo.clear(depth=1.0)
        self._ctx.enable(moderngl.DEPTH_TEST)
        n = grid.views**2
        for i, point in enumerate(pupil_points(n, aperture_m)):
            column, row = i % grid.views, i // grid.views
            targets.fbo.viewport = (column * w, row * h, w, h)
            offset = (((i * 5 + 2) % n + 0.5) / n - 0.5, ((i * 7 + 3) % n + 0.5) / n - 0.5)
            jitter = (2.0 * offset[0] / w, 2.0 * offset[1] / h)
            set_uniforms(facets, {"pupil": tuple(point.tolist()), "jitter": jitter})
            vertices.render(moderngl.TRIANGLES)
        self._ctx.disable(moderngl.DEPTH_TEST)
        vertices.release()
        buffer.release()
        for unit, texture in enumerate(targets.views):
            texture.use(unit)
        set_uniforms(
            resolve,
            {"views_radiance": 0, "views_fourth": 1, "cell_px": (w, h), "cells": (grid.views, grid.views)},
        )
        targets.mean_fbo.use()
        targets.mean_fbo.clear(alpha=1.0)
        self._draw_tiles(resolve, grid.tiles, grid.cell_px)
        return StationImage(group, targets.means[0], targets.means[1] if fourth else None, grid.rect, level, tiles)

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
        if len(triangles) == 0:
            return
        buffer = self._ctx.buffer(triangles.tobytes())
        vertices = self._ctx.vertex_array(program, [(buffer, "2f", "corner")])
        vertices.render()
        vertices.release()
        buffer.release()

    def _targets(self, group: str, grid: Grid, channels: tuple[int, ...]) -> _Targets:
        key = (grid.cell_px, grid.views, channels)
        if group not in self._kept or self._kept[group][0] != key:
            if group in self._kept:
                self._kept.pop(group)[1].release()
            self._kept[group] = (key, _Targets(self._ctx, grid, channels))
        return self._kept[group][1]

    def release(self) -> None:
        """Free targets; the programs belong to the shader library."""
        while self._kept:
            self._kept.popitem()[1][1].release()
