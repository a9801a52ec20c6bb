"""The lens: contract formula by hand, round trips, folds, sizes and solid angles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earthlimb.physics.lens import Lens

SOLVED = Lens(793.7664339511981, 500.5, 333.0, 0.04965142986084833, 1000, 665)
ROUND_TRIP_PX = 1e-9 * 1000.0  # 1e-9 of the picture's size


def test_ray_is_the_contract_formula() -> None:
    lens = Lens(800.0, 400.0, 300.0, 0.1, 800, 600)
    u, v = (640.5 - 400.0) / 800.0, (100.5 - 300.0) / 800.0
    g = 1.0 + 0.1 * (u * u + v * v)
    by_hand = np.array([u * g, v * g, 1.0]) / np.sqrt((u * g) ** 2 + (v * g) ** 2 + 1.0)
    np.testing.assert_allclose(lens.rays_cam(640.5, 100.5), by_hand, atol=1e-15)


@settings(max_examples=200, deadline=None)
@given(
    f=st.floats(50.0, 20000.0),
    k1=st.floats(-0.08, 0.4) | st.sampled_from([0.0, 1e-14, -1e-14, 1e-300]),
    fx=st.floats(0.0, 1.0),
    fy=st.floats(0.0, 1.0),
)
def test_round_trip(f: float, k1: float, fx: float, fy: float) -> None:
    lens = Lens(f, 501.0, 332.0, k1, 1000, 665)
    x, y = fx * 1000.0, fy * 665.0
    r = np.hypot(x - 501.0, y - 332.0) / f
    if k1 < 0.0 and r > 0.98 * np.sqrt(-1.0 / (3.0 * k1)):
        return  # at and beyond the fold two places share a ray
    x2, y2, has_image = lens.project(lens.rays_cam(x, y))
    assert has_image
    tight = ROUND_TRIP_PX * max(1.0, r * r)  # a ray at the far edge of 90 degrees keeps fewer digits
    assert abs(x2 - x) < tight and abs(y2 - y) < tight


@settings(max_examples=100, deadline=None)
@given(
    st.floats(-3.1, 3.1),
    st.floats(0.0, 1.2),
    st.floats(0.0, 0.4),
)
def test_direction_round_trip(azimuth: float, off_axis: float, k1: float) -> None:
    d = np.array([np.sin(off_axis) * np.cos(azimuth), np.sin(off_axis) * np.sin(azimuth), np.cos(off_axis)])
    lens = Lens(793.0, 500.0, 333.0, k1, 1000, 665)
    x, y, has_image = lens.project(3.7 * d)
    assert has_image
    np.testing.assert_allclose(lens.rays_cam(x, y), d, atol=1e-12)


def test_directions_without_an_image() -> None:
    lens = Lens(400.0, 500.0, 333.0, -0.1, 1000, 665)
    dirs = np.array([[0.0, 0.0, -1.0], [1.0, 0.0, 0.0], [3.0, 0.0, 1.0], [0.3, 0.0, 1.0]])
    x, y, has_image = lens.project(dirs)
    assert has_image.tolist() == [False, False, False, True]  # tan = 3 lies outside the fold at 1.217
    assert np.isnan(x[:3]).all() and np.isnan(y[:3]).all() and not lens.inside(x[0], y[0])


def test_centre_and_inside() -> None:
    x, y, has_image = SOLVED.project([0.0, 0.0, 2.0])
    assert (x, y, bool(has_image)) == (500.5, 333.0, True)
    assert SOLVED.inside([-1.0, -3.0], [10.0, 10.0], margin_px=2.0).tolist() == [True, False]


def test_from_focal_and_resized() -> None:
    lens = Lens.from_focal(28.0, 35.9, 1500, 1000)
    assert lens.f_px == pytest.approx(28.0 * 1500 / 35.9)
    small = SOLVED.resized(500, 400)
    assert small.f_px == pytest.approx(0.5 * SOLVED.f_px)
    assert (small.cx_px, small.cy_px) == (250.25, pytest.approx(200.0 + 0.5 * 0.5))
    np.testing.assert_allclose(  # the same place of the view: twice the distance from the middle, same ray
        small.rays_cam(250.0 + 30.0, 200.0 - 20.0), SOLVED.rays_cam(500.0 + 60.0, 332.5 - 40.0), atol=1e-15
    )


@pytest.mark.parametrize("k1", [0.0, 0.05, -0.05])
def test_solid_angle_is_that_of_the_pixels_corners(k1: float) -> None:
    lens = Lens(700.0, 500.0, 333.0, k1, 1000, 665)
    x, y = np.array([10.5, 500.5, 900.5]), np.array([20.5, 333.5, 600.5])
    a, b, c, d = (lens.rays_cam(x + i, y + j) for i, j in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)))

    def triangle(p: np.ndarray, q: np.ndarray, r: np.ndarray) -> np.ndarray:  # Oosterom and Strackee 1983
        num = np.einsum("ni,ni->n", p, np.cross(q, r))
        den = 1.0 + sum(np.einsum("ni,ni->n", s, t) for s, t in ((p, q), (q, r), (r, p)))
        return np.asarray(2.0 * np.arctan2(num, den))

    np.testing.assert_allclose(lens.pixel_solid_angle_sr(x, y), triangle(a, b, c) + triangle(a, c, d), rtol=5e-6)


def test_whole_sphere_of_a_wide_picture() -> None:
    """The solid angles of all pixels add up to that of the rectangle, 4 asin(sin a sin b)."""
    lens = Lens(300.0, 300.0, 200.0, 0.0, 600, 400)
    y, x = np.mgrid[0.5:400:1, 0.5:600:1]
    a, b = np.arctan(1.0), np.arctan(200.0 / 300.0)
    assert lens.pixel_solid_angle_sr(x, y).sum() == pytest.approx(4.0 * np.arcsin(np.sin(a) * np.sin(b)), rel=1e-5)


def test_half_angle_covers_every_pixel() -> None:
    y, x = np.mgrid[0:666:5, 0:1001:5]
    widest = np.arccos(SOLVED.rays_cam(x, y)[..., 2].min())
    assert SOLVED.half_angle_rad() == pytest.approx(widest, abs=1e-9)
