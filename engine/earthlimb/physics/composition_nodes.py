"""Cubic splines from altitude nodes to the two emission grids, as matrices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earthlimb.constants import ALT_HIGH_KM, ALT_HIGH_STEP_KM, ALT_LOW_KM, ALT_LOW_STEP_KM

Array = NDArray[np.float64]


def low_altitudes_km() -> Array:
    """The 281 altitudes of the low emission table, 60 to 130 km [km]."""
    n = round((ALT_LOW_KM[1] - ALT_LOW_KM[0]) / ALT_LOW_STEP_KM) + 1
    return np.linspace(*ALT_LOW_KM, n)


def high_altitudes_km() -> Array:
    """The 236 altitudes of the high emission table, 130 to 600 km [km]."""
    n = round((ALT_HIGH_KM[1] - ALT_HIGH_KM[0]) / ALT_HIGH_STEP_KM) + 1
    return np.linspace(*ALT_HIGH_KM, n)


def spline_matrix(nodes: Array, points: Array) -> Array:
    """Matrix that evaluates the natural cubic spline through values at nodes.

    Parameters
    ----------
    nodes : array (n,)
        Increasing.
    points : array (m,)
        Inside the nodes.

    Returns
    -------
    array (m, n)
        `spline_matrix(nodes, points) @ values` is the spline at the points.

    Examples
    --------
    >>> nodes = np.array([0.0, 1.0, 3.0, 4.0])
    >>> float((spline_matrix(nodes, np.array([2.0])) @ (2.0 * nodes + 1.0))[0])
    5.0
    """
    n = nodes.size
    h = np.diff(nodes)
    system = np.eye(n)  # second derivatives: zero at both ends, continuous slopes between
    right = np.zeros((n, n))
    for i in range(1, n - 1):
        system[i, i - 1 : i + 2] = h[i - 1] / 6.0, (h[i - 1] + h[i]) / 3.0, h[i] / 6.0
        right[i, i - 1 : i + 2] = 1.0 / h[i - 1], -1.0 / h[i - 1] - 1.0 / h[i], 1.0 / h[i]
    curvature = np.linalg.solve(system, right)
    k = np.clip(np.searchsorted(nodes, points, side="right") - 1, 0, n - 2)
    b = (points - nodes[k]) / h[k]
    a = 1.0 - b
    matrix = np.zeros((points.size, n))
    rows = np.arange(points.size)
    matrix[rows, k] = a
    matrix[rows, k + 1] = b
    matrix += ((a**3 - a) * h[k] ** 2 / 6.0)[:, None] * curvature[k]
    matrix += ((b**3 - b) * h[k] ** 2 / 6.0)[:, None] * curvature[k + 1]
    return matrix
