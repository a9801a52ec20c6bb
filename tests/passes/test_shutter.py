"""Pictures of exposures: they converge with the number of instants, and streaks are as long as the motion says."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from earthlimb.renderer import Renderer
from earthlimb.renderer.exposure import Exposure
from earthlimb.renderer.layers import render_layers
from earthlimb.renderer.photograph import PARTS
from earthlimb.scene import load_scene, resized
from earthlimb.world import WorldState, build_world
from earthlimb.world.shutter import slices

SIZE = (96, 64)
TWO_PERCENT = 0.02


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as one:
        yield one


def world_of(overrides: dict[str, object], frame: int = 0) -> WorldState:
    return build_world(resized(load_scene("italy", {"station.visible": False} | overrides), *SIZE), frame=frame)


def averaged(renderer: Renderer, world: WorldState, n_instants: int | None) -> NDArray[np.float32]:
    drawing = renderer.drawing
    with renderer.ctx:
        detector = drawing.detector(world, world.scene.camera.body)
        target = drawing.target("light", world)
        exposure = Exposure(drawing, world, detector, detector.per_rayleigh, n_instants=n_instants)
        exposure.average([(target, frozenset(PARTS))])
        return target.read()[..., :3]


def test_eight_instants_against_256(renderer: Renderer) -> None:
    """A loose hand for 1 s over Italy: mean error of the light, as a share of its mean; midpoints converge."""
    world = world_of({"camera.shutter_s": 1.0, "camera.shake": "loose", "seed": 2})
    wanted = averaged(renderer, world, 256)
    error = {n: float(np.abs(averaged(renderer, world, n) - wanted).mean() / wanted.mean()) for n in (1, 8, 32)}
    assert error[8] < 0.01
    assert error[32] < 0.003
    assert error[1] > 4.0 * error[8]


def test_the_instants_that_the_motion_asks_for_are_enough(renderer: Renderer) -> None:
    world = world_of({"camera.shutter_s": 4.0, "camera.shake": "braced"})
    wanted, chosen = averaged(renderer, world, 128), averaged(renderer, world, None)
    error = np.abs(chosen - wanted).mean() / wanted.mean()
    assert error < 0.01


def test_ground_that_moves_by_a_few_pixels_is_swept(renderer: Renderer) -> None:
    """Italy for 2 s, at this size 2.6 px where the ground is nearest and drawn once: against 64 sharp instants the mean
    error is a third of that of one sharp instant (2.4 against 7.1 %), and no light is lost."""
    world = world_of({"camera.shutter_s": 2.0})
    assert [len(s.ground_s) for s in slices(world)[0]] == [1]
    wanted, sharp, swept = (averaged(renderer, world, n) for n in (64, 1, None))
    error = [float(np.abs(one - wanted).mean() / wanted.mean()) for one in (sharp, swept)]
    assert error[1] < 0.45 * error[0]
    assert swept.sum() == pytest.approx(wanted.sum(), rel=5e-3)


@pytest.mark.long
def test_a_shared_limb_map_serves_its_slice(renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    """18 s with one emission field against nine: mean of the light within 0.3 %, 1 % anywhere on the limb."""
    sky = {"camera.shutter_s": 18.0, "earth.lights": 0.0, "earth.moonlit": 0.0, "sky.milky_way": 0.0}
    one = averaged(renderer, world_of(sky), 9)
    monkeypatch.setattr("earthlimb.world.shutter.SLICE_S", 2.0)
    nine = averaged(renderer, world_of(sky), 9)
    off = np.abs(one - nine).max(axis=-1) / nine.max()
    assert 0.0 < off.max() < 0.01
    assert one.sum() == pytest.approx(nine.sum(), rel=3e-3)


def streak(layer: NDArray[np.float32]) -> float:
    """Length of a uniform streak in px: sqrt(12) times its rms spread along it, less the spread across."""
    light = layer.sum(axis=-1).astype(np.float64)
    y, x = np.mgrid[: light.shape[0], : light.shape[1]]
    weight = light / light.sum()
    dx, dy = x - (weight * x).sum(), y - (weight * y).sum()
    xy = (weight * dx * dy).sum()
    spread = np.array([[(weight * dx * dx).sum(), xy], [xy, (weight * dy * dy).sum()]])
    across, along = np.linalg.eigvalsh(spread)
    return math.sqrt(12.0 * (along - across))


def test_star_streak_is_the_orbits_rate_times_the_time(renderer: Renderer) -> None:
    """The streak of Vega, alone in the picture: rate times sine of the angle to the orbit's axis, within 2 %."""
    seconds = 20.0
    world = world_of(
        {
            "camera.shutter_s": seconds, "camera.focal_mm": 100.0, "sky.stars_to_vmag": 0.1,
            "camera.point.sky": {"ra_deg": 279.2347, "dec_deg": 38.7837}, "camera.f_px": 800.0,
            "camera.cx_px": 48.0, "camera.cy_px": 32.0, "camera.k1": 0.0,
            "image": {"width_px": SIZE[0], "height_px": SIZE[1]},
        }
    )  # fmt: skip
    with renderer.ctx:
        layers = render_layers(renderer.drawing, world)[1]
    omega = np.cross(world.pos_iss_gcrs_km, world.vel_iss_gcrs_km_s) / (world.pos_iss_gcrs_km @ world.pos_iss_gcrs_km)
    rate = float(np.linalg.norm(np.cross(omega, world.rot_cam_from_gcrs[2])))
    wanted = world.lens.f_px * rate * seconds
    assert streak(layers["stars"]) == pytest.approx(wanted, rel=TWO_PERCENT)
    assert wanted > 10.0


