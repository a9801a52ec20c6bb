"""Development: white, hue order, no clipped flats, linear stars, and the limb of a real photograph."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from earthlimb.physics.development import (
    KNEE,
    LUMINANCE,
    develop,
    develop_linear,
    gamut_map,
    shoulder,
    srgb_decode,
    srgb_encode,
    white_balance_gain,
)
from earthlimb.physics.exposure import CameraBody, electrons_per_radiance
from earthlimb.physics.response import camera_response

DATA = Path(__file__).parents[1] / "data"
BAKE = Path(__file__).parents[2] / "assets" / "bake"
FACTOR = 1.5
"""The photograph's tone curve and saturation are known to about this."""

channel = st.floats(-2.0, 2.0, allow_nan=False)
colour = st.tuples(channel, channel, channel).map(np.array)


def lit(rgb: NDArray[np.float64]) -> bool:
    return float(rgb @ LUMINANCE) > 1e-3


@given(colour)
def test_hue_and_luminance_stay(rgb: NDArray[np.float64]) -> None:
    """It lies between the colour and the grey of its luminance: channels keep their order."""
    mapped = gamut_map(rgb)
    assert mapped @ LUMINANCE == pytest.approx(rgb @ LUMINANCE, abs=1e-12)
    chroma, before = mapped - mapped @ LUMINANCE, rgb - rgb @ LUMINANCE
    if np.abs(before).max() > 1e-9:
        scale = (chroma @ before) / (before @ before)
        assert -1e-12 <= scale <= 1.0 + 1e-12
        assert np.allclose(chroma, scale * before, atol=1e-12)


@given(colour.filter(lit))
def test_every_lit_colour_becomes_positive(rgb: NDArray[np.float64]) -> None:
    assert gamut_map(rgb).min() > 0.0


@given(colour, st.floats(1e-3, 1e3))
def test_brightness_does_not_matter(rgb: NDArray[np.float64], factor: float) -> None:
    assert np.allclose(gamut_map(factor * rgb), factor * gamut_map(rgb), rtol=1e-9, atol=1e-12 * factor)


@given(st.tuples(*[st.floats(0.5, 1.0)] * 3).map(np.array))
def test_ordinary_colours_are_not_touched(rgb: NDArray[np.float64]) -> None:
    assert (rgb.max() - rgb.min()) / rgb.max() < KNEE
    assert np.allclose(gamut_map(rgb), rgb, atol=1e-12)


def test_further_out_stays_further_out() -> None:
    """A ramp from grey far beyond the green line: strictly purer at each step, so no clipped flat."""
    line = np.array([-0.34, 1.0, -0.31])
    steps = np.linspace(0.0, 3.0, 400)[:, None]
    grey = line @ LUMINANCE
    mapped = gamut_map(grey + steps * (line - grey))
    purity = (mapped.max(-1) - mapped.min(-1)) / mapped.max(-1)
    assert (np.diff(purity) > 0.0).all() and purity[-1] < 1.0
    assert np.abs(np.diff(purity, 2)).max() < 1e-3 * 5  # bends, does not break


@pytest.mark.parametrize(
    ("line", "low", "high"),
    [
        ((-0.34, 1.0, -0.31), 100.0, 140.0),
        ((1.0, 0.135, -0.037), 5.0, 40.0),
        ((1.0, -0.05, 0.03), 340.0, 362.0),
    ],
)
def test_lines_keep_their_colour(line: tuple[float, float, float], low: float, high: float) -> None:
    """557.7 nm stays green, 589 orange, 630 red (HSV hue in degrees)."""
    r, g, b = gamut_map(line)
    x, y = r - 0.5 * (g + b), np.sqrt(0.75) * (g - b)
    hue = np.degrees(np.arctan2(y, x)) % 360.0
    assert low < (hue if hue > low - 180.0 and hue > 2.0 else hue + 360.0) % 361.0 < high


def test_white_stays_white_at_every_level() -> None:
    body = CameraBody.load("nikon-d5")
    response = camera_response(body)
    for kelvin in (3200.0, 4550.0, 6500.0):
        white = response.of_white(kelvin)[:3]
        gain = white_balance_gain(white)
        for level in (0.01, 0.3, 3.0):
            code = develop(
                white / white[1] * level * 1130.0, saturation_e=1130.0, gain=gain, ev=0.0, matrix=body.matrix
            )
            assert np.ptp(code) < 2.0 / 255.0


def test_the_matrix_renders_a_colour_chart() -> None:
    """The body's matrix on 24 known surfaces under 4550 K: 2 % of white at most, rms."""
    pytest.importorskip("colour")
    program = runpy.run_path(str(BAKE / "camera_matrix.py"))
    body = CameraBody.load("nikon-d5")
    raw, true = program["patches"](body)
    error = raw @ np.asarray(body.matrix).T - true
    assert np.sqrt((error**2).mean(0)).max() < 0.02
    assert np.allclose(np.sum(body.matrix, axis=1), 1.0, atol=1e-9)
    assert np.allclose(program["matrix"](body), body.matrix, atol=6e-4)  # as printed


