"""The station's facets: which tiles they reach, and how wide a near edge is out of focus."""

from __future__ import annotations

import numpy as np
import pytest

from earthlimb.passes.mesh import MeshPass
from earthlimb.passes.mesh_grid import grid_for, pupil_points
from earthlimb.passes.mesh_tiles import covered_tiles
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
    points = (share @ corners[0])[:, None] - np.pad(pupil_points(16, 0.04), ((0, 0), (0, 1)))
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
    with Renderer(size=(64, 64)) as renderer:
        mesh = MeshPass(renderer.ctx, renderer.shaders)
        grid = grid_for(corners, rect, f_px, aperture_m)
        tiles = np.ones((1, 1), bool)
        image = mesh.render("near", corners, np.ones((2, 3, 4)), np.zeros((2, 3)), grid, aperture_m, tiles)
        width, height = image.radiance.size
        alpha = np.frombuffer(image.radiance.read(alignment=1), np.float16).reshape(height, width, 4)[..., 3]
        mesh.release()
    profile = alpha[height // 4 : -height // 4].astype(float).mean(axis=0)
    slope = -np.diff(profile)
    x_px = grid.step_px * np.arange(len(slope))
    assert np.isclose(slope.sum(), 1.0, atol=1e-3)
    deviation = np.sqrt((slope * x_px**2).sum() - (slope * x_px).sum() ** 2)
    circle_px = focal_mm**2 / f_number / (1e3 * distance_m) * 1280.0 / 36.0
    assert np.isclose(4.0 * deviation, circle_px, rtol=0.1)
