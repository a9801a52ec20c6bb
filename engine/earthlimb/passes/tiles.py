"""Tiles of a picture: cut by what of the station may show in them, and as triangles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from earthlimb.passes.station_image import SHUT_PX, StationImage

Tiles = NDArray[np.bool_]
"""(rows, columns), from the upper left."""

TILE_PX = 64
"""Side of a tile: llvmpipe's own tiles, so that none of them is shaded in pieces."""


@dataclass(frozen=True)
class Cut:
    """Tiles that are drawn alike.

    Attributes
    ----------
    images : indices of the station's images that may show in them
    shut : nothing passes the station there
    corners : (n, 2) float32, see `tile_triangles`
    """

    images: tuple[int, ...]
    shut: bool
    corners: NDArray[np.float32]


def n_tiles(size_px: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of tiles of TILE_PX that cover a picture of a width and height."""
    width, height = size_px
    return -(-height // TILE_PX), -(-width // TILE_PX)


def all_tiles(size_px: tuple[int, int]) -> Tiles:
    """Every tile of a picture."""
    return np.ones(n_tiles(size_px), bool)


_Mask = tuple[tuple[int, int], bytes]


def _mask(tiles: Tiles) -> _Mask:
    rows, columns = tiles.shape
    return (rows, columns), tiles.tobytes()


def _tiles(mask: _Mask) -> Tiles:
    return np.frombuffer(mask[1], bool).reshape(mask[0])


def cuts(tiles: Tiles, images: Sequence[StationImage], size_px: tuple[int, int]) -> tuple[Cut, ...]:
    """Tiles of TILE_PX divided by the images, the farther first, that may show in them; kept for pictures in turn."""
    shut = images[-1].shut if images else None
    shown = tuple(_mask(image.tiles) for image in images)
    return _cuts(_mask(tiles), shown, None if shut is None else _mask(shut), size_px)


@lru_cache(maxsize=16)
def _cuts(tiles: _Mask, shown: tuple[_Mask, ...], shut: _Mask | None, size_px: tuple[int, int]) -> tuple[Cut, ...]:
    parts: list[tuple[tuple[int, ...], Tiles]] = [((), _tiles(tiles))]
    for i, mask in enumerate(shown):
        own = _tiles(mask)
        parts = [part for some, t in parts for part in ((some, t & ~own), ((*some, i), t & own))]
    found = []
    for some, t in parts:
        if shut is None or len(shown) - 1 not in some:
            found.append(Cut(some, False, tile_triangles(t, size_px)))
            continue
        behind, per_tile = _tiles(shut), TILE_PX // SHUT_PX
        rows, columns = behind.shape
        fine = np.repeat(np.repeat(t, per_tile, axis=0), per_tile, axis=1)[:rows, :columns]
        found.append(Cut(some, False, tile_triangles(fine & ~behind, size_px, SHUT_PX)))
        found.append(Cut(some, True, tile_triangles(fine & behind, size_px, SHUT_PX)))
    return tuple(cut for cut in found if len(cut.corners))


def tile_triangles(tiles: Tiles, size_px: tuple[int, int], tile_px: int = TILE_PX) -> NDArray[np.float32]:
    """Two triangles for each rectangle of set tiles, (n, 2) in normalised device coordinates.

    Row 0 is the top of the picture, which lies at y = -1 (see passes/fullscreen.vert). Rows that agree share their
    rectangles; the last ones may reach beyond the picture.
    """
    if not tiles.any():
        return np.zeros((0, 2), np.float32)
    rows, columns = tiles.shape
    starts = np.concatenate([[0], np.flatnonzero((tiles[1:] != tiles[:-1]).any(axis=1)) + 1, [rows]])
    padded = np.zeros((len(starts) - 1, columns + 2), np.int8)
    padded[:, 1:-1] = tiles[starts[:-1]]
    edges = padded[:, 1:] - padded[:, :-1]
    row, left = np.nonzero(edges > 0)
    right = np.nonzero(edges < 0)[1]
    step_x, step_y = (2.0 * tile_px / size for size in size_px)
    x0, x1 = left * step_x - 1.0, right * step_x - 1.0
    y0, y1 = starts[row] * step_y - 1.0, starts[row + 1] * step_y - 1.0
    corners = np.stack([x0, y0, x1, y0, x1, y1, x0, y0, x1, y1, x0, y1], axis=-1)
    return corners.astype(np.float32).reshape(-1, 2)
