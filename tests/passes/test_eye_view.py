"""The eye's passes against the twin, and the Italy view as an astronaut sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from earthlimb.constants import EMISSIONS
from earthlimb.gpu import ShaderLibrary, texture_from
from earthlimb.passes.eye import EyePass, EyeSettings
from earthlimb.physics import eye
from earthlimb.physics.development import srgb_encode
from earthlimb.physics.lens import Lens
from earthlimb.physics.star_field import StarSprites
from earthlimb.renderer import Frame
from tests.support.glsl import context

SIZE = (96, 64)
LENS = Lens(800.0, 48.0, 32.0, 0.0, *SIZE)
half_step_8bit = 0.5 / 255.0
DARK = EyeSettings(eye.eye_state(0.0, 0.0, 0.3), 0.0, 5)


@pytest.fixture(scope="module")
def library() -> Iterator[ShaderLibrary]:
    made = ShaderLibrary(context().ctx)
    yield made
    made.release()


def sprites(irradiance_lx: float, x_px: float = 48.0, y_px: float = 32.0) -> StarSprites:
    one = np.ones(1)
    irradiance = np.full((1, 4), irradiance_lx)
    return StarSprites(x_px * one, y_px * one, 50.0 * one, 0.0 * one, irradiance, np.zeros(1, np.int64))


def shown(
    library: ShaderLibrary, light: NDArray[np.float32], settings: EyeSettings = DARK, stars: StarSprites | None = None
) -> NDArray[np.float32]:
    gpu = context()
    texture = texture_from(gpu.ctx, light)
    view = EyePass(gpu.ctx, library, LENS, settings.state.acuity)
    view.run(texture, stars, settings)
    picture = view.read_picture().copy()
    texture.release()
    view.release()
    return picture


def flat(photopic: float, scotopic: float) -> NDArray[np.float32]:
    light = np.full((SIZE[1], SIZE[0], 4), photopic, np.float32)
    light[..., 3] = scotopic
    return light


@pytest.mark.parametrize("cabin", [0.0, 1.0])
@pytest.mark.parametrize(("photopic", "scotopic"), [(2e-4, 3e-4), (8e-3, 9e-3), (0.05, 0.04), (0.2, 0.1)])
def test_an_even_light_is_shown_as_the_twin_says(
    library: ShaderLibrary, photopic: float, scotopic: float, cabin: float
) -> None:
    state = eye.eye_state(cabin, 0.0, 0.3)
    picture = shown(library, flat(photopic, scotopic), EyeSettings(state, 0.0, 0))
    light = eye.mesopic(photopic, scotopic)[0]
    linear = eye.display_luminance(light, state.threshold_cd_m2, state.white_cd_m2)
    assert float(linear) < 0.8, "below the shoulder"
    assert np.abs(picture - srgb_encode(linear)).max() < half_step_8bit


def test_dim_light_has_no_colour_and_bright_light_has(library: ShaderLibrary) -> None:
    orange = np.zeros((SIZE[1], SIZE[0], 4), np.float32)
    orange[...] = [1.0, 0.4, 0.05, 0.3]
    dim, bright = shown(library, orange * np.float32(2e-3)), shown(library, orange * np.float32(0.2))
    assert np.ptp(dim, axis=2).max() < half_step_8bit
    assert (bright[..., 0] - bright[..., 2]).min() > 0.2


def test_the_pyramid_blurs_by_what_acuity_says(library: ShaderLibrary) -> None:
    """A small step is drawn out with the variance of the eye's blur there, within a tenth."""
    low, high = 1.0e-3, 1.2e-3
    light = flat(low, low)
    light[:, 48:] = high
    picture = shown(library, light)[32, :, 1].astype(float)
    ends = picture[4], picture[-5]
    slope = np.diff(picture) / (ends[1] - ends[0])
    places = np.arange(slope.size)
    middle = (slope * places).sum()
    variance = (slope * (places - middle) ** 2).sum()
    assert variance == pytest.approx(float(eye.blur_variance_px2(1.1e-3, LENS.f_px)), rel=0.1)


def test_stars_end_at_the_threshold(library: ShaderLibrary) -> None:
    sky = flat(2e-4, 2e-4)
    nothing = shown(library, sky)
    limit_lx = float(eye.star_threshold_lx(2e-4))
    assert np.array_equal(shown(library, sky, stars=sprites(0.98 * limit_lx)), nothing)
    brighter = [float(shown(library, sky, stars=sprites(k * limit_lx)).max()) for k in (1.5, 4.0, 40.0)]
    assert brighter[0] > nothing.max() + 0.02 and brighter[0] < brighter[1] < brighter[2]
    lit = EyeSettings(eye.eye_state(100.0, 0.0, 0.3), 0.0, 5)
    assert np.array_equal(shown(library, sky, lit, sprites(40.0 * limit_lx)), shown(library, sky, lit))


