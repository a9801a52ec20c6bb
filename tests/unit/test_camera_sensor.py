"""Exposure and noise in float64: electrons, photon transfer, seeds, bodies and their wrong files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from earthlimb.errors import UsageError
from earthlimb.physics.exposure import CameraBody, electrons_per_irradiance, electrons_per_radiance
from earthlimb.physics.lens_model import LensModel
from earthlimb.physics.sensor_model import (
    expose,
    frame_seed,
    noisy_electrons,
    normal_from_bits,
    random_bits,
    vignetting,
)

THREE_PERCENT = 0.03
FRAME = (500, 500, 3)  # 750,000 draws: a variance is good to 0.2 %, a mean of 1 e- to 0.2 %


@pytest.fixture(scope="module")
def body() -> CameraBody:
    return CameraBody.load("nikon-d5")


@pytest.mark.parametrize("mean", [0.0, 0.3, 1.0, 4.0, 30.0, 500.0])
@pytest.mark.parametrize(("iso", "n"), [(10000.0, 1.0), (25600.0, 1.0), (10000.0, 18.9)])
def test_photon_transfer(body: CameraBody, mean: float, iso: float, n: float) -> None:
    """Mean, variance and third moment of Poisson plus Gaussian, from a native pixel to a binned one."""
    noise = body.read_noise_at(iso)
    drawn = expose(np.full(FRAME, mean), photosites_per_px=n, read_noise_e=noise, saturation_e=1e9, seed=3)
    variance = mean + n * noise**2
    assert drawn.mean() == pytest.approx(mean, abs=5.0 * np.sqrt(variance / drawn.size))
    assert drawn.var() == pytest.approx(variance, rel=THREE_PERCENT)
    third = ((drawn - drawn.mean()) ** 3).mean()
    assert third == pytest.approx(mean, abs=0.05 * variance**1.5)


def test_gain_and_read_noise_come_back_from_a_photon_transfer_curve(body: CameraBody) -> None:
    """Variance against mean of pictures is a line of slope 1 whose offset is the read noise."""
    means = np.array([2.0, 8.0, 20.0, 60.0])
    pictures = [
        expose(np.full(FRAME, m), photosites_per_px=1.0, read_noise_e=1.9, saturation_e=1130.0, seed=i)
        for i, m in enumerate(means)
    ]
    slope, offset = np.polyfit([p.mean() for p in pictures], [p.var() for p in pictures], 1)
    assert slope == pytest.approx(1.0, rel=THREE_PERCENT)
    assert np.sqrt(offset) == pytest.approx(1.9, rel=THREE_PERCENT)


def test_quantiles_are_those_of_poisson_plus_gaussian() -> None:
    """At 3 e- and 1.9 e- read noise the whole distribution is right: Kolmogorov distance below 0.5 %."""
    rng = np.random.default_rng(1)
    exact = np.sort(rng.poisson(3.0, 400_000) + rng.normal(0.0, 1.9, 400_000))
    bits = random_bits(np.arange(400_000), 0, 5)[:, 0]
    drawn = np.sort(noisy_electrons(3.0, 1.9**2, normal_from_bits(bits)))
    distance = np.abs(np.searchsorted(exact, drawn) - np.arange(drawn.size)).max() / drawn.size
    assert distance < 0.005


def test_draws_rise_with_their_deviate_everywhere() -> None:
    """As far as 23 bits reach with a real sensor's read noise; without any, to 4 sigma."""
    for mean in (0.0, 0.1, 1.0, 10.0, 1e5):
        for noise, reach in ((0.0, 4.0), (0.5, 4.0), (1.0, 5.3), (1.9, 5.3), (8.0, 5.3)):
            z = np.linspace(-reach, reach, 2001)
            drawn = noisy_electrons(mean, noise**2, z)
            assert np.isfinite(drawn).all()
            assert (np.diff(drawn) >= 0.0).all(), (mean, noise)


def test_random_numbers_are_uniform_and_independent() -> None:
    bits = random_bits(np.arange(512)[None, :], np.arange(512)[:, None], 7).astype(np.float64) / 2.0**32
    counts = np.histogram(bits, 64, (0.0, 1.0))[0]
    assert np.abs(counts / counts.mean() - 1.0).max() < 0.05  # 12,288 a bin: 5.5 sigma
    flat = bits.reshape(-1, 3)
    assert np.abs(np.corrcoef(flat.T) - np.eye(3)).max() < 0.01
    assert abs(np.corrcoef(bits[:, 1:, 0].ravel(), bits[:, :-1, 0].ravel())[0, 1]) < 0.01
    assert abs(np.corrcoef(bits[1:, :, 0].ravel(), bits[:-1, :, 0].ravel())[0, 1]) < 0.01


