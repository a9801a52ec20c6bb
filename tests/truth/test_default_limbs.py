"""Default limbs, developed, against 13 clean nights of photographs from the station.

Ranges: statistics of limb photographs (Nikon D3S, D4, D5, 2011-2025), 16 to 84 %; sky above the layers subtracted.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from earthlimb.renderer import Renderer
from earthlimb.scene import load_scene
from tests.support.limb import LimbProfile, limb_profile

SOURCE = "13 nights: {}"
LIMBS = (
    ("2021-08-03T06:48:00Z", 90.0, "12 S, August"),
    ("2021-08-03T17:44:00Z", 90.0, "27 S, August"),
    ("2024-08-13T20:08:00Z", 90.0, "36 S, August"),
    ("2025-01-15T06:40:00Z", 90.0, "5 N, January"),
    ("2021-11-01T11:12:00Z", 90.0, "29 N, November"),
)
"""Instant, azimuth, and where the limb lies."""


@pytest.fixture(scope="module")
def limbs(one_renderer: Renderer) -> dict[str, LimbProfile]:
    return {where: _limb(one_renderer, utc, azimuth_deg) for utc, azimuth_deg, where in LIMBS}


def _limb(renderer: Renderer, utc: str, azimuth_deg: float) -> LimbProfile:
    scene = load_scene(
        {
            "time": {"utc": utc},
            "camera": {
                "mount": "free",
                "point": {"limb": {"azimuth_deg": azimuth_deg, "tangent_km": 80.0}},
                "focal_mm": 85.0,
                "shutter_s": 2.0,  # long, so that noise does not matter; nothing saturates
                "iso": 3200,
            },
            "image": {"width_px": 240, "height_px": 480},
            "earth": {"lights": 0.0},
            "sky": {"stars": 0.0, "milky_way": 0.0},
        }
    )
    return limb_profile(renderer.render(scene), subtract_sky=True)


@pytest.mark.parametrize("where", [where for *_, where in LIMBS])
def test_ranges(limbs: dict[str, LimbProfile], validated: Callable[..., None], where: str) -> None:
    limb = limbs[where]
    peak = limb.peak_km(0)

    def red_over_green(above_km: float) -> float:
        red, green, _ = limb.at(peak + above_km)
        return float(red / green)

    validated(f"{where}: R/G at the red maximum", red_over_green(0.0), (1.6, 3.8), SOURCE.format("2.71"))
    validated(f"{where}: R/G 8 km above it", red_over_green(8.0), (0.43, 1.5), SOURCE.format("1.03"))
    validated(f"{where}: R/G 25 km below it", red_over_green(-25.0), (1.75, 3.1), SOURCE.format("2.36"))
    plateau = float(limb.at(peak - 25.0)[0] / limb.rgb[:, 0].max())
    validated(f"{where}: R 25 km below it over its maximum", plateau, (0.30, 0.44), SOURCE.format("0.36"))
    apart = limb.upper_half_km(1) - limb.upper_half_km(0)
    validated(f"{where}: upper half levels, green above red", apart, (4.0, 8.4), SOURCE.format("6.2"), "km")
    validated(f"{where}: height of the red maximum", peak, (84.0, 89.0), "two photographs with orbits", "km")


def test_what_is_off(limbs: dict[str, LimbProfile], residual: Callable[[str, float], None]) -> None:
    """The same statistics, median of the five limbs, where the model leaves the photographs' range."""
    plateau, blue = [], []
    for limb in limbs.values():
        peak = limb.peak_km(0)
        plateau.append(limb.at(peak - 25.0)[1] / limb.rgb[:, 1].max())
        _, green, b = limb.at(peak)
        blue.append(b / green)
    residual("default-green-plateau", float(np.median(plateau)))
    residual("default-blue-at-the-red-maximum", float(np.median(blue)))