def test_mounts_hold_what_they_follow(renderer: Renderer) -> None:
    """Contrast of the lights: as at mid-exposure with the ground held, far less without."""
    view = {
        "camera.point.ground": {"lat_deg": 41.9, "lon_deg": 12.5}, "camera.f_px": 600.0,
        "camera.cx_px": 48.0, "camera.cy_px": 32.0, "image": {"width_px": SIZE[0], "height_px": SIZE[1]},
    }  # fmt: skip

    def contrast(seconds: float, track: str) -> float:
        world = world_of({"camera.shutter_s": seconds, "camera.track": track} | view)
        with renderer.ctx:
            detector = renderer.drawing.detector(world, "cie")
            target = renderer.drawing.target("light", world)
            Exposure(renderer.drawing, world, detector, None).average([(target, frozenset({"LIGHTS"}))])
            return float(np.abs(np.diff(target.read()[24:40, 36:60, 1], axis=1)).mean())

    sharp, held, free = contrast(1e-3, "none"), contrast(2.0, "ground"), contrast(2.0, "none")
    assert held > 0.9 * sharp
    assert free < 0.7 * sharp


def test_shake_is_in_the_linear_picture_and_drawn_from_seed_and_frame(renderer: Renderer) -> None:
    def picture(seed: int, frame: int) -> NDArray[np.float32]:
        world = world_of({"camera.shutter_s": 2.0, "camera.shake": "loose", "seed": seed}, frame)
        with renderer.ctx:
            return render_layers(renderer.drawing, world)[0]

    first = picture(1, 0)
    np.testing.assert_array_equal(first, picture(1, 0))
    assert np.abs(first - picture(1, 1)).max() > 0.01 * first.max()
    assert np.abs(first - picture(2, 0)).max() > 0.01 * first.max()


@pytest.mark.long
def test_exposure_keeps_the_light(renderer: Renderer) -> None:
    """Light only moves: the sums of whole layers stay but for what crosses the picture's edges."""
    world = world_of({"camera.shutter_s": 1.0, "camera.shake": "loose"})
    still = world_of({"camera.shutter_s": 1e-3})
    with renderer.ctx:
        moved, held = (render_layers(renderer.drawing, w)[1] for w in (world, still))
    for name in ("airglow.oi558", "sky", "stars"):
        assert moved[name].sum() == pytest.approx(held[name].sum(), rel=0.03), name
