"""Reads the outside numbers of tests/data."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).resolve().parents[1] / "data"
Floats = NDArray[np.float64]


def rows(name: str) -> list[dict[str, str]]:
    """Rows of a CSV whose first lines are comments."""
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def columns(name: str) -> dict[str, Floats]:
    """Columns of a CSV of numbers."""
    table = rows(name)
    return {key: np.array([float(row[key]) for row in table]) for key in table[0]}


def worst(got: Floats, want: Floats, where: NDArray[np.bool_]) -> float:
    """Largest relative deviation where asked, percent."""
    assert where.any()
    return 100.0 * float(np.abs(got[where] / want[where] - 1.0).max())
