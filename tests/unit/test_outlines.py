"""Outlines before the eye: what lies wholly behind one, or cannot be seen through one, from any point of the pupil."""

from __future__ import annotations

import numpy as np
import pytest

from earthlimb.world.outlines import Outline, missed

SIDE, TANGENT = 24, 0.8


def tile_rays() -> np.ndarray:
    t = np.linspace(-TANGENT, TANGENT, SIDE + 1)
    rays = np.stack(np.broadcast_arrays(t, t[:, None], 1.0), axis=-1)
    return np.asarray(rays / np.linalg.norm(rays, axis=-1, keepdims=True))


def passes(loop: np.ndarray, at: np.ndarray, ray: np.ndarray) -> np.ndarray:
    """Whether rays (n, 3) from points (n, 3) go through a convex polygon."""
    a, b = loop - at[:, None], np.roll(loop, -1, axis=0) - at[:, None]
    side = np.einsum("nkj,nj->nk", np.cross(a, b), ray)
    return np.asarray((side >= 0.0).all(axis=1) | (side <= 0.0).all(axis=1))


@pytest.mark.parametrize("seed", range(30))
def test_no_point_of_the_pupil_contradicts_a_tile(seed: int) -> None:
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0.0, 2.0 * np.pi, 7))
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    flat = rng.uniform(0.1, 0.6) * np.stack([np.cos(angle), np.sin(angle), 0.0 * angle], 1)
    loop = flat @ turn.T + [*rng.uniform(-0.2, 0.2, 2), 0.5]
    outline = Outline.of(loop, 0.01)
    if outline is None:
        return  # the eye lies too near the plane
    within, touched = outline.tiles(tile_rays(), 0.0)
    assert not (within & ~touched).any()
    n = 40_000
    tangent = rng.uniform(-TANGENT, TANGENT, (n, 2))
    ray = np.concatenate([tangent, np.ones((n, 1))], axis=1)
    radius, around = 0.01 * np.sqrt(rng.random(n)), 2.0 * np.pi * rng.random(n)
    at = np.stack([radius * np.cos(around), radius * np.sin(around), 0.0 * radius], 1)
    through = passes(loop, at, ray)
    column, row = np.floor((tangent + TANGENT) / (2.0 * TANGENT) * SIDE).astype(int).T
    assert through[within[row, column]].all()
    assert not through[~touched[row, column]].any()


@pytest.mark.parametrize("seed", range(10))
def test_a_facet_that_is_missed_is_seen_from_no_point_of_the_pupil(seed: int) -> None:
    rng = np.random.default_rng(seed)
    square = np.array([[-0.3, -0.2, 0.6], [0.3, -0.3, 0.5], [0.3, 0.3, 0.5], [-0.3, 0.2, 0.6]])
    outline = Outline.of(square, 0.02)
    assert outline is not None
    corners = rng.normal(0.0, 2.0, (400, 1, 3)) + rng.normal(0.0, 0.4, (400, 3, 3)) + [0.0, 0.0, 4.0]
    missed = outline.misses(corners)
    assert 0.05 < missed.mean() < 0.95
    weight = rng.dirichlet(np.ones(3), (400, 200))
    at = rng.uniform(-0.014, 0.014, (400, 200, 3)) * [1.0, 1.0, 0.0]
    ray = np.einsum("fnk,fkj->fnj", weight, corners) - at
    through = passes(square, at.reshape(-1, 3), ray.reshape(-1, 3)).reshape(400, 200)
    assert not (through & (ray[..., 2] > 0.0))[missed].any()


def test_a_square_ahead_holds_and_misses_the_tiles_that_it_should() -> None:
    square = np.array([[-0.4, -0.4, 1.0], [0.4, -0.4, 1.0], [0.4, 0.4, 1.0], [-0.4, 0.4, 1.0]])
    outline = Outline.of(square, 0.001)
    assert outline is not None
    within, touched = outline.tiles(tile_rays(), 0.001)
    assert within.sum() == 10 * 10 and touched.sum() == 14 * 14  # 12 tiles across, one less and one more on each side
    assert Outline.of(square - [0.0, 0.0, 1.0], 0.001) is None


def test_several_outlines_are_made_and_asked_as_one_by_one() -> None:
    rng = np.random.default_rng(2)
    angle = np.linspace(0.0, 2.0 * np.pi, 5, endpoint=False)
    flat = 0.3 * np.stack([np.cos(angle), np.sin(angle), 0.0 * angle], 1)
    loops = flat + np.concatenate([rng.uniform(-0.5, 0.5, (6, 1, 2)), rng.uniform(0.01, 0.8, (6, 1, 1))], axis=2)
    loops[3, :, 2] = 0.005
    together = Outline.of_all(loops, 0.01)
    assert [one is None for one in together] == [Outline.of(loop, 0.01) is None for loop in loops]
    assert together[3] is None
    outlines = [one for one in together if one is not None]
    corners = rng.normal(0.0, 2.0, (200, 3, 3)) + np.array([0.0, 0.0, 4.0])
    found, wider = missed(outlines, corners), missed(outlines, corners, 0.1)
    assert found.shape == (5, 200) and 0.05 < wider.mean() < found.mean() < 0.95
    for i, outline in enumerate(outlines):
        assert np.array_equal(outline.misses(corners), found[i])
        assert np.array_equal(missed([outline], corners, 0.1)[0], wider[i])