def test_noise_follows_seed_and_amount(library: ShaderLibrary) -> None:
    sky = flat(2e-3, 3e-3)
    noisy = EyeSettings(DARK.state, 1.0, 5)
    first = shown(library, sky, noisy)
    assert np.array_equal(first, shown(library, sky, noisy))
    assert not np.array_equal(first, shown(library, sky, EyeSettings(DARK.state, 1.0, 6)))
    assert first.std() > 0.003 > shown(library, sky, EyeSettings(DARK.state, 0.1, 5)).std()


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (401, 3)])
def test_tiny_pictures(library: ShaderLibrary, size: tuple[int, int]) -> None:
    gpu = context()
    light = texture_from(gpu.ctx, np.full((size[1], size[0], 4), 8e-3, np.float32))
    view = EyePass(gpu.ctx, library, Lens(300.0, 1.0, 1.0, 0.0, *size), 1.0)
    view.run(light, None, DARK)
    found = view.read_picture()
    assert np.isfinite(found).all() and np.ptp(found) < half_step_8bit and found.min() > 0.1
    light.release()
    view.release()


@pytest.fixture(scope="module")
def pair(_earthlimb_renderer: object) -> tuple[Frame, Frame]:
    import earthlimb

    overrides = {"image.width_px": 480, "image.height_px": 320, "camera.cx_px": 240.0, "camera.cy_px": 160.0}
    scene = earthlimb.load_scene("italy", overrides | {"camera.f_px": 381.0})
    seen = earthlimb.load_scene("italy", overrides | {"camera.f_px": 381.0, "eye.enabled": True})
    render: Callable[..., Frame] = _earthlimb_renderer.render  # type: ignore[attr-defined]
    return render(scene), render(seen)


def test_the_airglow_is_a_pale_band(pair: tuple[Frame, Frame]) -> None:
    camera, astronaut = (frame.picture for frame in pair)
    assert camera is not None and astronaut is not None
    tangent = pair[0].layer("geometry.tangent_km")
    band = (tangent > 86.0) & (tangent < 94.0)
    sky = (tangent > 200.0) & (tangent < 380.0)
    light = pair[0].layer("luminance")
    calm = band & (light < 0.02)  # no star, no city
    chroma = np.median(np.ptp(astronaut, axis=2)[calm]), np.median(np.ptp(camera, axis=2)[calm])
    assert chroma[0] < 0.015 < 0.06 < chroma[1], "colourless to the eye, coloured to the camera"
    assert np.median(astronaut[calm]) > 2.0 * np.median(astronaut[sky]) > 0.0
    assert pair[1].metadata["scene"]["eye"]["enabled"] is True


def test_luminance_layers(pair: tuple[Frame, Frame]) -> None:
    frame = pair[0]
    assert frame.rgb_linear is not None
    weights = np.array([0.2126, 0.7152, 0.0722])
    light, dark = frame.layer("luminance"), frame.layer("luminance.scotopic")
    np.testing.assert_allclose(light, frame.rgb_linear.astype(float) @ weights, rtol=1e-4, atol=1e-9)
    tangent = frame.layer("geometry.tangent_km")
    green = (tangent > 94.0) & (tangent < 98.0) & (light < 0.02)
    cities = light > 0.05
    # S/P by CIE curves: 557.7 nm 1.1, lamps of sodium and warm LED well below 1.5
    assert 0.9 < np.median(dark[green] / light[green]) < 1.6
    assert 0.3 < np.median(dark[cities] / light[cities]) < 1.5


def test_the_camera_pages_levels_are_this_views(pair: tuple[Frame, Frame]) -> None:
    """docs/CAMERA.md: the brightest airglow, the darkest sky, and the stars that are seen on them."""
    frame = pair[0]
    weights = np.array([0.2126, 0.7152, 0.0722])
    colour = frame.metadata["airglow_rgb"]
    airglow = sum(frame.layer(f"airglow.{name}") * float(np.array(colour[name]) @ weights) for name in EMISSIONS)
    open_sky = (frame.layer("geometry.tangent_km") > 150.0) & (frame.layer("cupola").sum(axis=-1) == 0.0)
    brightest, darkest = float(np.max(airglow)), float(frame.layer("luminance.scotopic")[open_sky].min())
    faintest = [-2.5 * np.log10(float(eye.star_threshold_lx(level)) / 2.54e-6) for level in (darkest, brightest)]
    text = " ".join((Path(__file__).parents[2] / "docs" / "CAMERA.md").read_text().split())
    assert f"at {brightest:.1e} cd m-2 and less".replace("e-0", "e-") in text
    assert f"({darkest:.1e} scotopic cd m-2)".replace("e-0", "e-") in text
    assert f"at magnitude {faintest[0]:.1f} where" in text and f"at {faintest[1]:.1f} behind" in text


def test_the_sidecar_has_a_histogram_in_electrons(pair: tuple[Frame, Frame]) -> None:
    frame = pair[0]
    exposure = frame.metadata["exposure"]
    n = frame.width_px * frame.height_px
    assert all(sum(exposure["counts"][name]) == n for name in "RGB")
    assert frame.electrons is not None
    mean = frame.electrons.mean(axis=(0, 1)) / frame.metadata["photosites_per_px"]
    np.testing.assert_allclose([exposure["mean_e"][name] for name in "RGB"], mean, rtol=1e-4)
    assert 0.0 < exposure["clipped_fraction"]["R"] < 0.2
