"""Refraction and transmission of the low atmosphere.

Outside numbers: rays traced through US Standard Atmosphere 1976 with Ciddor's refractivity, Rayleigh air, ozone and
aerosol, integrated independently (tests/data/air_refraction_transmission.csv, air_city_light_transmission.csv).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from earthlimb.physics.low_atmosphere import HARD_LIMB_KM, LowAtmosphere
from tests.truth.tables import columns, worst

LIMB, GROUND = "air_refraction_transmission.csv", "air_city_light_transmission.csv"
PERCENT = 1.0
KINK_PERCENT = 7.0
"""Within 1.2 km of the tropopause the table softens a jump of the lapse rate: bending 2 %, its slope 6 %."""


@pytest.fixture(scope="module")
def air() -> LowAtmosphere:
    return LowAtmosphere.load()


def test_bending_of_starlight(air: LowAtmosphere, validated: Callable[..., None]) -> None:
    want = columns(LIMB)
    h, got = want["h_app_km"], np.degrees(air.bending_rad(want["h_app_km"]))
    kink = np.abs(h - 11.5) < 1.2
    validated("bending at the hard limb (1.77 km)", got[0], (1.08, 1.12), f"table: {want['bending_deg'][0]:.3f}", "deg")
    off = worst(got, want["bending_deg"], (h < 75.0) & ~kink)
    validated("bending from the hard limb to 75 km: largest deviation", off, PERCENT, "table of traced rays", "%")
    off = worst(got, want["bending_deg"], kink)
    validated("bending at the tropopause: largest deviation", off, 2.0, "table of traced rays", "%")


def test_dilution_of_starlight(air: LowAtmosphere, validated: Callable[..., None]) -> None:
    want = columns(LIMB)
    h = want["h_app_km"]
    got = np.asarray(air.dilution(h, np.sqrt((6371.0 + 420.0) ** 2 - (6371.0 + h) ** 2)))
    kink = np.abs(h - 11.5) < 1.2
    off = worst(got, want["phi_dilution"], ~kink & (h > 2.0))
    validated("dilution by refraction: largest deviation", off, PERCENT, "table of traced rays", "%")
    at_kink = worst(got, want["phi_dilution"], kink)
    validated("dilution at the tropopause: largest deviation", at_kink, KINK_PERCENT, "table of traced rays", "%")


@pytest.mark.parametrize("wavelength_nm", [450, 550, 650])
@pytest.mark.parametrize(("prefix", "aerosol", "air_name"), [("Tgas", 0.0, "clean air"), ("Tall", 1.0, "with aerosol")])
def test_transmission(
    air: LowAtmosphere, validated: Callable[..., None], prefix: str, aerosol: float, air_name: str, wavelength_nm: int
) -> None:
    key, what = f"{prefix}_{wavelength_nm}", f"at {wavelength_nm} nm, {air_name}: largest deviation"
    limb, ground = columns(LIMB), columns(GROUND)
    got = np.asarray(air.transmission_limb(np.maximum(limb["h_app_km"], HARD_LIMB_KM), wavelength_nm, aerosol))
    off = worst(got, limb[key], limb[key] > 1e-3)
    validated(f"transmission of the limb {what}", off, PERCENT, "table, where it is above 0.001", "%")
    got = np.asarray(air.transmission_ground(np.radians(ground["elev_deg"]), wavelength_nm, aerosol))
    off = worst(got, ground[key], ground[key] > 1e-2)
    validated(f"transmission from the ground to space {what}", off, PERCENT, "table, where it is above 0.01", "%")


def test_far_leg_in_the_ozone_band(air: LowAtmosphere, validated: Callable[..., None]) -> None:
    for height_km, want in ((20.0, 0.15), (25.0, 0.29), (30.0, 0.51), (34.0, 0.68), (40.0, 0.88)):
        got = float(air.transmission_limb(height_km, 600.0, aerosol=0.0))
        bound = (want - 0.008, want + 0.008)
        validated(f"transmission at {height_km:.0f} km, 600 nm, clean air", got, bound, f"{want}, US76 and 300 DU")
