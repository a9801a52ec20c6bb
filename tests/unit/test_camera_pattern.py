"""Fixed pattern, hot photosites, cosmic rays, mosaic and quantisation in float64."""

from __future__ import annotations

import numpy as np
import pytest

from earthlimb.physics.demosaic import demosaic, mosaic
from earthlimb.physics.development import film, gamut_map, quantised, toned
from earthlimb.physics.exposure import CameraBody
from earthlimb.physics.fixed_pattern import (
    BAYER_CHANNEL,
    COSMIC_DEPTH_UM,
    COSMIC_E_PER_UM,
    COSMIC_PER_CM2_S,
    cosmic_map,
    dark_rate_map,
    hot_photosites,
    pattern_map,
    sensor_pattern,
)
from earthlimb.physics.sensor_model import expose

THREE_PERCENT = 0.03
D5 = CameraBody.load("nikon-d5")


def test_spread_of_gain_and_offset() -> None:
    """A binned pixel has 1/sqrt(n) of the photosites' spread of gain, sqrt(n) of their spread of offset."""
    pattern = sensor_pattern(D5, sensor_seed=3, months_in_orbit=0.0)
    assert pattern is not None
    for width in (1392, 696):
        n = D5.photosites_per_px(width, width * 2 // 3)
        gain, offset = np.moveaxis(pattern_map(pattern, width, width * 2 // 3), -1, 0)
        assert gain.std() == pytest.approx(D5.prnu / np.sqrt(n), rel=THREE_PERCENT)
        assert offset.std() == pytest.approx(D5.dsnu_e * np.sqrt(n), rel=THREE_PERCENT)
        assert gain.mean() == pytest.approx(1.0, abs=1e-5)


def test_hot_photosites_grow_with_the_months_and_stay_where_they_are() -> None:
    counts = []
    before: set[tuple[int, int]] = set()
    for months in (0.0, 6.0, 18.0, 60.0):
        pattern = sensor_pattern(D5, sensor_seed=1, months_in_orbit=months)
        assert pattern is not None
        x, y, rate = hot_photosites(pattern)
        here = set(zip(x.tolist(), y.tolist(), strict=True))
        assert before <= here
        before, counts = here, [*counts, len(x)]
        share = D5.hot_share_new + months * D5.hot_share_per_month
        assert len(x) == round(5568 * 3712 * share)
    assert rate.mean() == pytest.approx(D5.hot_mean_e_s, rel=0.05)
    assert np.median(rate) == pytest.approx(D5.hot_mean_e_s * np.log(2.0), rel=0.05)
    assert counts == sorted(counts) and counts[-1] > 10 * counts[0]
    assert sensor_pattern(D5, sensor_seed=1, months_in_orbit=0.0, factor=0.0) is None


def test_another_specimen_has_another_pattern() -> None:
    one, two = (sensor_pattern(D5, sensor_seed=s, months_in_orbit=12.0) for s in (1, 2))
    assert one is not None and two is not None
    assert not np.array_equal(pattern_map(one, 60, 40), pattern_map(two, 60, 40))
    assert not np.array_equal(hot_photosites(one)[0], hot_photosites(two)[0])


def test_hot_photosites_do_not_depend_on_the_pictures_size() -> None:
    """Sum over the picture and place of the hottest, at two resolutions and upright."""
    pattern = sensor_pattern(D5, sensor_seed=5, months_in_orbit=24.0)
    assert pattern is not None
    x, y, rate = hot_photosites(pattern)
    total = rate.sum() + 3.0 * D5.dark_e_s * 5568 * 3712
    for size in ((1392, 928), (696, 464), (464, 696)):
        dark = dark_rate_map(pattern, *size)
        assert dark.sum() == pytest.approx(total, rel=1e-9)
    assert dark_rate_map(pattern, 1280, 720).sum() < total  # a wider aspect cuts the sensor
    scale = 1392 / 5568
    row, column, channel = np.unravel_index(dark_rate_map(pattern, 1392, 928).argmax(), (928, 1392, 3))
    held = (np.abs(x * scale - column - 0.5) < 1.0) & (np.abs(y * scale - row - 0.5) < 1.0)
    assert rate[held].max() > 0.5 * rate.max() and 0 <= channel <= 2


def test_dark_current_is_that_of_the_photosites_that_count() -> None:
    """A binned mosaic has a quarter of them in R; a pixel that holds one channel has all below it, the hot ones too."""
    pattern = sensor_pattern(D5, sensor_seed=5, months_in_orbit=24.0)
    assert pattern is not None
    share, all_hot = (0.25, 0.5, 0.25), hot_photosites(pattern)[2].sum()
    binned = dark_rate_map(pattern, 696, 464, channel_share=share)
    mean_e_s = np.array(share) * (D5.dark_e_s * 64.0 + all_hot / (696 * 464))
    assert binned.mean(axis=(0, 1)) == pytest.approx(mean_e_s, rel=0.02)
    n = 5568 / 3000
    one = dark_rate_map(pattern, 3000, 2000, mosaic=True) * np.eye(3)[mosaic_channels(2000, 3000)]
    expected_e_s = n * n * D5.dark_e_s + all_hot / (3000 * 2000)
    for channel, count in enumerate((0.25, 0.5, 0.25)):
        assert one[..., channel].sum() / (count * 3000 * 2000) == pytest.approx(expected_e_s, rel=0.03)


def mosaic_channels(rows: int, columns: int) -> np.ndarray:
    """(rows, columns): which channel each pixel of a mosaic holds."""
    return np.asarray(BAYER_CHANNEL)[np.arange(rows)[:, None] & 1, np.arange(columns) & 1]


def test_cosmic_rays_have_their_number_and_charge() -> None:
    """Mean charge: through a layer the mean path of an isotropic flux is twice its depth (rays at the side cut)."""
    settings = dict(rate_cm2_s=COSMIC_PER_CM2_S, width_px=5568 // 8, height_px=3712 // 8)
    area = D5.sensor_long_mm * D5.sensor_short_mm / 100.0
    total = sum(cosmic_map(D5, shutter_s=20.0, seed=seed, **settings).sum() for seed in range(6))
    spread = float(np.exp(0.5 * 0.4**2))
    expected = 120.0 * COSMIC_PER_CM2_S * area * COSMIC_E_PER_UM * 2.0 * COSMIC_DEPTH_UM * spread
    assert total == pytest.approx(expected, rel=0.1)
    once, again, other = (cosmic_map(D5, shutter_s=1.0, seed=seed, **settings) for seed in (1, 1, 2))
    assert np.array_equal(once, again) and not np.array_equal(once, other)
    assert cosmic_map(D5, shutter_s=1e-6, seed=1, **settings).sum() == 0.0


def test_a_mosaic_of_smooth_colour_comes_back() -> None:
    """Malvar's filters are exact for colours whose differences are constant and which change linearly."""
    y, x = np.mgrid[:24, :32].astype(float)
    plane = 3.0 * x + 2.0 * y
    full = np.stack([plane + 10.0, plane + 20.0, plane + 5.0], axis=-1)
    found = demosaic(mosaic(full))
    assert np.abs(found - full)[2:-2, 2:-2].max() < 1e-9
    grey = np.full((7, 9, 3), 4.0)
    assert np.abs(demosaic(mosaic(grey)) - grey).max() < 1e-12


def test_the_mosaic_is_better_than_bilinear() -> None:
    """A grey wave of 5 px, where bilinear interpolation makes colour: half its error at most."""
    y, x = np.mgrid[:60, :60]
    full = np.repeat((1.0 + np.sin(2.0 * np.pi * (x + 0.3 * y) / 5.0))[..., None], 3, axis=-1)
    raw = mosaic(full)
    found = demosaic(raw)
    green = np.where((x + y) & 1 == 1, raw, 0.0)
    bilinear = (np.roll(green, 1, 0) + np.roll(green, -1, 0) + np.roll(green, 1, 1) + np.roll(green, -1, 1)) / 4.0
    inner = (slice(3, -3), slice(3, -3))
    at_red = ((x & 1) == 0) & ((y & 1) == 0)
    ours = np.abs(found[..., 1] - full[..., 1])[inner][at_red[inner]].max()
    assert ours < 0.5 * np.abs(bilinear - full[..., 1])[inner][at_red[inner]].max()


def test_a_photon_transfer_curve_of_raw_numbers_gives_gain_and_read_noise() -> None:
    """Variance against mean of 14-bit numbers at ISO 1600: slope = steps per electron, offset = read noise."""
    iso = 1600.0
    step = D5.electrons_per_dn(iso)
    read_e, full_e = D5.read_noise_at(iso), D5.saturation_e(iso)
    means, variances = [], []
    for i, mean in enumerate((0.0, 10.0, 40.0, 100.0, 200.0, 400.0)):
        drawn = expose(
            np.full((500, 500, 3), mean), photosites_per_px=1.0, read_noise_e=read_e, saturation_e=full_e, seed=i
        )
        numbers = np.round(quantised(drawn, step) / step)
        assert np.array_equal(numbers, np.floor(drawn / step + 0.5))
        means.append(numbers.mean())
        variances.append(numbers.var() - 1.0 / 12.0)  # of rounding (EMVA 1288)
    gain, offset = np.polyfit(means[:5], variances[:5], 1)
    assert gain == pytest.approx(1.0 / step, rel=THREE_PERCENT)
    assert np.sqrt(variances[0]) * step == pytest.approx(read_e, rel=THREE_PERCENT)
    assert np.sqrt(offset) / gain == pytest.approx(read_e, rel=THREE_PERCENT)
    assert full_e / step == pytest.approx(D5.white_dn - D5.black_dn)


def test_tone_curves_rise_from_black_to_white() -> None:
    v = np.linspace(0.0, 20.0, 4001)
    for tone in ("neutral", "linear", "film"):
        shown = toned(v, tone)
        assert shown[0] == 0.0 and shown.max() <= 1.0
        assert (np.diff(shown) >= 0.0).all()
        assert toned(0.18, tone) == pytest.approx(0.18)
    assert (np.diff(film(v)) > 0.0).all()
    assert film(0.05) < 0.05 and film(0.3) > 0.3  # more contrast on both sides of middle grey


@pytest.mark.parametrize("tone", ["neutral", "film"])
def test_lines_keep_their_order_and_leave_no_flat(tone: str) -> None:
    """Orange, red and green lines from the noise to far beyond white: order of channels stays, brightness rises."""
    for line in ((1.0, 0.135, -0.037), (1.0, -0.05, 0.03), (-0.34, 1.0, -0.31)):
        levels = np.geomspace(1e-3, 30.0, 300)[:, None]
        shown = toned(gamut_map(levels * np.array(line)), tone)
        order = np.argsort(gamut_map(line))
        assert (np.diff(shown[:, order], axis=1) > 0.0).all()
        assert (np.diff(shown, axis=0) > 0.0).all()
