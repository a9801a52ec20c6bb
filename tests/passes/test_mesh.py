"""The station's facets: which tiles they reach, and how wide a near edge is out of focus."""

from __future__ import annotations

import numpy as np
import pytest

from earthlimb.passes.mesh import MeshPass
from earthlimb.passes.mesh_grid import grid_for
from earthlimb.passes.mesh_tiles import covered_tiles
from earthlimb.passes.pupil import VIEWS, pupil_views
from earthlimb.renderer import Renderer

SIDE = 16
TANGENT = 0.8


def tile_rays() -> np.ndarray:
    t = np.linspace(-TANGENT, TANGENT, SIDE + 1)
    return np.stack(np.broadcast_arrays(t, t[:, None], 1.0), axis=-1)


@pytest.mark.parametrize("seed", range(40))
def test_every_point_of_a_facet_lies_in_a_covered_tile(seed: int) -> None:
    """From every point of the pupil, also where the facet reaches behind the eye."""
    rng = np.random.default_rng(seed)
    corners = rng.normal(0.0, 1.0, (1, 3, 3)) * rng.choice([0.1, 1.0, 5.0]) + [0.0, 0.0, rng.uniform(0.0, 3.0)]
    tiles = covered_tiles(corners, tile_rays(), 0.02, 0.0)
    share = rng.dirichlet(np.ones(3), 4000)
    points = (share @ corners[0])[:, None] - np.pad(pupil_views(16, 0.04)[0], ((0, 0), (0, 1)))
    points = points[points[..., 2] > 1e-6]
    at = np.floor((points[:, :2] / points[:, 2:] / TANGENT + 1.0) * 0.5 * SIDE).astype(int)
    column, row = at[((at >= 0) & (at < SIDE)).all(axis=1)].T
    assert tiles[row, column].all()


def test_a_small_far_facet_covers_its_tile_alone() -> None:
    t = np.array([[0.02, 0.02], [0.08, 0.02], [0.02, 0.08]])
    corners = 30.0 * np.pad(t, ((0, 0), (0, 1)), constant_values=1.0)[None]
    tiles = covered_tiles(corners, tile_rays(), 0.01, 0.001)
    assert tiles.sum() == 1 and tiles[SIDE // 2, SIDE // 2]


@pytest.mark.parametrize(
    ("focal_mm", "f_number", "distance_m"), [(24.0, 1.4, 0.25), (58.0, 0.95, 1.0), (50.0, 4.0, 0.3)]
)
def test_a_near_edge_is_as_wide_as_its_circle_of_confusion(focal_mm: float, f_number: float, distance_m: float) -> None:
    """c = f^2 / (N d) on the sensor, focus at infinity: an edge's slope has the deviation of a disc, c / 4."""
    f_px = 1280.0 * focal_mm / 36.0
    aperture_m = 1e-3 * focal_mm / f_number
    wide = 2.0 * distance_m
    corners = np.array(
        [
            [[0.0, -wide, 0.0], [wide, -wide, 0.0], [wide, wide, 0.0]],
            [[0.0, -wide, 0.0], [wide, wide, 0.0], [0.0, wide, 0.0]],
        ]
    )
    corners[..., 2] = distance_m
    rect = (-640.0 / f_px, -360.0 / f_px, 640.0 / f_px, 360.0 / f_px)
    grid = grid_for(corners, rect, f_px, aperture_m)
    deviations = []
    with Renderer(size=(64, 64)) as renderer, renderer.gpu.use():
        mesh = MeshPass(renderer.ctx, renderer.shaders)
        for shift in np.arange(8.0) / 8.0:  # few views: the width depends on where the edge lies between grid points
            moved = corners + np.array([shift * grid.step_px / f_px * distance_m, 0.0, 0.0])
            tiles = np.ones((1, 1), bool), np.ones((64, 64), bool)
            image = mesh.render("near", moved, np.ones((2, 3, 4)), np.zeros((2, 3)), grid, aperture_m, *tiles)
            width, height = image.radiance.size
            alpha = np.frombuffer(image.radiance.read(alignment=1), np.float16).reshape(height, width, 4)[..., 3]
            profile = alpha[height // 4 : -height // 4].astype(float).mean(axis=0)
            slope = -np.diff(profile)
            x_px = grid.step_px * np.arange(len(slope))
            assert np.isclose(slope.sum(), 1.0, atol=1e-3)
            deviations.append(np.sqrt((slope * x_px**2).sum() - (slope * x_px).sum() ** 2))
        mesh.release()
    circle_px = focal_mm**2 / f_number / (1e3 * distance_m) * 1280.0 / 36.0
    assert np.isclose(4.0 * np.mean(deviations), circle_px, rtol=0.05)
    assert np.allclose(4.0 * np.array(deviations), circle_px, rtol=0.25)


def spiral(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Vogel's spiral in a disc of radius 1, and a lattice of shifts."""
    i = np.arange(n)
    points = np.sqrt((i + 0.5) / n) * np.stack([np.cos(i * 2.39996323), np.sin(i * 2.39996323)])
    return points.T, np.stack([((i * 5 + 2) % n + 0.5) / n, ((i * 7 + 3) % n + 0.5) / n], 1) - 0.5


def edge_errors(points: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Deviation of the share of views beyond an edge from the area of disc and cell beyond it, for radii in cells."""
    rng = np.random.default_rng(0)
    radius, turn, cells = np.sqrt(rng.random(20000)), 2.0 * np.pi * rng.random(20000), rng.random((20000, 2)) - 0.5
    disc = radius[:, None] * np.stack([np.cos(turn), np.sin(turn)], 1)
    across = np.linspace(0.0, np.pi, 14, endpoint=False)
    ways = np.stack([np.cos(across), np.sin(across)])
    errors = []
    for cells_in_radius in (0.0, 1.0, 2.0, 5.0):
        edges = np.linspace(-1.0, 1.0, 41) * (cells_in_radius + 0.7)
        views = (cells_in_radius * points + shifts) @ ways
        truth = np.sort((cells_in_radius * disc + cells) @ ways, axis=0)
        area = np.stack([np.searchsorted(column, edges) for column in truth.T]) / len(truth)
        errors.append(((views[:, :, None] < edges).mean(axis=0) - area).std())
    return np.array(errors)


@pytest.mark.parametrize("n", VIEWS)
def test_views_are_as_even_as_half_again_as_many_of_a_spiral(n: int) -> None:
    errors = edge_errors(*pupil_views(n, 2.0))
    assert (errors < 0.2 / np.sqrt(n) ** 1.2).all(), errors
    assert errors.max() < edge_errors(*spiral(3 * n // 2)).max()
