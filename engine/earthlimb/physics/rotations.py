"""Small rotations as matrices: by a rotation vector, and the shortest one between two directions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def rotation(vector_rad: ArrayLike) -> Floats:
    """Matrix (3, 3) that turns vectors by the rotation vector (3,), rad (Rodrigues' formula).

    Examples
    --------
    >>> np.round(rotation([0.0, 0.0, np.pi / 2]) @ [1.0, 0.0, 0.0], 12) + 0.0
    array([0., 1., 0.])
    """
    vector = np.asarray(vector_rad, np.float64)
    angle = float(np.linalg.norm(vector))
    x, y, z = vector
    k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    sinc = np.sinc(angle / np.pi)
    half = np.sinc(0.5 * angle / np.pi)
    return np.asarray(np.eye(3) + sinc * k + 0.5 * half * half * (k @ k))


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
