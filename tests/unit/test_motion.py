"""Camera and station while the shutter is open: orbit arc, shake, mounts, streaks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from earthlimb.astro.orbit import station_state
from earthlimb.errors import UsageError
from earthlimb.physics.rotations import rotation, shortest_turn
from earthlimb.physics.shake import DRIFT_RMS_RAD_S, TREMOR_HZ, TREMOR_RMS_RAD, Shake
from earthlimb.physics.streaks import pose_segments
from earthlimb.scene import load_scene, resized
from earthlimb.world import WorldState, build_world
from earthlimb.world.motion import TRACK_RESIDUAL
from earthlimb.world.shutter import MAX_SUBFRAMES, image_motion, slices

TWO_PERCENT = 0.02
SIZE = (320, 213)
NADIR = {"camera.point.body": {"elevation_deg": -90.0}}


def world_of(overrides: dict[str, object], frame: int = 0, scene: str = "italy") -> WorldState:
    return build_world(resized(load_scene(scene, overrides), *SIZE), frame=frame)


@pytest.fixture(scope="module")
def italy() -> WorldState:
    return world_of({"camera.shutter_s": 4.0})


@pytest.mark.parametrize(("time_s", "within_km"), [(-60.0, 0.002), (4.0, 2e-4), (60.0, 0.002), (600.0, 0.1)])
def test_station_flies_as_sgp4_says(italy: WorldState, time_s: float, within_km: float) -> None:
    shift = italy.scene.station.time_shift_s
    wanted = station_state(italy.elements, italy.instant.shifted(time_s), shift)
    at = italy.at(time_s)
    assert np.linalg.norm(at.pos_iss_gcrs_km - wanted.pos_gcrs_km) < within_km
    assert np.linalg.norm(at.pos_iss_itrs_km - wanted.pos_itrs_km) < within_km + 2e-4  # UT1, polar motion
    assert math.degrees(at.lat_rad - wanted.lat_rad) == pytest.approx(0.0, abs=2e-3)


def test_mid_exposure_is_the_world_itself(italy: WorldState) -> None:
    at = italy.at(0.0)
    for name in ("pos_iss_itrs_km", "rot_itrs_from_gcrs", "rot_local_from_itrs", "rot_cam_from_gcrs"):
        np.testing.assert_allclose(getattr(at, name), getattr(italy, name), atol=1e-9)
    np.testing.assert_allclose(at.rot_lvlh_from_gcrs, italy.rot_lvlh_from_gcrs, atol=1e-12)
    np.testing.assert_allclose(at.rot_body_from_gcrs, italy.rot_body_from_gcrs, atol=1e-12)


def test_a_carried_camera_keeps_the_local_vertical(italy: WorldState) -> None:
    """Within 1e-5 rad for two seconds: the orbit's rate is that of the middle of the exposure."""
    still = italy.rot_cam_from_gcrs @ italy.rot_lvlh_from_gcrs.T
    at = italy.at(2.0)
    np.testing.assert_allclose(at.rot_cam_from_gcrs @ at.rot_lvlh_from_gcrs.T, still, atol=1e-5)


def test_shortest_turn_and_rotation() -> None:
    rng = np.random.default_rng(1)
    for a, b in rng.normal(size=(50, 2, 3)):
        a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
        np.testing.assert_allclose(rotation(shortest_turn(a, b)) @ a, b, atol=1e-12)
    np.testing.assert_array_equal(shortest_turn([0.0, 0.0, 1.0], [0.0, 0.0, 1.0]), np.zeros(3))


def test_shake_has_the_published_size_and_spectrum() -> None:
    """Rms over 400 exposures: 0.1 deg/s of drift, 0.015 deg of tremor, 10 % for the sample; 1/f^2 of the rate."""
    each = [Shake.from_seed("loose", seed, 0) for seed in range(400)]
    power_rate, power_angle, slow, fast = 0.0, 0.0, 0.0, 0.0
    for shake in each:
        square = 0.5 * (shake.sine_rad**2 + shake.cosine_rad**2)[:, :2].sum(axis=1)
        hz = shake.omega_rad_s / (2.0 * np.pi)
        drift = np.arange(len(hz)) < 40
        power_rate += (square * shake.omega_rad_s**2)[drift].sum() / len(each)
        power_angle += square[~drift].sum() / len(each)
        slow += (square * shake.omega_rad_s**2)[drift & (hz > 0.4) & (hz < 0.8)].sum() / 0.4
        fast += (square * shake.omega_rad_s**2)[drift & (hz > 1.6) & (hz < 3.2)].sum() / 1.6
        assert ((hz[~drift] >= TREMOR_HZ[0]) & (hz[~drift] <= TREMOR_HZ[1])).all()
    assert math.sqrt(power_rate) == pytest.approx(DRIFT_RMS_RAD_S, rel=0.1)
    assert math.sqrt(power_angle) == pytest.approx(TREMOR_RMS_RAD, rel=0.1)
    assert slow / fast == pytest.approx(16.0, rel=0.25)  # four times the frequency


