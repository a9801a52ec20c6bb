"""The grid on which a group of the station's facets is drawn: how coarse, from how many points of the lens's pupil.

Blurred things need few pixels, so the grid is as coarse as the blur allows.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu.targets import off_power_of_two
from earthlimb.passes.mesh_tiles import covered_tiles
from earthlimb.passes.pupil import VIEWS
from earthlimb.passes.tiles import TILE_PX, n_tiles
from earthlimb.physics.lens import Lens

Array = NDArray[np.float64]

_TEXELS_PER_BLUR = 4.0
"""Grid points across the blur of the farther half of what is seen."""
_MAX_STEP_PX = 16
_MAX_SIDE = 16384


@dataclass(frozen=True)
class Grid:
    """How a group is drawn.

    Attributes
    ----------
    rect : what it shows, in tangents: left, top, right, bottom
    cell_px : grid points across and down
    step_px : pixels of the picture between grid points
    views : how many views, of `pupil.VIEWS`
    """

    rect: tuple[float, float, float, float]
    cell_px: tuple[int, int]
    step_px: float
    views: int

    @property
    def views_side(self) -> tuple[int, int]:
        """Columns and rows of the views in their target."""
        columns = next(c for c in range(math.isqrt(self.views - 1) + 1, self.views + 1) if self.views % c == 0)
        return columns, self.views // columns

    def tiles_behind(self, tiles: NDArray[np.bool_], lens: Lens) -> NDArray[np.bool_]:
        """Tiles (rows, columns) of TILE_PX of the cell that a picture reads in its own tiles.

        Grid points lie two of its pixels apart or more, so that a tile of the picture reaches over four of the cell's
        at most; its filter reads a point beyond.
        """
        low, high = np.array(self.rect[:2]), np.array(self.rect[2:])
        rays = tile_rays(lens)
        at = (rays[..., :2] / rays[..., 2:] - low) / (high - low) * self.cell_px
        corners = np.stack([at[:-1, :-1], at[:-1, 1:], at[1:, :-1], at[1:, 1:]])[:, tiles]
        out = np.zeros(n_tiles(self.cell_px), bool)
        ends = [(end // TILE_PX).astype(int) for end in (corners.min(axis=0) - 2.0, corners.max(axis=0) + 2.0)]
        for columns, rows in itertools.product(*([end[:, i] for end in ends] for i in (0, 1))):
            out[np.clip(rows, 0, out.shape[0] - 1), np.clip(columns, 0, out.shape[1] - 1)] = True
        return out


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
    widths = np.sort(blur, axis=None)
    typical_px, nearest_px = f_px * np.interp([0.5, 0.9], np.linspace(0.0, 1.0, len(widths)), widths)
    step = float(np.clip(math.floor(typical_px / _TEXELS_PER_BLUR), 1, _MAX_STEP_PX))
    # each view is a step of a blurred edge: as fine as the grid across the blur of what is near
    across = int(np.clip(math.ceil(math.sqrt(nearest_px / step)), 2, len(VIEWS) + 1))
    views = VIEWS[across - 2]
    step = max(step, float(across))
    margin = 2.0 * step / f_px
    low, high = low - margin, high + margin
    size = np.ceil((high - low) * f_px / step).astype(int)
    too_large = float(size.max() * len(VIEWS)) / _MAX_SIDE
    if too_large > 1.0:
        step *= too_large
        size = np.ceil((high - low) * f_px / step).astype(int)
    size = np.array([off_power_of_two(max(int(side), 1)) for side in size])
    high = low + size * step / f_px
    return Grid((*low.tolist(), *high.tolist()), (int(size[0]), int(size[1])), step, views)


def tiles_for(corners_m: Array, lens: Lens, step_px: float, aperture_m: float) -> NDArray[np.bool_]:
    """Tiles (rows, columns) of TILE_PX of the picture in which facets (n, 3, 3) may show, drawn on a grid."""
    return covered_tiles(corners_m, tile_rays(lens), 0.5 * aperture_m, (2.0 * step_px + 1.0) / lens.f_px)


def tile_rays(lens: Lens, tile_px: int = TILE_PX) -> Array:
    """Unit rays (rows + 1, columns + 1, 3) along the corners of the tiles of a picture."""
    rows, columns = -(-lens.height_px // tile_px), -(-lens.width_px // tile_px)
    return lens.grid_rays((0.0, columns * tile_px, columns + 1), (0.0, rows * tile_px, rows + 1))
