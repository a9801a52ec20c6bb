"""Stars of the Italy view: places and photometry.

Places by ERFA from Hipparcos and a limb with published bending, computed beside the program's own astronomy
(tests/scenes/test_italy_stars.py); brightness on the catalogue's V.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from earthlimb.renderer import Frame
from tests.scenes.test_italy_stars import Floats, measured  # noqa: F401


@pytest.fixture(scope="module")
def luminance(italy: Frame) -> Floats:
    """What `measured` looks at: the layer `stars` as luminance, cd m-2."""
    return italy.layer("stars").astype(np.float64) @ np.array([0.2126, 0.7152, 0.0722])


def test_places(measured: dict[str, Floats], validated: Callable[..., None]) -> None:  # noqa: F811
    off = np.hypot(measured["dx"], measured["dy"])
    assert np.isfinite(off).all()
    source = f"{len(off)} Hipparcos stars, ERFA"
    validated("stars brighter than V 4.6: largest distance from their places", off.max(), 0.5, source, "px")
    validated("stars brighter than V 4.6: median distance", np.median(off), 0.3, source, "px")


def test_photometry(measured: dict[str, Floats], validated: Callable[..., None]) -> None:  # noqa: F811
    use = (measured["alone"] > 0.0) & (measured["h_app"] > 60.0)
    magnitude = -2.5 * np.log10(measured["light"][use])
    slope, zero = np.polyfit(measured["vmag"][use], magnitude, 1)
    source = f"Hipparcos V, {use.sum()} stars"
    validated("magnitude scale: slope of -2.5 lg(light) over V", slope, (0.95, 1.05), source)
    scatter = magnitude - (slope * measured["vmag"][use] + zero)
    validated("scatter about that line, rms", scatter.std(), 0.1, source, "mag")
    lux = measured["light"][use] * 10.0 ** (0.4 * measured["vmag"][use])
    validated("illuminance of V = 0, median", 1e6 * np.median(lux), (2.35, 2.75), "2.54 (Allen)", "ulx")
