"""The grid on which a group of the station's facets is drawn: how coarse, from how many points of the lens's pupil.

Blurred things need few pixels, so the grid is as coarse as the blur allows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earthlimb.passes.mesh_tiles import covered_tiles
from earthlimb.passes.pupil import VIEWS
from earthlimb.passes.tiles import TILE_PX
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
    tiles : (rows, columns) of tiles of TILE_PX of the cell in which a facet may show
    """

    rect: tuple[float, float, float, float]
    cell_px: tuple[int, int]
    step_px: float
    views: int
    tiles: NDArray[np.bool_]

    @property
    def views_side(self) -> tuple[int, int]:
        """Columns and rows of the views in their target."""
        columns = next(c for c in range(math.isqrt(self.views - 1) + 1, self.views + 1) if self.views % c == 0)
        return columns, self.views // columns


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