@pytest.mark.parametrize("seed", [frame_seed(0, 0), frame_seed(1, 0), 3])
def test_noise_is_white(seed: int) -> None:
    """No plane wave stands out: the strongest of 137,000 has 10 to 16 times the mean of white noise, 790 before."""
    z = normal_from_bits(random_bits(np.arange(640)[None, :], np.arange(426)[:, None], seed))
    assert z.var() == pytest.approx(1.0, abs=0.01)
    for channel in np.moveaxis(z, -1, 0):
        power = np.abs(np.fft.rfft2(channel - channel.mean())) ** 2 / channel.size
        assert 9.0 < power.max() < 18.0


def test_one_pixel_of_the_hash_is_pcg3d() -> None:
    """Hand computation with Python's whole numbers of the published function."""
    v = [(i * 1664525 + 1013904223) % 2**32 for i in (12, 34, 56)]
    for last in (False, True):
        v[0] = (v[0] + v[1] * v[2]) % 2**32
        v[1] = (v[1] + v[2] * v[0]) % 2**32
        v[2] = (v[2] + v[0] * v[1]) % 2**32
        if not last:
            v = [k ^ (k >> 16) for k in v]
    assert random_bits(12, 34, 56).tolist() == v


def test_seeds_tell_frames_and_scenes_apart() -> None:
    seeds = {frame_seed(s, f) for s in (0, 1, 2**40) for f in range(100)}
    assert len(seeds) == 300
    assert frame_seed(5, 7) == frame_seed(5, 7)
    one = expose(np.ones((4, 4, 3)), photosites_per_px=1.0, read_noise_e=2.0, saturation_e=9e9, seed=1)
    two = expose(np.ones((4, 4, 3)), photosites_per_px=1.0, read_noise_e=2.0, saturation_e=9e9, seed=2)
    assert not np.array_equal(one, two)


def test_doubling_the_exposure_doubles_the_electrons(body: CameraBody) -> None:
    once = electrons_per_radiance(body, 1.4, 0.2, 1280, 720)
    assert electrons_per_radiance(body, 1.4, 0.4, 1280, 720) == pytest.approx(2.0 * once, rel=1e-12)
    assert electrons_per_radiance(body, 2.8, 0.2, 1280, 720) == pytest.approx(once / 4.0, rel=1e-12)
    assert electrons_per_radiance(body, 1.4, 0.2, 640, 360) == pytest.approx(4.0 * once, rel=1e-12)


def test_a_point_source_is_a_radiance_over_the_pixels_solid_angle(body: CameraBody) -> None:
    f_px = 28.0 / body.sensor_long_mm * 1280
    spread = electrons_per_radiance(body, 1.4, 0.2, 1280, 720) * f_px**2
    assert electrons_per_irradiance(1.4, 0.2, 28.0) == pytest.approx(spread, rel=1e-12)


def test_saturation_and_read_noise_by_iso(body: CameraBody) -> None:
    assert body.saturation_e(10000.0) == 1130.0
    assert body.read_noise_at(10000.0) == pytest.approx(1.9)
    assert 3.6 < body.read_noise_at(2300.0) < 5.5
    full = expose(np.full((8, 8, 3), 1e6), photosites_per_px=18.9, read_noise_e=1.9, saturation_e=1130.0, seed=0)
    assert (full == 18.9 * 1130.0).all()


def test_vignetting_at_the_corner() -> None:
    """28 mm full frame: cos^4 of 37.7 degrees is 0.39, with 1 EV of barrel 0.196, none stopped down."""
    f_px = 28.0 / 35.9 * 5568
    half = 0.5 * float(np.hypot(35.9, 23.9)) / 35.9 * 5568
    settings = dict(f_px=f_px, cx_px=2784.0, cy_px=1856.0, k1=0.0, half_diagonal_px=half)
    assert vignetting(2783.5, 1855.5, mechanical_ev=1.0, **settings) == pytest.approx(1.0)
    assert vignetting(-0.5, 2.5, mechanical_ev=0.0, **settings) == pytest.approx(0.39, abs=0.005)
    assert vignetting(-0.5, 2.5, mechanical_ev=1.0, **settings) == pytest.approx(0.196, abs=0.005)
    lens = LensModel.load()
    assert lens.mechanical_loss_ev(1.4) == 1.0 and lens.mechanical_loss_ev(2.8) == pytest.approx(0.0)


def test_unknown_and_missing_bodies(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="allowed are nikon-d3s, nikon-d4, nikon-d5, nikon-z9"):
        CameraBody.load("kodak")
    with pytest.raises(UsageError, match=r"nowhere\.toml"):
        CameraBody.load(tmp_path / "nowhere.toml")
