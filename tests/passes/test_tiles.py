"""Tiles of a picture: the pieces in which they are cut cover each of them once, and a grid's cover what is read."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from earthlimb.passes.mesh_grid import Grid
from earthlimb.passes.station_image import SHUT_PX
from earthlimb.passes.tiles import TILE_PX, cuts, tile_triangles
from earthlimb.physics.lens import Lens

SIZE = (330, 200)
ROWS, COLUMNS = 4, 6
"""Of tiles; the last ones reach beyond the picture."""


def drawn(corners: np.ndarray) -> np.ndarray:
    """(rows, columns): how often rectangles of triangles cover the middle of each SHUT_PX square of the picture."""
    x, y = (2.0 * (np.arange(side // SHUT_PX) + 0.5) * SHUT_PX / side - 1.0 for side in SIZE)
    count = np.zeros((len(y), len(x)), int)
    for pair in corners.reshape(-1, 6, 2):
        (x0, y0), (x1, y1) = pair.min(axis=0), pair.max(axis=0)
        count += ((x0 < x) & (x < x1)) & ((y0 < y) & (y < y1))[:, None]
    return count


def fine(tiles: np.ndarray) -> np.ndarray:
    return np.kron(tiles, np.ones((TILE_PX // SHUT_PX,) * 2, bool))[: SIZE[1] // SHUT_PX, : SIZE[0] // SHUT_PX]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 1.0])
def test_triangles_cover_set_tiles_once(share: float) -> None:
    tiles = np.random.default_rng(1).random((ROWS, COLUMNS)) < share
    assert np.array_equal(drawn(tile_triangles(tiles, SIZE)), fine(tiles).astype(int))
    whole = tile_triangles(np.ones((ROWS, COLUMNS), bool), SIZE)
    assert whole.shape == (6, 2)  # rows that agree share their rectangles


@pytest.mark.parametrize("seed", range(8))
def test_pieces_are_the_tiles_by_what_stands_before_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tiles, outer, near = rng.random((3, ROWS, COLUMNS)) < 0.6
    shut = rng.random((-(-SIZE[1] // SHUT_PX), -(-SIZE[0] // SHUT_PX))) < 0.4
    images = [SimpleNamespace(tiles=outer, shut=None), SimpleNamespace(tiles=near, shut=shut)]
    inside = shut[: SIZE[1] // SHUT_PX, : SIZE[0] // SHUT_PX]
    found = cuts(tiles, images, SIZE)  # type: ignore[arg-type]
    assert cuts(tiles.copy(), images, SIZE) is found  # type: ignore[arg-type]
    assert np.array_equal(sum(drawn(cut.corners) for cut in found), fine(tiles).astype(int))
    for cut in found:
        where = drawn(cut.corners) > 0
        for i, image in enumerate(images):
            assert (fine(image.tiles)[where] == (i in cut.images)).all()
        assert (inside[where] == cut.shut).all() or 1 not in cut.images
    outer[:] = ~outer
    assert cuts(tiles, images, SIZE) is not found  # type: ignore[arg-type]


@pytest.mark.parametrize("k1", [-0.1, 0.0, 0.05])
def test_every_place_of_a_pictures_tile_is_read_from_a_tile_of_the_grid(k1: float) -> None:
    lens = Lens(200.0, 160.0, 100.0, k1, *SIZE)
    rng = np.random.default_rng(4)
    tiles = rng.random((ROWS, COLUMNS)) < 0.15
    grid = Grid((-0.9, -0.6, 0.9, 0.6), (180, 120), 2.0, 6)
    behind = grid.tiles_behind(tiles, lens)
    assert behind.shape == (2, 3)
    x, y = rng.uniform(0.0, SIZE[0], 20_000), rng.uniform(0.0, SIZE[1], 20_000)
    chosen = tiles[(y // TILE_PX).astype(int), (x // TILE_PX).astype(int)]
    ray = lens.rays_cam(x[chosen], y[chosen])
    at = (ray[:, :2] / ray[:, 2:] - grid.rect[:2]) / np.array([1.8, 1.2]) * grid.cell_px
    for shift in (-0.5, 0.5):  # the filter's two points
        column, row = np.clip(np.floor(at + shift), 0, np.array(grid.cell_px) - 1).astype(int).T
        assert behind[row // TILE_PX, column // TILE_PX].all()
    alone = np.zeros((ROWS, COLUMNS), bool)
    alone[0, 0] = True
    assert grid.tiles_behind(alone, lens).sum() == 1 and not grid.tiles_behind(~np.ones_like(tiles), lens).any()
