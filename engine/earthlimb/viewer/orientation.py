"""The free camera's turns, with pyrr: the only module that knows its conventions.

pyrr's quaternions turn the same way as our column rotations only through `Quaternion.from_axis_rotation` and
`quaternion.apply_to_vector`; its matrices turn the other way, its product `A * B` is NumPy's `B @ A`, and integer
vectors give wrong products. So nothing but float64 vectors goes in, and only turned vectors come out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyrr import quaternion

from earthlimb.world.pointing import orthonormal

Array = NDArray[np.float64]


def turned(axes: Array, axis: Array, angle_rad: float) -> Array:
    """Rows of `axes` (3, 3) turned about a unit axis by the right-hand rule, made orthonormal again.

    Examples
    --------
    >>> turned(np.eye(3), np.array([0.0, 0.0, 1.0]), np.pi / 2).round(6)[0].tolist()
    [0.0, 1.0, 0.0]
    """
    turn = quaternion.create_from_axis_rotation(np.asarray(axis, np.float64), float(angle_rad), dtype=np.float64)
    rows = [quaternion.apply_to_vector(turn, np.asarray(row, np.float64)) for row in axes]
    return orthonormal(np.array(rows))
