"""The sensor's passes: halo, electrons and picture against the twins, the same bytes again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from earthlimb.gpu import ShaderLibrary, texture_from
from earthlimb.gpu.targets import read_rgba
from earthlimb.physics.development import develop
from earthlimb.physics.exposure import CameraBody
from earthlimb.physics.lens_model import LensModel
from earthlimb.physics.sensor_model import expose, vignetting
from earthlimb.sensor import SensorPipeline, SensorSettings, sensor_settings
from tests.support.glsl import context

SIZE = (320, 214)
PERMILLE = 1e-3

Floats = NDArray[np.float32]


def settings_of(size: tuple[int, int] = SIZE, **changes: object) -> SensorSettings:
    width, height = size
    body = CameraBody.load("nikon-d5")
    lens = (28.0 / body.sensor_long_mm * width, width / 2.0, height / 2.0, 0.02)
    settings = sensor_settings(
        body, width_px=width, height_px=height, lens=lens, f_number=1.4, shutter_s=0.2, iso=10000.0,
        white_balance_k=4550.0, ev=0.62, seed=4,
    )  # fmt: skip
    return replace(settings, **changes)  # type: ignore[arg-type]


def light_of(mean_e: NDArray[np.float64], settings: SensorSettings) -> Floats:
    """RGBA light whose mean on the axis is so many electrons."""
    light = np.zeros((*mean_e.shape[:2], 4), np.float32)
    light[..., :3] = mean_e / settings.electrons_per_radiance
    return light


@pytest.fixture(scope="module")
def library() -> Iterator[ShaderLibrary]:
    made = ShaderLibrary(context().ctx)
    yield made
    made.release()


def electrons(library: ShaderLibrary, light: Floats, settings: SensorSettings) -> Floats:
    height, width = light.shape[:2]
    pipeline = SensorPipeline(context(), library, (width, height))
    texture = texture_from(context().ctx, light)
    pipeline.expose(texture, settings)
    found = pipeline.read_electrons().copy()
    texture.release()
    pipeline.release()
    return found


def through(settings: SensorSettings, size: tuple[int, int] = SIZE) -> NDArray[np.float64]:
    f_px, cx_px, cy_px, k1 = settings.lens
    return vignetting(
        np.arange(size[0])[None, :], np.arange(size[1])[:, None], f_px=f_px, cx_px=cx_px, cy_px=cy_px, k1=k1,
        half_diagonal_px=settings.half_diagonal_px, mechanical_ev=settings.mechanical_ev,
    )  # fmt: skip


def scene_e(settings: SensorSettings, size: tuple[int, int] = SIZE) -> NDArray[np.float64]:
    """A ramp from dark to beyond saturation with a colour."""
    ramp = np.linspace(0.0, 2.5, size[0])[None, :, None] ** 3 * settings.saturation_e
    return np.broadcast_to(ramp * np.array([0.6, 1.0, 0.4]), (size[1], size[0], 3)).copy()


@pytest.mark.parametrize(
    ("size", "at", "lost"),
    [
        ((320, 192), (160, 107), 0.0),
        ((320, 192), (0, 0), 0.0),
        ((320, 192), (319, 191), 0.0),
        ((333, 215), (150, 90), 0.0),
        (
            (333, 215),
            (332, 214),
            0.01,
        ),  # cells overhang this corner: halo falls beside the sensor
    ],
)
def test_the_halo_makes_no_light(
    library: ShaderLibrary, size: tuple[int, int], at: tuple[int, int], lost: float
) -> None:
    settings = settings_of(size, noise=False, mechanical_ev=0.0, lens=(1e9, 0.0, 0.0, 0.0), saturation_e=1e30)
    mean = np.zeros((size[1], size[0], 3))
    mean[at[1], at[0]] = 1e6
    found = electrons(library, light_of(mean, settings), settings)
    total = found.sum(dtype=np.float64) / 3e6
    assert 1.0 - lost - PERMILLE < total < 1.0 + 1e-5
    assert found.min() >= 0.0
    share = 1.0 - found[at[1], at[0], 0] / 1e6
    assert 0.5 * sum(settings.halo_weights) < share <= sum(settings.halo_weights)


def test_an_even_sky_stays_even(library: ShaderLibrary) -> None:
    size = (320, 192)
    settings = settings_of(size, noise=False, mechanical_ev=0.0, lens=(1e9, 0.0, 0.0, 0.0))
    found = electrons(library, light_of(np.full((size[1], size[0], 3), 1000.0), settings), settings)
    assert np.abs(found / 1000.0 - 1.0).max() < 1e-5


def test_the_halo_falls_with_the_cube_and_does_not_depend_on_resolution(library: ShaderLibrary) -> None:
    """Mean density in rings against f start / (2 pi r^3); levels a factor 2 apart ripple by some 40 %."""
    rings_um = [(250.0, 500.0), (500.0, 1000.0), (1000.0, 2000.0)]
    densities = []
    for width in (1280, 640):
        size = (width, width * 2 // 3)
        settings = settings_of(size, noise=False, mechanical_ev=0.0, lens=(1e9, 0.0, 0.0, 0.0), saturation_e=1e30)
        pixel_um = 35.9e3 / width
        mean = np.zeros((size[1], size[0], 3))
        centre = (size[0] // 2, size[1] // 2)
        mean[centre[1] - 1 : centre[1] + 1, centre[0] - 1 : centre[0] + 1] = 0.25e6
        found = electrons(library, light_of(mean, settings), settings)[..., 1]
        y, x = np.mgrid[: size[1], : size[0]] + 0.5
        radius_um = np.hypot(x - centre[0], y - centre[1]) * pixel_um
        inside = [(radius_um >= a) & (radius_um < b) for a, b in rings_um]
        densities.append([found[ring].sum(dtype=float) / 1e6 for ring in inside])
    glass = LensModel.load()
    law = [glass.halo_fraction * glass.halo_start_um * (1.0 / a - 1.0 / b) for a, b in rings_um]
    assert np.allclose(densities[0], law, rtol=0.5)
    assert np.allclose(densities[0], densities[1], rtol=0.15)


def test_electrons_are_the_twins(library: ShaderLibrary) -> None:
    settings = settings_of(halo_weights=())
    mean = scene_e(settings)
    found = electrons(library, light_of(mean, settings), settings)
    expected = expose(
        mean * through(settings)[..., None], photosites_per_px=1.0, read_noise_e=settings.read_noise_e,
        saturation_e=settings.saturation_e, seed=settings.seed,
    )  # fmt: skip
    # measured 8.3e-7, times four: float32 of mean and noise
    assert (np.abs(found - expected) / (np.abs(expected) + settings.read_noise_e)).max() < 4 * 8.3e-7
    assert (found == np.float32(settings.saturation_e)).any()


@pytest.mark.parametrize("every", [2, 7])
def test_a_sample_is_every_nth_row_and_column(library: ShaderLibrary, every: int) -> None:
    settings = settings_of()
    pipeline = SensorPipeline(context(), library, SIZE)
    light = texture_from(context().ctx, light_of(scene_e(settings), settings))
    pipeline.expose(light, settings)
    few = read_rgba(pipeline.thinned_electrons(every))[..., :3]
    assert np.array_equal(few, pipeline.read_electrons()[::every, ::every])
    light.release()
    pipeline.release()


def test_variance_follows_the_mean(library: ShaderLibrary) -> None:
    settings = settings_of(halo_weights=(), mechanical_ev=0.0, lens=(1e9, 160.0, 107.0, 0.0))
    for level in (5.0, 200.0, 20000.0):
        found = electrons(library, light_of(np.full((SIZE[1], SIZE[0], 3), level), settings), settings)
        assert found.mean(dtype=float) == pytest.approx(level, abs=4.0 * float(found.std()) / found.size**0.5)
        assert found.var(dtype=float) == pytest.approx(level + settings.read_noise_e**2, rel=0.03)


@pytest.mark.parametrize("lens_correction", [True, False])
def test_the_picture_is_the_twins(library: ShaderLibrary, lens_correction: bool) -> None:
    settings = settings_of(
        lens_correction=lens_correction, electrons_per_dn=1e-3
    )  # no value on the border of two steps
    light = texture_from(context().ctx, light_of(scene_e(settings), settings))
    pipeline = SensorPipeline(context(), library, SIZE, picture_dtype="f4")
    at_once = pipeline.run(light, settings)
    picture = pipeline.read_picture().copy()
    assert at_once is pipeline.picture.texture
    pipeline.develop(pipeline.expose(light, settings), settings)
    assert np.abs(pipeline.read_picture() - picture).max() < 1e-5  # one pass or two: the same picture
    expected = develop(
        pipeline.read_electrons(), saturation_e=settings.saturation_e, gain=settings.gain, ev=settings.ev,
        matrix=settings.matrix, vignetting=through(settings) if lens_correction else np.ones(SIZE[::-1]),
        electrons_per_dn=settings.electrons_per_dn,
    )  # fmt: skip
    # the encoding's 3.5e-5 (tests/glsl/test_sensor_develop.py) and float32's rounding
    assert np.abs(picture - expected).max() < 4e-5
    light.release()
    pipeline.release()


def test_eight_bits_and_the_same_bytes_again(library: ShaderLibrary) -> None:
    settings = settings_of()
    light = texture_from(context().ctx, light_of(scene_e(settings), settings))
    pictures = []
    for seed in (4, 4, 5):
        pipeline = SensorPipeline(context(), library, SIZE)
        pipeline.run(light, replace(settings, seed=seed))
        pictures.append(pipeline.read_picture().tobytes())
        pipeline.release()
    assert pictures[0] == pictures[1]
    assert pictures[0] != pictures[2]
    assert len(pictures[0]) == SIZE[0] * SIZE[1] * 3
    light.release()


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (33, 17)])
def test_tiny_and_odd_sizes(library: ShaderLibrary, size: tuple[int, int]) -> None:
    settings = settings_of(size, noise=False, mechanical_ev=0.0, lens=(1e9, 0.5, 0.5, 0.0))
    found = electrons(library, light_of(np.full((size[1], size[0], 3), 500.0), settings), settings)
    assert found.max() < 500.0 * (1.0 + 1e-5)
    assert found.min() > 500.0 * (1.0 - sum(settings.halo_weights) - 1e-5)


def test_a_stack_has_the_noise_of_an_exposure_that_is_as_long(library: ShaderLibrary) -> None:
    """What the window averages while nothing moves: variance over n, the mean kept, the first one a frame's own."""
    settings = settings_of()
    light = light_of(np.full((SIZE[1], SIZE[0], 3), 400.0), settings)
    pipeline = SensorPipeline(context(), library, SIZE, "f4")
    texture = texture_from(context().ctx, light)
    middle = (slice(90, 124), slice(130, 190))
    found = []
    for n in range(1, 9):
        pipeline.stack(texture, replace(settings, seed=settings.seed + n), n)
        mean_e = pipeline._target("stack_mean", SIZE).read()[..., 1][middle]
        found.append((float(mean_e.mean()), float(mean_e.var())))
    texture.release()
    pipeline.release()
    for n, (mean, variance) in enumerate(found, 1):
        assert mean == pytest.approx(found[0][0], rel=0.01)
        assert variance * n == pytest.approx(found[0][1], rel=0.15), n
