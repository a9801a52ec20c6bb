"""Limb integral against the reference; low atmosphere against independent tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earthlimb.physics.limb_integral import limb_columns_rayleigh
from earthlimb.physics.low_atmosphere import HARD_LIMB_KM, LowAtmosphere, ozone_cm2

DATA = Path(__file__).parents[1] / "data"
ONE_PERCENT = 0.01
NEAR_TROPOPAUSE = 0.07
"""The table softens the lapse rate's jump at 11 km over 0.5 km; bending moves by 2 %, its slope by 6 %."""


def columns(name):
    path = DATA / name
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    return dict(zip(lines[0].split(","), np.loadtxt(lines[1:], delimiter=",").T, strict=True))


@pytest.fixture(scope="module")
def air():
    return LowAtmosphere.load()


@pytest.mark.parametrize("case", ["midlat_sep2021", "equator_sep2021"])
def test_limb_columns_of_the_reference(case):
    ver, limb = columns(f"air_ver_{case}.csv"), columns(f"air_limb_{case}.csv")
    for name in ("OI5577", "NaD", "OHvis", "FeO", "O2blue", "OI6300"):
        near, far = limb_columns_rayleigh(ver["z_km"], ver["cal_" + name], limb["h_tan_km"])
        want = limb[name + "_R"]
        matters = want > 1e-3 * want.max()
        assert np.abs((near + far)[matters] / want[matters] - 1.0).max() < 1e-3


@given(st.floats(0.0, 119.0), st.floats(60.0, 900.0))
def test_shell_column_is_its_chord(tangent_km, observer_km):
    """A uniform shell 80 to 120 km: the column is the line's length inside, on each side of the eye."""
    if observer_km <= tangent_km:
        return
    z, v = np.array([80.0, 120.0]), np.full(2, 5.0)
    near, far = limb_columns_rayleigh(z, v, np.array([tangent_km]), observer_km)
    p = 6371.0 + tangent_km
    path = lambda r: np.sqrt(max(r * r - p * p, 0.0))  # noqa: E731
    half = path(6491.0) - path(6451.0)
    before_eye = min(path(6371.0 + observer_km), path(6491.0)) - path(6451.0)
    assert far[0] == pytest.approx(0.5 * half, rel=1e-7)
    assert near[0] == pytest.approx(0.5 * max(before_eye, 0.0), rel=1e-6, abs=1e-6)
    _, up = limb_columns_rayleigh(z, v, np.array([tangent_km]), observer_km, upwards=True)
    assert up[0] == pytest.approx(far[0] - near[0], rel=1e-6, abs=1e-6)


def test_bending(air):
    want = columns("air_refraction_transmission.csv")
    h = want["h_app_km"]
    error = np.abs(np.degrees(air.bending_rad(h)) / want["bending_deg"] - 1.0)
    kink = np.abs(h - 11.5) < 1.2
    assert error[(h < 75.0) & ~kink].max() < ONE_PERCENT
    assert error[kink].max() < 0.02
    assert air.bending_rad(101.0) == 0.0


def test_dilution(air):
    want = columns("air_refraction_transmission.csv")
    h = want["h_app_km"]
    distance_km = np.sqrt((6371.0 + 420.0) ** 2 - (6371.0 + h) ** 2)
    error = np.abs(air.dilution(h, distance_km) / want["phi_dilution"] - 1.0)
    kink = np.abs(h - 11.5) < 1.2
    assert error[~kink & (h > 2.0)].max() < ONE_PERCENT
    assert error[kink].max() < NEAR_TROPOPAUSE
    assert error[0] < 0.02  # the reference's own one-sided difference at the hard limb


@pytest.mark.parametrize(("prefix", "aerosol"), [("Tgas", 0.0), ("Tall", 1.0)])
@pytest.mark.parametrize("wavelength_nm", [450, 550, 650])
def test_limb_transmission(air, prefix, aerosol, wavelength_nm):
    want = columns("air_refraction_transmission.csv")
    truth = want[f"{prefix}_{wavelength_nm}"]
    got = air.transmission_limb(np.maximum(want["h_app_km"], HARD_LIMB_KM), wavelength_nm, aerosol)
    bright = truth > 1e-3
    assert np.abs(got[bright] / truth[bright] - 1.0).max() < ONE_PERCENT


@pytest.mark.parametrize(("prefix", "aerosol"), [("Tgas", 0.0), ("Tall", 1.0)])
@pytest.mark.parametrize("wavelength_nm", [450, 550, 650])
def test_ground_transmission(air, prefix, aerosol, wavelength_nm):
    want = columns("air_city_light_transmission.csv")
    truth = want[f"{prefix}_{wavelength_nm}"]
    got = air.transmission_ground(np.radians(want["elev_deg"]), wavelength_nm, aerosol)
    assert np.abs(got - truth).max() < 1e-4
    assert np.abs(got / np.maximum(truth, 1e-9) - 1.0)[truth > 1e-2].max() < ONE_PERCENT


def test_far_leg_in_the_ozone_band(air):
    """Clean air at 600 nm, 20 to 40 km (AIRGLOW_IN_PHOTOGRAPHS table, two digits)."""
    got = air.transmission_limb([20.0, 25.0, 30.0, 34.0, 40.0], 600.0, aerosol=0.0)
    assert got == pytest.approx([0.15, 0.29, 0.51, 0.68, 0.88], abs=0.008)
    assert ozone_cm2(600.0) / ozone_cm2(550.0) == pytest.approx(1.53, rel=1e-3)
    assert ozone_cm2(589.0) / ozone_cm2(550.0) == pytest.approx(1.38, rel=1e-3)


def test_edges(air):
    assert air.transmission_limb(1.7, 550.0) == 0.0
    assert air.transmission_limb(100.5, 550.0) == 1.0
    assert air.hard_limb_km == HARD_LIMB_KM


def test_apparent_height_undoes_the_bending(air):
    h_app = np.array([2.0, 10.0, 25.0, 60.0])
    straight = h_app - 2350.0 * air.bending_rad(h_app)
    assert air.apparent_from_geometric(straight, 2350.0) == pytest.approx(h_app, abs=1e-3)
    assert np.isnan(air.apparent_from_geometric(-200.0, 2350.0))
