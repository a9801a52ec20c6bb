"""Emission model, climatology, profile files; the default limb against 29 nights of photographs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from earthlimb.constants import EMISSIONS
from earthlimb.errors import UsageError
from earthlimb.physics.climatology import OI, RED, climatology, season_factor, sodium_column_cm2, solar_factor
from earthlimb.physics.composition_nodes import high_altitudes_km, low_altitudes_km
from earthlimb.physics.emission import AtmosphereInputs, EmissionModel, columns_rayleigh, raised
from earthlimb.physics.limb_integral import limb_columns_rayleigh
from earthlimb.physics.low_atmosphere import LowAtmosphere
from earthlimb.physics.profile_file import profile_csv, read_profile, resampled

DATA = Path(__file__).parents[1] / "data"
UTC_SEP = datetime(2021, 9, 20, tzinfo=UTC)
PLACE = np.radians([45.0]), np.array([0.0])


def model(**keys):
    return EmissionModel(AtmosphereInputs(**{"utc": UTC_SEP, **keys}), "table")


def test_bare_chemistry_has_the_reference_columns():
    """Zenith brightness of the case midlat_sep2021 (its summary table), 1 %."""
    profiles = model(climatology=0.0, ap=4.0).profiles(*PLACE)
    low = columns_rayleigh(profiles.low[0], 0.25)
    low[RED] = columns_rayleigh(profiles.high[0, RED], 2.0)
    assert low == pytest.approx([30.69, 232.9, 13.21, 319.3, 191.3, 568.4], rel=0.01)


def test_factors_and_shift():
    plain = model(climatology=0.0).profiles(*PLACE)
    factors = (2.0, 0.0, 3.0, 1.0, 1.0, 0.5)
    moved = model(climatology=0.0, factors=factors, shift_km=2.0).profiles(*PLACE)
    assert moved.low[0, 0, 8:] == pytest.approx(2.0 * plain.low[0, 0, :-8], rel=1e-12, abs=1e-15)
    assert not moved.low[0, 1].any()
    assert moved.high[0, RED] == pytest.approx(3.0 * plain.high[0, RED], rel=1e-12)


def test_shift_conserves_the_column():
    plain = model(climatology=0.0).profiles(*PLACE).low
    up = raised(plain, np.full((1, 6), 1.37))
    assert columns_rayleigh(up, 0.25) == pytest.approx(columns_rayleigh(plain, 0.25), rel=2e-4)


def test_climatology_sets_the_columns():
    lat = np.radians([-35.0, 0.0, 30.0, 53.0])
    profiles = model().profiles(lat, np.zeros(4))
    want = climatology(lat, UTC_SEP.timetuple().tm_yday, 85.0).column_rayleigh
    got = columns_rayleigh(profiles.low, 0.25)
    keep = [k for k in range(6) if k != RED]
    assert got[:, keep] == pytest.approx(want[:, keep], rel=5e-3)  # what the shift loses at the table's ends


def test_half_climatology_lies_between():
    bare, half, full = (columns_rayleigh(model(climatology=c).profiles(*PLACE).low, 0.25)[0] for c in (0.0, 0.5, 1.0))
    keep = [k for k in range(6) if k != RED]
    assert half[keep] == pytest.approx(np.sqrt(bare * full)[keep], rel=1e-2)


def test_sodium_column():
    assert sodium_column_cm2(np.radians([45.0]), 263.0)[0] == pytest.approx(5.4e9, rel=0.01)
    assert sodium_column_cm2(np.radians([-45.0]), 263.0)[0] == pytest.approx(3.6e9, rel=0.02)


def test_season_and_solar_cycle():
    """The numbers of Paranal come back at Paranal within what two waves can hold; the cycle as observed."""
    lat = np.radians([-24.6])
    months = (0.86, 1.13, 1.44, 0.86, 0.74, 0.99)
    got = [season_factor(months, lat, 1.0 + 365.25 * k / 6.0)[0] for k in range(6)]
    assert got == pytest.approx(months, abs=0.1)
    assert season_factor(months, np.array([0.7]), 300.0)[0] > season_factor(months, np.array([0.7]), 200.0)[0]
    assert solar_factor(200.0)[OI] / solar_factor(100.0)[OI] == pytest.approx(2.17, rel=0.01)
    assert solar_factor(85.0)[OI] / solar_factor(100.0)[OI] == pytest.approx(0.82, rel=0.01)


def test_uniform_place_is_the_same_everywhere():
    here = model(uniform=(0.8, 0.1))
    profiles = here.profiles(np.array([0.0, 1.0]), np.array([0.0, 2.0]))
    assert np.array_equal(profiles.low[0], profiles.low[1])
    assert profiles.low[0] == pytest.approx(model().profiles(np.array([0.8]), np.array([0.1])).low[0], rel=1e-12)
    assert here.sunlit_test


def test_source_is_recorded():
    assert model().source == "table"


PLACES = (
    (datetime(2020, 10, 10, 4, tzinfo=UTC), 30.0, -80.0),
    (datetime(2021, 1, 20, 3, tzinfo=UTC), -10.0, -60.0),
    (datetime(2016, 6, 6, 18, tzinfo=UTC), -35.0, 150.0),
    (datetime(2019, 7, 20, 6, tzinfo=UTC), 36.0, -95.0),
    (datetime(2020, 4, 15, 18, tzinfo=UTC), 15.0, 80.0),
)
WB_D55 = np.array([1.92, 1.0, 1.36])
RGB_FROM_RAW = np.array([[1.392, -0.252, -0.139], [-0.103, 1.426, -0.323], [-0.003, -0.363, 1.366]])


def developed_limb(utc, lat_deg, lon_deg):
    """Heights and linear R, G, B of a default limb: camera, white balance, matrix, blur of 2.2 km."""
    profiles = model(utc=utc).profiles(np.radians([lat_deg]), np.radians([lon_deg]))
    lines = [x.split(",") for x in (DATA / "air_rgb_per_rayleigh.csv").read_text().splitlines()[2:]]
    response = {x[0]: np.array(x[2:], dtype=float) for x in lines}
    order = [
        ("NaD", 589.2),
        ("OI5577", 557.7),
        ("OI6300", 630.0),
        ("OHvis", 620.0),
        ("O2blue", 470.0),
        ("FeO", 595.0),
    ]
    h = np.arange(20.0, 130.0, 0.5)
    air = LowAtmosphere.load()
    raw = np.zeros((h.size, 3))
    alt_km = np.concatenate([low_altitudes_km(), high_altitudes_km()[1:]])
    for k, (name, nm) in enumerate(order):
        ver = np.concatenate([profiles.low[0, k], profiles.high[0, k, 1:]])
        near, far = limb_columns_rayleigh(alt_km, ver, h, 415.0)
        raw += (near + far * air.transmission_limb(h, nm))[:, None] * response[name]
    rgb = (raw * WB_D55) @ RGB_FROM_RAW.T
    kernel = np.exp(-0.5 * (np.arange(-14, 15) * 0.5 / 2.2) ** 2)
    blurred = np.stack([np.convolve(c, kernel / kernel.sum(), mode="same") for c in rgb.T])
    return blurred[:, 20:-20], h[20:-20]


def upper_half_level(h, value):
    above = slice(int(value.argmax()), None)
    return float(np.interp(-0.5 * value.max(), -value[above], h[above]))


@pytest.mark.parametrize("place", PLACES)
def test_default_limb_looks_like_photographs(place):
    """Ranges of 13 clean nights; the D5's matrix, a daylight white balance."""
    (red, green, _), h = developed_limb(*place)
    peak = h[red.argmax()]

    def at(value, km):
        return float(np.interp(peak + km, h, value))

    assert 1.6 <= at(red, 0.0) / at(green, 0.0) <= 3.8
    assert 0.43 <= at(red, 8.0) / at(green, 8.0) <= 1.5
    assert 1.75 <= at(red, -25.0) / at(green, -25.0) <= 3.1
    assert 0.30 <= at(red, -25.0) / red.max() <= 0.44
    assert 4.0 <= upper_half_level(h, green) - upper_half_level(h, red) <= 8.4
    assert 84.0 <= peak <= 90.0


