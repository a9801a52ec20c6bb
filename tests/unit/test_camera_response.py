"""Spectral responses: the CIE observer against a table, the camera's shape, stars, lamps, whites."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from earthlimb.constants import EMISSIONS
from earthlimb.physics.exposure import CameraBody, electrons_per_radiance
from earthlimb.physics.photometry import S10_MAG_ARCSEC2
from earthlimb.physics.response import (
    RGB_FROM_XYZ,
    Response,
    camera_response,
    cie_response,
    star_response_table,
)
from earthlimb.physics.spectra import (
    WAVELENGTH_NM,
    lamp_photons,
    planck_photons,
    spectra_table,
    star_temperature_k,
)

DATA = Path(__file__).parents[1] / "data"
ONE_PERCENT = 0.01
COMPONENTS = dict(zip(EMISSIONS, ("NaD", "OI5577", "OI6300", "OHvis", "O2blue", "FeO"), strict=True))
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def reference() -> dict[str, np.void]:
    table = np.genfromtxt(
        DATA / "camera_rgb_per_rayleigh.csv",
        delimiter=",",
        names=True,
        dtype=None,
        encoding="utf-8",
        skip_header=3,
    )
    return {str(row["component"]): row for row in table}


@pytest.fixture(scope="module")
def cie() -> Response:
    return cie_response()


@pytest.fixture(scope="module")
def d5() -> Response:
    return camera_response(CameraBody.load("nikon-d5"))


@pytest.mark.parametrize("emission", EMISSIONS)
def test_cie_per_rayleigh_equals_the_independent_table(cie: Response, emission: str) -> None:
    row = reference()[COMPONENTS[emission]]
    expected = np.array([row["sR"], row["sG"], row["sB"], row["S"]])
    found = cie.per_rayleigh()[EMISSIONS.index(emission)]
    # of the largest channel: the small negative ones are differences of large numbers
    assert np.abs(found - expected).max() < ONE_PERCENT * np.abs(expected[:3]).max()
    assert found[:3] @ LUMINANCE == pytest.approx(float(row["Y"]), rel=ONE_PERCENT)


@pytest.mark.parametrize("emission", EMISSIONS)
def test_camera_has_the_shape_of_a_nikon(d5: Response, emission: str) -> None:
    """NPL's and the table's D5100 differ by up to 15 % in ratios; a lost filter would be 100 %."""
    row = reference()[COMPONENTS[emission]]
    expected = np.array([row["eR"], row["eG"], row["eB"]])
    found = d5.per_rayleigh()[EMISSIONS.index(emission), :3]
    expected, found = expected / expected.max(), found / found.max()
    strong = expected > 0.1
    assert np.abs(found / expected - 1.0)[strong].max() < 0.15
    assert found[~strong].max(initial=0.0) < 0.15


def test_green_efficiency_is_the_bodys(d5: Response) -> None:
    body = CameraBody.load("nikon-d5")
    assert np.interp(body.reference_nm, WAVELENGTH_NM, d5.curves[1]) == pytest.approx(body.green_qe)
    assert d5.curves.max() < 0.7  # no detector of this kind does better


def test_a_watt_and_its_photons_give_the_same(cie: Response) -> None:
    """683 lm from a watt at 555 nm, by definition of the candela (sampled line: the bin's photons)."""
    watts = np.where(WAVELENGTH_NM == 555.0, 1.0, 0.0)
    assert cie.of_spectrum_w(watts)[:3] @ LUMINANCE == pytest.approx(683.0, rel=1e-4)


def test_d65_is_white(cie: Response) -> None:
    white = cie.of_white(6504.0)
    assert np.allclose(white[:3] / white[1], 1.0, atol=2e-3)


def test_white_balance_is_the_bodys_and_moves_the_right_way(d5: Response) -> None:
    def gain(kelvin: float) -> NDArray[np.float64]:
        white = d5.of_white(kelvin)[:3]
        return np.asarray(white[1] / white)

    assert gain(4550.0) == pytest.approx([1.71, 1.0, 1.59])
    # a Nikon D3's factors at D55, which took no part in the construction
    assert gain(5500.0) == pytest.approx([1.92, 1.0, 1.36], rel=0.03)
    gains = np.array([gain(k) for k in np.arange(2500.0, 9000.0, 50.0)])
    assert (np.diff(gains[:, 0]) > 0.0).all() and (np.diff(gains[:, 2]) < 0.0).all()
    assert np.abs(np.diff(np.log(gains), axis=0)).max() < 0.06  # no step where black body meets daylight


def test_a_star_of_magnitude_zero(cie: Response, d5: Response) -> None:
    """V = 0 is 2.54e-6 lx; a red black body has 5 % more."""
    for bv in (0.0, 0.65, 1.5):
        assert cie.of_stars(0.0, bv)[:3] @ LUMINANCE == pytest.approx(2.54e-6, rel=0.06)
    assert cie.of_stars(5.0, 0.0) == pytest.approx(cie.of_stars(0.0, 0.0) / 100.0)
    red, blue = d5.of_stars(0.0, 1.6), d5.of_stars(0.0, -0.2)
    assert red[0] > blue[0] and red[2] < blue[2]
    assert red[1] == pytest.approx(blue[1], rel=0.3)  # green is near V, a little bluer


def test_temperature_of_the_sun() -> None:
    assert float(star_temperature_k(0.653)) == pytest.approx(5770.0, abs=30.0)


def test_reddening_table_is_the_exact_fold_at_its_nodes_and_between(d5: Response) -> None:
    def transmission(h_km: NDArray[np.float64], wavelength_nm: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.exp(-20.0 * np.exp(-h_km / 8.0) * (550.0 / wavelength_nm) ** 4))

    table = star_response_table(d5, transmission)
    height, bv = np.array([10.0, 20.25, 35.3, 500.0]), np.array([-0.1, 0.33, 1.02, 1.6])
    exact = d5.of_stars(np.full(4, 3.0), bv, transmission(height[:, None], WAVELENGTH_NM))
    assert np.allclose(table.response(np.full(4, 3.0), bv, height), exact, rtol=ONE_PERCENT)
    assert np.allclose(table.response(np.full(4, 3.0), bv), d5.of_stars(np.full(4, 3.0), bv), rtol=ONE_PERCENT)
    low = table.response(0.0, 0.5, -np.inf)
    assert low[2] / low[0] < 0.05 * table.response(0.0, 0.5)[2] / table.response(0.0, 0.5)[0]


def test_sky_of_15_2_magnitudes_is_one_on_the_reference_exposure(d5: Response) -> None:
    """f/1.4, 0.2 s, ISO 10000, +1.02 EV: the photograph's own calibration on stars gave 15.2 mag arcsec-2."""
    body = CameraBody.load("nikon-d5")
    per_photosite = electrons_per_radiance(body, 1.4, 0.2, body.photosites_long, body.photosites_short)
    value = d5.of_sky(15.2, 0.65)[1] * per_photosite / body.saturation_e(10000.0) * 2.0**1.02
    assert value == pytest.approx(1.0, rel=0.1)
    assert S10_MAG_ARCSEC2 == pytest.approx(27.78, abs=0.01)


def test_lamps_carry_a_unit_of_radiance_and_their_colours(d5: Response) -> None:
    names = spectra_table().lamp_names
    each = np.array([d5.of_lamps({name: 1.0}) for name in names])
    assert each.shape == (len(names), 4) and (each[:, :3] > 0.0).all()
    half = d5.of_lamps({"led_4000k": 2.0, "high_pressure_sodium": 2.0}, 3.0)
    expected = 1.5 * (each[names.index("led_4000k")] + each[names.index("high_pressure_sodium")])
    assert half == pytest.approx(expected)
    blue_over_red = {name: row[2] / row[0] for name, row in zip(names, each, strict=True)}
    assert blue_over_red["low_pressure_sodium"] < blue_over_red["high_pressure_sodium"] < blue_over_red["led_3000k"]
    assert blue_over_red["led_3000k"] < blue_over_red["led_4000k"]
    with pytest.raises(KeyError, match="allowed are"):
        lamp_photons("candle")


@pytest.mark.parametrize(
    ("lamp", "kelvin"),
    [("high_pressure_sodium", 2050), ("led_3000k", 3000), ("led_4000k", 4000), ("metal_halide", 4200)],
)
def test_lamps_have_the_colour_temperature_of_their_kind(cie: Response, lamp: str, kelvin: int) -> None:
    """Distance from the black body in the CIE 1960 diagram: 0.005, what lamp makers allow themselves."""
    xyz_from_rgb = np.linalg.inv(RGB_FROM_XYZ)

    def uv(channels: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y, z = xyz_from_rgb @ channels[:3]
        return np.array([4.0 * x, 6.0 * y]) / (x + 15.0 * y + 3.0 * z)

    body = cie.of_photons(planck_photons(float(kelvin)))
    assert np.hypot(*(uv(cie.of_lamps({lamp: 1.0})) - uv(body))) < 0.005
