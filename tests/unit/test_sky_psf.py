"""The point spread's core: exact energy, centroid and shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earthlimb.physics.psf import core_sigma_px, node_count, pixel_share, streak_share

Y, X = np.mgrid[-24:25, -24:25].astype(float)


@settings(max_examples=25, deadline=None)
@given(
    st.floats(-0.5, 0.5),
    st.floats(-0.5, 0.5),
    st.floats(-18.0, 18.0),
    st.floats(-18.0, 18.0),
    st.floats(0.5, 1.3),
)
def test_energy_and_centroid(x: float, y: float, dx: float, dy: float, sigma: float) -> None:
    share = streak_share(X - x, Y - y, dx, dy, sigma)
    assert share.min() >= 0.0
    assert share.sum() == pytest.approx(1.0, abs=1e-9)
    phase_px = 0.003  # pixels this coarse bias any centroid, a real star's too, by its place in the pixel
    assert (share * X).sum() == pytest.approx(x, abs=phase_px)
    assert (share * Y).sum() == pytest.approx(y, abs=phase_px)


@pytest.mark.parametrize(("dx", "dy"), [(0.3, 0.1), (0.5, -0.5), (1.3, 0.4), (0.0, 3.0), (7.0, 4.0)])
def test_shape_against_fine_subdivision(dx: float, dy: float) -> None:
    sigma, x, y = 0.55, 0.21, -0.34
    t = (np.arange(200) + 0.5) / 200.0 - 0.5
    exact = np.mean([pixel_share(X - x - s * dx, Y - y - s * dy, sigma, sigma) for s in t], axis=0)
    of_the_peak = 1.5e-2
    off = np.abs(streak_share(X - x, Y - y, dx, dy, sigma) - exact).max()
    assert off < of_the_peak * exact.max()


def test_node_count_and_core() -> None:
    assert node_count([0.0, 0.3, 3.0], [0.0, 0.4, 4.0], 0.5).tolist() == [1, 1, 10]
    assert core_sigma_px(1.0) == pytest.approx(3.0 / 2.3548, rel=1e-4)
    assert core_sigma_px(5.57) == 0.5
