"""Small rotations as matrices: by a rotation vector, and the shortest one between two directions."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def rotation(vector_rad: Iterable[float]) -> Floats:
    """Matrix (3, 3) that turns vectors by the rotation vector (3,), rad (Rodrigues' formula).

    Examples
    --------
    >>> np.round(rotation([0.0, 0.0, np.pi / 2]) @ [1.0, 0.0, 0.0], 12) + 0.0
    array([0., 1., 0.])
    """
    x, y, z = (float(part) for part in vector_rad)  # numbers, not arrays: an exposure asks for hundreds
    angle = math.sqrt(x * x + y * y + z * z)
    a = math.sin(angle) / angle if angle > 0.0 else 1.0
    half = math.sin(0.5 * angle) / (0.5 * angle) if angle > 0.0 else 1.0
    b = 0.5 * half * half
    return np.array(
        [
            [1.0 - b * (y * y + z * z), b * x * y - a * z, b * x * z + a * y],
            [b * x * y + a * z, 1.0 - b * (x * x + z * z), b * y * z - a * x],
            [b * x * z - a * y, b * y * z + a * x, 1.0 - b * (x * x + y * y)],
        ]
    )


def shortest_turn(from_dir: ArrayLike, to_dir: ArrayLike) -> Floats:
    """Rotation vector (3,), rad, of the shortest turn that brings one unit vector (3,) onto another.

    Opposite vectors have no shortest turn; they give zero.

    Examples
    --------
    >>> shortest_turn([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]).round(6).tolist()
    [0.0, 0.0, 1.570796]
    """
    a, b = np.asarray(from_dir, np.float64), np.asarray(to_dir, np.float64)
    axis = np.cross(a, b)
    sine = float(np.linalg.norm(axis))
    if sine < 1e-15:  # below float64's resolution of the cross product: no axis to turn about
        return np.zeros(3)
    return np.asarray(axis * (np.arctan2(sine, float(a @ b)) / sine))