def test_profile_file_round_trip(tmp_path):
    """On-grid rates come back as written: six digits of text."""
    plain = model(climatology=0.0).profiles(*PLACE)
    path = tmp_path / "p.csv"
    path.write_text(profile_csv(plain.low[0], plain.high[0]))
    lines = path.read_text().splitlines()
    assert lines[0] == "alt_km,na589,oi558,oi630,oh,o2,continuum"
    assert (len(lines), lines[1].split(",")[0], lines[-1].split(",")[0]) == (2162, "60.00", "600.00")
    back = model(profile=path)
    assert (back.sunlit_test, back.source) == (False, "file")
    got = back.profiles(np.array([0.3, 0.4]), np.zeros(2))
    peak = plain.low[0].max(axis=1, keepdims=True)
    assert np.abs(got.low[1] - plain.low[0]).max() < 2e-5 * peak.max()
    assert got.high[0, RED] == pytest.approx(plain.high[0, RED], rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("layer", [(90.07, 90.13), (89.9, 90.6), (84.33, 97.81)])
def test_resampling_conserves_columns(layer):
    """A tent whose kinks are off the grid, thinner than a cell or wide."""
    alt_km = np.array([layer[0], 0.5 * (layer[0] + layer[1]), layer[1]])
    ver = np.array([0.0, 100.0, 0.0])
    got = resampled(alt_km, ver, low_altitudes_km())
    assert (got >= 0.0).all()
    assert columns_rayleigh(got, 0.25) == pytest.approx(0.1 * 50.0 * (layer[1] - layer[0]), rel=1e-9)


def test_resampling_does_not_ring_behind_a_sharp_end():
    """A constant profile that ends on or off the nodes: itself up to the last node before, zero beyond the next."""
    grid = high_altitudes_km()
    for top_km in (160.0, 161.0, 160.3):
        alt_km, ver = np.array([100.0, top_km]), np.array([10.0, 10.0])
        got = resampled(alt_km, ver, grid)
        assert got[grid < 159.0] == pytest.approx(10.0, abs=1e-12)
        assert (got[grid > 162.5] == 0.0).all() and got.min() >= 0.0 and got.max() <= 10.0 + 1e-12
        assert columns_rayleigh(got, 2.0) == pytest.approx(top_km - 130.0, rel=1e-12)


def test_resampling_keeps_the_height_of_a_thin_layer():
    """A tent between two nodes: the centre of gravity of its light, 10 m exact."""
    grid = low_altitudes_km()
    for top_km in (90.05, 90.1, 90.2):
        got = resampled(np.array([top_km - 0.04, top_km, top_km + 0.04]), np.array([0.0, 100.0, 0.0]), grid)
        ten_metres_km = 0.01
        assert (grid @ got) / got.sum() == pytest.approx(top_km, abs=ten_metres_km)


def test_resampling_keeps_on_grid_profiles():
    grid = low_altitudes_km()
    ver = np.exp(-0.5 * ((grid - 90.0) / 3.0) ** 2)
    assert resampled(grid, ver, grid) == pytest.approx(ver, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an empty file"),
        ("alt_km,oi557\n60,1\n", ":1: column 'oi557': unknown"),
        ("alt_km,oh,oh\n60,1,1\n", ":1: column 'oh': twice"),
        ("oh\n1\n2\n", ":1: no column alt_km"),
        ("alt_km,oh\n60,1\n", "1 rows of numbers"),
        ("alt_km,oh\n60,1\n\n59,2\n", ":4: alt_km = 59: altitudes increase"),
        ("alt_km,oh\n60,1\n61,nan\n", ":3: oh = nan: a number from 0 to 1e+12 is needed: mend the cell"),
        ("alt_km,oh\n60,1\n61,-2\n", ":3: oh = -2: a number from 0 to 1e+12"),
        ("alt_km,oh\n60,1\n61,1e300\n", ":3: oh = 1e300: a number from 0 to 1e+12"),
        ("alt_km,oh\n60,1\n1e300,1\n", ":3: alt_km = 1e300: a number from -6400 to 1e+06"),
        ("alt_km,oh\n60,1\n61\n", ":3: 1 numbers: 2 columns are named"),
    ],
)
def test_bad_profile_files(tmp_path, text, message):
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_profile(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)


def test_missing_profile_file(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        read_profile(tmp_path / "none.csv")


def test_missing_columns_are_zero(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("oh,alt_km\n0,85\n10,88\n0,95\n")
    profile = read_profile(path)
    assert [bool(row.any()) for row in profile.low] == [name == "oh" for name in EMISSIONS]
