"""NRLMSIS 2.1 itself at the exact instant, through the optional package pymsis."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import numpy as np
import pymsis
from numpy.typing import NDArray

Array = NDArray[np.float64]

NODES_KM: Final = np.concatenate(
    [np.arange(60.0, 78.0, 2.0), np.arange(78.0, 85.0, 1.0), np.arange(85.0, 88.5, 0.25),
     np.arange(89.0, 122.0, 1.0), np.arange(122.0, 130.0, 2.0), np.arange(130.0, 200.0, 5.0),
     np.arange(200.0, 401.0, 20.0), np.arange(440.0, 601.0, 40.0)]
)  # fmt: skip
HYDROGEN_FLOOR_KM: Final = 78.0
"""Below, the model's hydrogen ends within 2 km; it is continued with its slope at this altitude."""


def msis_nodes(utc: datetime, lat_rad: Array, lon_rad: Array, f107: float, f107a: float, ap: float) -> Array:
    """1000/T [K-1] and ln of N2, O2, O, H [cm-3] at `NODES_KM`, shape (n, 5, n_nodes)."""
    n, m = lat_rad.size, NODES_KM.size
    total = n * m
    out = pymsis.calculate(
        np.full(total, np.datetime64(utc.replace(tzinfo=None))),
        np.repeat(np.degrees(lon_rad), m),
        np.repeat(np.degrees(lat_rad), m),
        np.tile(NODES_KM, n),
        np.full(total, f107),
        np.full(total, f107a),
        np.full((total, 7), ap),
        version=2.1,
    )
    field = np.asarray(out, dtype=np.float64).reshape(n, m, -1)
    names = (pymsis.Variable.N2, pymsis.Variable.O2, pymsis.Variable.O, pymsis.Variable.H)
    with np.errstate(divide="ignore", invalid="ignore"):  # far outside of its domain: `composition` looks
        ln = np.log(np.stack([field[:, :, v] for v in names], axis=1) * 1e-6)
    i = int(np.searchsorted(NODES_KM, HYDROGEN_FLOOR_KM))
    slope = (ln[:, 3, i + 1] - ln[:, 3, i]) / (NODES_KM[i + 1] - NODES_KM[i])
    ln[:, 3, :i] = ln[:, 3, i, None] + slope[:, None] * (NODES_KM[:i] - NODES_KM[i])
    inverse_t = 1e3 / field[:, None, :, pymsis.Variable.TEMPERATURE]
    return np.concatenate([inverse_t, ln], axis=1)