def test_stars_stay_linear_below_the_shoulder() -> None:
    body = CameraBody.load("nikon-d5")
    star = camera_response(body).of_stars(0.0, 0.4)[:3]
    electrons = star / star[1] * np.array([[50.0], [100.0], [200.0]])
    linear = develop_linear(electrons, saturation_e=1130.0, gain=(1.71, 1.0, 1.59), ev=1.02, matrix=body.matrix)
    assert np.allclose(linear / linear[0], [[1.0], [2.0], [4.0]])
    assert np.allclose(srgb_decode(srgb_encode(shoulder(linear))), linear, atol=1e-9)


def test_saturated_light_is_white_in_the_corner_too() -> None:
    code = develop(
        np.full((1, 3), 1130.0), saturation_e=1130.0, gain=(1.71, 1.0, 1.59), ev=1.02,
        matrix=CameraBody.load("nikon-d5").matrix, vignetting=np.array([0.2]),
    )  # fmt: skip
    assert np.ptp(code) < 1e-3 and code.min() > 0.95


def test_shoulder_is_smooth_and_ends_below_one() -> None:
    v = np.linspace(-0.5, 50.0, 200_001)
    s = shoulder(v)
    assert (s[v <= 0.0] == 0.0).all() and s.max() < 1.0
    assert np.allclose(s[(v >= 0.0) & (v <= 0.8)], v[(v >= 0.0) & (v <= 0.8)])
    slope = np.diff(s[v > 0.0]) / np.diff(v[v > 0.0])
    assert (slope > 0.0).all() and (np.diff(slope) < 1e-9).all()


def italy_limb() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tangent altitudes and developed linear sRGB of the reference columns with that night's factors."""
    table = np.genfromtxt(DATA / "camera_limb_columns.csv", delimiter=",", names=True, skip_header=2)
    altitude = np.arange(50.0, 111.0)
    one_efficiency = 0.8  # the factors were found with a smaller efficiency than the stars ask for
    factors = {"na589": 2.0, "oi558": 0.7, "oi630": 1.0, "oh": 1.5, "o2": 0.45, "continuum": 0.3}
    columns = [
        one_efficiency * f * np.interp(altitude - 2.0, table["alt_km"], table[name]) for name, f in factors.items()
    ]
    body = CameraBody.load("nikon-d5")
    light = np.array(columns).T @ camera_response(body).per_rayleigh()[:, :3]
    electrons = light * electrons_per_radiance(body, 1.4, 0.2, body.photosites_long, body.photosites_short)
    blur = np.exp(-0.5 * ((altitude[:, None] - altitude) / 2.2) ** 2)  # a pixel of the photograph is 2.9 km
    electrons = blur @ electrons / blur.sum(1, keepdims=True)
    return altitude, develop_linear(
        electrons, saturation_e=body.saturation_e(10000.0), gain=(1.71, 1.0, 1.59),
        ev=0.62 + body.baseline_ev, matrix=body.matrix,
    )  # fmt: skip


def photograph(altitude_km: float) -> NDArray[np.float64]:
    """R, G, B in each of the three ranges at this tangent altitude, (3, 3)."""
    table = np.genfromtxt(
        DATA / "camera_photo_limb.csv", delimiter=",", names=True, dtype=None, encoding="utf-8", skip_header=3
    )
    ranges = [table[table["columns"] == name] for name in np.unique(table["columns"])]
    assert len(ranges) == 3
    return np.array([[np.interp(altitude_km, r["tangent_alt_km"], r[c]) for c in "RGB"] for r in ranges])


@pytest.mark.parametrize(("altitude_km", "low", "high"), [(86.0, 1.6, 2.9), (94.0, 0.3, 0.7)])
def test_the_limb_has_the_photographs_colours(altitude_km: float, low: float, high: float) -> None:
    altitude, limb = italy_limb()
    red, green, _ = limb[int(np.argmin(np.abs(altitude - altitude_km)))]
    photo = photograph(altitude_km)
    assert low < red / green < high
    assert 1.0 / FACTOR < (red / green) / np.median(photo[:, 0] / photo[:, 1]) < FACTOR


def test_the_limb_has_the_photographs_brightness() -> None:
    altitude, limb = italy_limb()
    for altitude_km, index in ((86.0, 0), (94.0, 1)):
        value = limb[int(np.argmin(np.abs(altitude - altitude_km))), index]
        assert 1.0 / FACTOR < value / np.median(photograph(altitude_km)[:, index]) < FACTOR


def test_the_green_line_is_as_pure_as_in_photographs() -> None:
    """R/G and B/G 0.24 to 0.40 at 98 km in ISS065-E-394522, where 557.7 nm is nearly alone."""
    red, green, blue = gamut_map([-0.34, 1.0, -0.31])
    assert 0.24 <= red / green <= 0.40 and 0.24 <= blue / green <= 0.40