def test_shake_is_drawn_from_seed_and_frame() -> None:
    a, same = Shake.from_seed("loose", 3, 7), Shake.from_seed("loose", 3, 7)
    np.testing.assert_array_equal(a.angles_rad(0.3), same.angles_rad(0.3))
    assert (a.angles_rad(0.3) != Shake.from_seed("loose", 3, 8).angles_rad(0.3)).all()
    assert (a.angles_rad(0.3) != Shake.from_seed("loose", 4, 7).angles_rad(0.3)).all()
    np.testing.assert_allclose(Shake.from_seed("braced", 3, 7).angles_rad(0.3), a.angles_rad(0.3) / 3.0)
    assert Shake.from_seed("clamped", 3, 7).still and Shake.from_seed("none", 3, 7).still
    np.testing.assert_array_equal(a.angles_rad(0.0), np.zeros(3))  # the middle is where the scene points


def test_tracking_leaves_a_share_of_the_grounds_motion() -> None:
    free, held = (world_of(NADIR | {"camera.shutter_s": 1.0, "camera.track": track}) for track in ("none", "ground"))
    place = held.motion.target_itrs_km
    assert place is not None

    def moved_px(world: WorldState) -> float:
        ends = []
        for time_s in (-0.5, 0.5):
            at = world.at(time_s)
            x, y, _ = at.lens.project((place - at.pos_iss_itrs_km) @ at.rot_itrs_from_gcrs @ at.rot_cam_from_gcrs.T)
            ends.append((x, y))
        return float(np.hypot(*np.subtract(*ends)))

    # over the ground below: speed over height, less the turn with the orbit
    speed = np.linalg.norm(free.vel_iss_gcrs_km_s) * 6371.0 / (6371.0 + free.alt_km)
    assert moved_px(free) == pytest.approx(free.lens.f_px * speed / free.alt_km, rel=0.1)
    assert moved_px(held) == pytest.approx(TRACK_RESIDUAL * moved_px(free), rel=TWO_PERCENT)


def test_tracking_needs_ground_in_the_middle() -> None:
    limb = {"camera.track": "ground", "camera.point.limb": {"azimuth_deg": 0.0, "tangent_km": 90.0}}
    with pytest.raises(UsageError) as caught:
        world_of(limb, scene="italy")
    assert str(caught.value) == (
        'camera.track = "ground": the line of sight in the middle of the picture passes 91 km over the ground: it '
        'must meet the ground to follow it: point the camera lower, or choose track = "none" or "stars"'
    )
    with pytest.raises(UsageError, match="climbs into the sky"):
        world_of({"camera.track": "ground", "camera.point.body": {"elevation_deg": 45.0}}, scene="italy")


def test_tracking_stars_holds_them(italy: WorldState) -> None:
    held = world_of({"camera.shutter_s": 4.0, "camera.track": "stars"})
    np.testing.assert_array_equal(held.at(2.0).rot_cam_from_gcrs, held.rot_cam_from_gcrs)
    assert image_motion(held).sky_px < 1e-9 < image_motion(italy).sky_px


def test_instants_follow_the_motion() -> None:
    quick = world_of({})
    assert [len(s) for s in (slices(quick)[0][0].ground_s, slices(quick)[0][0].limb_s)] == [1, 1]
    found, step_px = slices(world_of({"camera.shutter_s": 4.0}))
    assert len(found) == 1 and len(found[0].ground_s) > 8 and len(found[0].limb_s) == 1 and step_px == 0.0
    minutes = world_of(NADIR | {"camera.shutter_s": 600.0})
    found, step_px = slices(minutes)
    assert sum(len(s.ground_s) for s in found) <= MAX_SUBFRAMES and step_px > 5.0
    assert sum(s.share for s in found) == pytest.approx(1.0)
    assert "camera.shutter_s = 600: the picture moves so far" in minutes.warnings[-1]
    every = sorted(t for s in found for t in s.ground_s)
    np.testing.assert_allclose(np.diff(every), 600.0 / len(every))


def test_straight_streaks_need_one_piece_and_shaken_ones_more() -> None:
    def pieces(overrides: dict[str, object]) -> int:
        world = world_of(overrides)
        return pose_segments(world.motion.pose, world.lens, world.motion.shutter_s)

    assert pieces({}) == 1
    assert pieces({"camera.shutter_s": 4.0, "camera.shake": "loose", "camera.f_px": 2000.0}) >= 16


@pytest.mark.parametrize(
    "overrides", [{}, NADIR, {"camera.track": "ground", **NADIR}, {"station.turn_deg_s": [0.0, 0.3, 0.2]}]
)
def test_a_brief_exposure_is_measured_at_its_ends(overrides: dict[str, object]) -> None:
    """As fast as a longer one, measured in three short steps; streaks are as many pieces as a search for a bow says."""
    brief, steady = (world_of(overrides | {"camera.shutter_s": shutter_s}) for shutter_s in (0.2, 0.3))
    assert brief.motion.brief and not steady.motion.brief
    whole, steps = image_motion(brief), image_motion(steady)
    for name in ("ground_px", "limb_px", "sky_px"):
        assert getattr(whole, name) == pytest.approx(getattr(steps, name) / 1.5, rel=TWO_PERCENT, abs=1e-6)
    motion = brief.motion
    given = motion.pose, brief.lens, motion.shutter_s
    assert pose_segments(*given, motion.n_probes) == pose_segments(*given, 32)
