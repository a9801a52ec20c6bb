"""Planets against skyfield and JPL's DE421: tests/data/astro_planets.csv."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from earthlimb.astro.planets import NAMES, magnitude, planets
from earthlimb.astro.timescale import Instant

ROWS = Path(__file__).resolve().parents[1] / "data" / "astro_planets.csv"
ARCSEC = np.pi / 648000.0
WITHIN_ARCSEC = {"Mercury": 3.0, "Venus": 8.0, "Mars": 60.0, "Jupiter": 60.0, "Saturn": 100.0}


def test_directions_and_magnitudes() -> None:
    rows = list(csv.DictReader(line for line in ROWS.read_text().splitlines() if not line.startswith("#")))
    assert len(rows) == 200
    for row in rows:
        at = planets(Instant.from_datetime(datetime.fromisoformat(row["utc"])), np.zeros(3), np.zeros(3))
        i = NAMES.index(row["planet"])
        wanted = np.array([float(row[axis]) for axis in "xyz"])
        off = float(np.linalg.norm(at.dir_gcrs[i] - wanted)) / ARCSEC
        assert off < WITHIN_ARCSEC[row["planet"]], row
        assert at.vmag[i] == pytest.approx(float(row["vmag"]), abs=0.01), row


def test_unknown_planet() -> None:
    with pytest.raises(ValueError, match="'Pluto': one of Mercury, Venus"):
        magnitude("Pluto", 1.0, 1.0, 0.0)
