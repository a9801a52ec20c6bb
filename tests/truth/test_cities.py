"""Places of cities in the Italy view against the photograph ISS065-E-394522."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from earthlimb.renderer import Frame

LAT_LON_DEG = {
    "Rome": (41.90, 12.50),
    "Naples": (40.85, 14.27),
    "Vieste": (41.88, 16.18),
    "Zagreb": (45.81, 15.98),
    "Budapest": (47.50, 19.04),
    "Leuca": (39.80, 18.36),
}

CITIES = {
    "Rome": (869.1, 380.5),
    "Naples": (887.5, 306.5),
    "Vieste": (741.5, 317.5),
    "Zagreb": (443.5, 442.5),
    "Budapest": (324.5, 443.5),
    "Leuca": (823.1, 252.5),
}
"""Places in the photograph, px, pixel centres at half-integers (its star and city solution, rms 3 px)."""


@pytest.mark.parametrize("city", CITIES)
def test_place(italy: Frame, validated: Callable[..., None], city: str) -> None:
    """The pixel that sees the city's coordinates, and the brightest light nearby, against the photograph's place."""
    lat_deg, lon_deg = LAT_LON_DEG[city]
    ground = np.isfinite(italy.layer("geometry.range_km"))
    north = italy.layer("geometry.lat_deg").astype(float) - lat_deg
    east = (italy.layer("geometry.lon_deg").astype(float) - lon_deg) * math.cos(math.radians(lat_deg))
    row, column = np.unravel_index(np.argmin(np.where(ground, np.hypot(north, east), np.inf)), north.shape)
    x_px, y_px = CITIES[city]
    source = f"photograph: ({x_px}, {y_px})"
    off = math.hypot(column + 0.5 - x_px, row + 0.5 - y_px)
    validated(f"{city}: its coordinates in the picture, off the photograph's place", off, 5.0, source, "px")
    light = italy.layer("lights").astype(float).sum(axis=2)
    y, x = np.mgrid[: light.shape[0], : light.shape[1]] + 0.5
    near, around = (np.hypot(x - x_px, y - y_px) < radius for radius in (5.0, 40.0))
    share = 100.0 * float((light[around & (light > 0.0)] < light[near].max()).mean())
    claim = f"{city}: brightest light within 5 px, its rank among the lights within 40 px"
    validated(claim, share, (95.0, 100.0), "photograph: a city there", "%")
