"""From which points of the lens's pupil, and of a grid cell, the views are drawn whose mean is a blurred picture."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Each row: a point of a pupil of radius 1, then a shift within a grid cell of side 1. Fitted by least squares: the
# share of points beyond a straight edge is near the area of disc and cell beyond it, in every direction and at every
# place, with blur radii of 0, 1, 2, 3 and 5 cells at once. 6, 10, 16 and 20 of them do what 9, 16, 25 and 36 points of
# Vogel's spiral do.
_VIEWS: dict[int, tuple[tuple[float, float, float, float], ...]] = {
    4: (
        (0.642, -0.192, -0.195, -0.303),
        (-0.642, 0.193, 0.195, 0.303),
        (-0.192, -0.641, -0.303, 0.195),
        (0.192, 0.641, 0.303, -0.195),
    ),
    6: (
        (0.013, 0.005, -0.047, -0.01),
        (-0.406, 0.631, -0.318, -0.285),
        (-0.017, -0.739, 0.378, 0.033),
        (0.463, 0.564, -0.338, 0.254),
        (-0.731, -0.205, 0.191, -0.365),
        (0.677, -0.252, 0.134, 0.372),
    ),
    10: (
        (0.14, 0.227, -0.157, -0.04),
        (-0.138, -0.218, 0.142, -0.012),
        (-0.04, -0.799, -0.392, 0.109),
        (0.693, 0.502, -0.043, -0.349),
        (-0.72, 0.076, 0.049, 0.317),
        (0.545, -0.521, -0.345, -0.317),
        (0.041, 0.782, 0.404, -0.051),
        (-0.602, -0.508, -0.251, 0.357),
        (0.607, -0.055, 0.272, -0.355),
        (-0.528, 0.513, 0.325, 0.338),
    ),
    16: (
        (0.101, -0.08, -0.34, 0.343),
        (-0.168, 0.462, 0.283, -0.058),
        (-0.207, -0.456, 0.104, 0.156),
        (0.376, 0.305, 0.05, -0.257),
        (-0.406, 0.077, -0.067, -0.177),
        (0.341, -0.309, -0.091, 0.074),
        (-0.011, 0.796, 0.39, 0.088),
        (-0.473, -0.655, -0.333, 0.157),
        (0.747, 0.258, 0.234, -0.403),
        (-0.788, 0.239, 0.149, 0.37),
        (0.507, -0.638, -0.354, -0.287),
        (0.45, 0.704, 0.366, -0.277),
        (-0.78, -0.276, -0.141, 0.382),
        (0.822, -0.226, -0.225, -0.398),
        (-0.535, 0.605, 0.348, 0.341),
        (0.025, -0.808, -0.368, -0.052),
    ),
    20: (
        (0.507, -0.158, -0.273, 0.187),
        (-0.43, 0.314, 0.056, -0.102),
        (0.193, -0.442, -0.056, 0.078),
        (0.221, 0.416, 0.379, -0.316),
        (-0.313, -0.329, 0.273, -0.364),
        (0.089, 0.001, -0.223, -0.067),
        (-0.153, 0.28, 0.385, 0.333),
        (-0.527, -0.645, -0.406, 0.261),
        (0.713, 0.176, 0.29, 0.04),
        (-0.363, 0, -0.084, -0.342),
        (0.214, -0.71, 0.057, -0.312),
        (0.317, 0.897, -0.264, -0.406),
        (-0.858, -0.301, 0.195, 0.376),
        (0.91, -0.121, -0.377, -0.265),
        (-0.626, 0.711, 0.276, -0.138),
        (-0.109, -0.802, -0.377, -0.082),
        (0.596, 0.518, 0.093, 0.259),
        (-0.744, 0.129, -0.261, 0.379),
        (0.495, -0.638, 0.379, 0.115),
        (-0.133, 0.701, -0.061, 0.367),
    ),
}
VIEWS = tuple(_VIEWS)
"""The numbers of views there are."""


@lru_cache(maxsize=16)
def pupil_views(n: int, diameter_m: float) -> tuple[Array, Array]:
    """Points (n, 2) of the pupil, m, and the shift (n, 2) of each one's grid, cells; both of mean 0. n of VIEWS.

    Examples
    --------
    >>> points, shifts = pupil_views(10, 2.0)
    >>> points.shape, bool(np.hypot(*points.T).max() < 1.0), bool(abs(shifts).max() < 0.5)
    ((10, 2), True, True)
    """
    views = np.array(_VIEWS[n])
    views -= views.mean(axis=0)
    points, shifts = 0.5 * diameter_m * views[:, :2], views[:, 2:]
    for kept in (points, shifts):  # for the next call too
        kept.setflags(write=False)
    return points, shifts
