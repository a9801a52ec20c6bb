"""Optics and sensor options on the GPU: energy, focus, fixed pattern, cosmic rays, mosaic, tone curves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from earthlimb.gpu import ShaderLibrary, texture_from
from earthlimb.physics.demosaic import demosaic, mosaic
from earthlimb.physics.development import develop
from earthlimb.physics.exposure import CameraBody
from earthlimb.physics.fixed_pattern import COSMIC_PER_CM2_S, cosmic_map, dark_rate_map, pattern_map, sensor_pattern
from earthlimb.physics.lens_model import LensModel, defocused
from earthlimb.physics.sensor_model import frame_seed
from earthlimb.renderer import Renderer
from earthlimb.scene import load_scene
from earthlimb.sensor import SensorPipeline, SensorSettings, sensor_settings
from earthlimb.sensor.settings import CosmicRays
from tests.support.glsl import context

SIZE = (330, 220)
PERMILLE = 1e-3
D5 = CameraBody.load("nikon-d5")
Floats = NDArray[np.float64]


def settings_of(size: tuple[int, int] = SIZE, **changes: object) -> SensorSettings:
    """Without vignetting and noise, so that what is added stands alone."""
    made = sensor_settings(
        D5, width_px=size[0], height_px=size[1], lens=(1e9, 0.0, 0.0, 0.0), f_number=1.4, shutter_s=0.2, iso=800.0,
        white_balance_k=4550.0, noise=False,
    )  # fmt: skip
    return replace(made, **({"mechanical_ev": 0.0, "halo_weights": (), "saturation_e": 1e30} | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def library() -> Iterator[ShaderLibrary]:
    made = ShaderLibrary(context().ctx)
    yield made
    made.release()


def electrons(library: ShaderLibrary, mean_e: Floats, settings: SensorSettings) -> Floats:
    height, width = mean_e.shape[:2]
    light = np.zeros((height, width, 4), np.float32)
    light[..., :3] = mean_e / settings.electrons_per_radiance
    texture = texture_from(context().ctx, light)
    pipeline = SensorPipeline(context(), library, (width, height))
    pipeline.expose(texture, settings)
    found = pipeline.read_electrons().astype(float)
    texture.release()
    pipeline.release()
    return found


def point(size: tuple[int, int] = SIZE, at: tuple[int, int] = (150, 100)) -> Floats:
    mean = np.zeros((size[1], size[0], 3))
    mean[at[1], at[0]] = 1e6
    return mean


@pytest.mark.parametrize("radius_px", [0.4, 1.0, 3.3, 8.0, 21.0])
@pytest.mark.parametrize("halo", [False, True])
def test_focus_and_halo_keep_the_energy(library: ShaderLibrary, radius_px: float, halo: bool) -> None:
    """Core, disc and halo together within a thousandth, whatever the width of the disc."""
    size = (320, 192)  # whole cells of the halo's pyramid
    weights = sensor_settings(
        D5, width_px=size[0], height_px=size[1], lens=(1e9, 0.0, 0.0, 0.0), f_number=1.4, shutter_s=0.2, iso=800.0,
        white_balance_k=4550.0,
    ).halo_weights  # fmt: skip
    settings = settings_of(size, blur_radius_px=radius_px, halo_weights=weights if halo else ())
    found = electrons(library, point(size, (160, 96)), settings)
    assert found.sum() == pytest.approx(3e6, rel=PERMILLE)
    wide = np.count_nonzero(found[..., 0] > 0.3 * found[..., 0].max())
    if radius_px > 1.0 and not halo:
        assert wide == pytest.approx(np.pi * radius_px**2, rel=0.25)


@pytest.mark.parametrize("radius_px", [0.5, 2.7, 8.0])
def test_the_disc_of_blur_is_the_twins(library: ShaderLibrary, radius_px: float) -> None:
    mean = np.random.default_rng(1).exponential(100.0, (60, 80, 3))
    found = electrons(library, mean, settings_of((80, 60), blur_radius_px=radius_px))
    assert np.abs(found / defocused(mean, radius_px) - 1.0).max() < 4 * 1e-6


def test_a_wide_disc_is_nearly_the_twins(library: ShaderLibrary) -> None:
    """Made at a third of the size: an even field stays even, a disc is even but for its rim."""
    assert (
        np.abs(electrons(library, np.full((60, 80, 3), 7.0), settings_of((80, 60), blur_radius_px=20.0)) - 7).max()
        < 1e-4
    )
    found = electrons(library, point(), settings_of(blur_radius_px=20.0))[..., 1]
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    radius = np.hypot(x - 150.5, y - 100.5)
    assert found[radius < 15.0].mean() == pytest.approx(1e6 / (np.pi * 400.0), rel=0.05)
    assert found[radius > 26.0].max() == 0.0


def test_a_scene_in_focus_has_no_disc(library: ShaderLibrary) -> None:
    assert np.array_equal(
        electrons(library, point(), settings_of()), electrons(library, point(), settings_of(blur_radius_px=0.1))
    )


def test_pattern_and_cosmic_rays_are_the_twins(library: ShaderLibrary) -> None:
    pattern = sensor_pattern(D5, sensor_seed=2, months_in_orbit=36.0)
    assert pattern is not None
    rays = CosmicRays(D5, 200.0 * COSMIC_PER_CM2_S, frame_seed(1, 7))
    settings = settings_of(pattern=pattern, cosmic=rays, shutter_s=2.0)
    mean = np.full((SIZE[1], SIZE[0], 3), 4000.0)
    gain, offset = np.moveaxis(pattern_map(pattern, *SIZE), -1, 0)
    tracks = cosmic_map(
        D5, rate_cm2_s=rays.rate_cm2_s, shutter_s=2.0, seed=rays.seed, width_px=SIZE[0], height_px=SIZE[1]
    )
    assert tracks.max() > 100.0
    expected = mean * gain[..., None] + dark_rate_map(pattern, *SIZE) * 2.0 + tracks + offset[..., None]
    assert np.abs(electrons(library, mean, settings) / expected - 1.0).max() < 1e-5


def test_a_binned_mosaic_has_the_pattern_of_its_own_photosites(library: ShaderLibrary) -> None:
    """Without light every photosite holds the same dark current in R, G and B; it was tinted magenta."""
    pattern = sensor_pattern(D5, sensor_seed=2, months_in_orbit=0.0)
    assert pattern is not None
    share = (0.25, 0.5, 0.25)
    settings = settings_of(pattern=pattern, shutter_s=30.0, channel_share=share)
    mean = np.full((SIZE[1], SIZE[0], 3), 4000.0)
    gain, offset = np.moveaxis(pattern_map(pattern, *SIZE)[..., None, :], -1, 0)
    root = np.sqrt(share)
    dark = dark_rate_map(pattern, *SIZE, channel_share=share) * 30.0
    expected = mean * share * (1.0 + (gain - 1.0) / root) + dark + offset * root
    found = electrons(library, mean, settings)
    assert np.abs(found / expected - 1.0).max() < 1e-5


def test_a_mosaic_has_one_channel_a_pixel_and_is_interpolated(library: ShaderLibrary) -> None:
    rng = np.random.default_rng(3)
    mean = rng.uniform(100.0, 4000.0, (SIZE[1], SIZE[0], 3))
    settings = replace(settings_of(saturation_e=15000.0), mosaic=True, electrons_per_dn=1e-3)
    found = electrons(library, mean, settings)
    assert np.count_nonzero(found) == SIZE[0] * SIZE[1]
    assert np.abs(found.sum(axis=-1) / mosaic(mean) - 1.0).max() < 1e-5
    light = np.zeros((SIZE[1], SIZE[0], 4), np.float32)
    light[..., :3] = mean / settings.electrons_per_radiance
    texture = texture_from(context().ctx, light)
    pipeline = SensorPipeline(context(), library, SIZE, "f4")
    pipeline.run(texture, settings)
    picture = pipeline.read_picture().copy()
    gain = np.asarray(settings.gain)
    full = demosaic(mosaic(mean * gain)) / gain
    expected = develop(
        full, saturation_e=settings.saturation_e, gain=gain, ev=settings.ev, matrix=settings.matrix,
        vignetting=np.ones(SIZE[::-1]), electrons_per_dn=1e-3,
    )  # fmt: skip
    assert np.abs(picture - expected).max() < 2e-4  # a gamut map of noise: float32 where channels nearly cancel
    texture.release()
    pipeline.release()


def test_wide_pixels_hold_a_quarter_half_and_quarter_of_the_photosites() -> None:
    common = dict(lens=(500.0, 160.0, 107.0, 0.0), f_number=1.4, shutter_s=0.2, iso=800.0, white_balance_k=4550.0)
    small = sensor_settings(D5, width_px=320, height_px=214, bayer=True, **common)  # type: ignore[arg-type]
    native = sensor_settings(D5, width_px=5568, height_px=3712, bayer=True, **common)  # type: ignore[arg-type]
    assert (small.channel_share, small.mosaic) == ((0.25, 0.5, 0.25), False)
    assert (native.channel_share, native.mosaic) == ((1.0, 1.0, 1.0), True)


def test_grey_develops_alike_with_and_without_mosaic(library: ShaderLibrary) -> None:
    gain = np.asarray(settings_of().gain)
    mean = np.full((SIZE[1], SIZE[0], 3), 1000.0) / gain
    pictures = []
    for changes in ({}, {"mosaic": True}, {"channel_share": (0.25, 0.5, 0.25)}):
        settings = settings_of(saturation_e=15000.0, **changes)
        light = np.zeros((SIZE[1], SIZE[0], 4), np.float32)
        light[..., :3] = mean / settings.electrons_per_radiance
        texture = texture_from(context().ctx, light)
        pipeline = SensorPipeline(context(), library, SIZE)
        pipeline.run(texture, settings)
        pictures.append(pipeline.read_picture().astype(int))
        texture.release()
        pipeline.release()
    assert all(np.abs(picture - pictures[0]).max() <= 1 for picture in pictures)


@pytest.mark.parametrize("tone", ["neutral", "linear", "film"])
def test_tone_curves_and_raw_steps_are_the_twins(library: ShaderLibrary, tone: str) -> None:
    settings = settings_of(saturation_e=15000.0, tone=tone, electrons_per_dn=40.0)
    ramp = np.linspace(0.0, 16000.0, SIZE[0])[None, :, None] * np.array([0.6, 1.0, 0.4])
    light = np.zeros((SIZE[1], SIZE[0], 4), np.float32)
    light[..., :3] = ramp / settings.electrons_per_radiance
    texture = texture_from(context().ctx, light)
    pipeline = SensorPipeline(context(), library, SIZE, "f4")
    pipeline.develop(pipeline.expose(texture, settings), settings)
    expected = develop(
        pipeline.read_electrons(), saturation_e=15000.0, gain=settings.gain, ev=settings.ev, matrix=settings.matrix,
        vignetting=np.ones(SIZE[::-1]), tone=tone, electrons_per_dn=40.0,
    )  # fmt: skip
    # the encoding's 3.5e-5; a value on the border of two steps may fall to either
    assert np.quantile(np.abs(pipeline.read_picture() - expected), 0.999) < 4e-5
    texture.release()
    pipeline.release()


def test_a_photon_transfer_curve_through_the_shaders(library: ShaderLibrary) -> None:
    """Flat fields at ISO 3200 as 14-bit numbers: gain and read noise within 3 %."""
    iso, size = 3200.0, (330, 220)
    step, read_e = D5.electrons_per_dn(iso), D5.read_noise_at(iso)
    means, variances = [], []
    for i, mean in enumerate((0.0, 30.0, 100.0, 300.0)):
        settings = settings_of(size, noise=True, saturation_e=D5.saturation_e(iso), read_noise_e=read_e, seed=i)
        numbers = np.floor(electrons(library, np.full((size[1], size[0], 3), mean), settings) / step + 0.5)
        means.append(numbers.mean())
        variances.append(numbers.var() - 1.0 / 12.0)
    slope = np.polyfit(means, variances, 1)[0]
    assert slope == pytest.approx(1.0 / step, rel=0.03)
    assert np.sqrt(variances[0]) * step == pytest.approx(read_e, rel=0.03)


def test_shutter_doubles_electrons(library: ShaderLibrary) -> None:
    common = dict(width_px=SIZE[0], height_px=SIZE[1], lens=(1e9, 0.0, 0.0, 0.0), f_number=1.4, iso=800.0, noise=False)
    radiance = np.full((SIZE[1], SIZE[0], 4), 1e12, np.float32)
    totals = []
    for shutter_s in (0.1, 0.2):
        settings = sensor_settings(
            D5, LensModel.load("nikkor-50-f1.4g"), shutter_s=shutter_s, white_balance_k=4550.0, **common
        )  # type: ignore[arg-type]
        texture = texture_from(context().ctx, radiance)
        pipeline = SensorPipeline(context(), library, SIZE)
        pipeline.expose(texture, replace(settings, saturation_e=1e30))
        totals.append(pipeline.read_electrons().sum(dtype=float))
        texture.release()
        pipeline.release()
    assert totals[1] / totals[0] == pytest.approx(2.0, rel=PERMILLE)


def test_a_pictures_sidecar_counts_the_mosaic_by_its_photosites() -> None:
    """An overexposed Bayer picture is as clipped as one that counts every photosite in every channel."""
    scene = {"camera.shutter_s": 4.0, "camera.iso": 25600.0, "camera.fixed_pattern": 0.0}
    clipped = {}
    with Renderer(size=(96, 64)) as renderer:
        for bayer in (False, True):
            one = load_scene("italy", scene | {"camera.bayer": bayer})
            developed = renderer.render(one, layers=False, stage="developed").metadata["exposure"]
            assert developed == renderer.render(one, layers=False, stage="sensor").metadata["exposure"]
            clipped[bayer] = developed["clipped_fraction"]
    for channel in "RGB":
        assert clipped[False][channel] > 0.005
        assert abs(clipped[True][channel] - clipped[False][channel]) < 0.2 * clipped[False][channel]
