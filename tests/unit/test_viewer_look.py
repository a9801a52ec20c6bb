"""Turning the view by hand: what is pulled stays under the cursor, and inputs add up, however old the picture is."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
import pytest

from earthlimb.physics.geometry import ground_geometry
from earthlimb.scene import load_scene
from earthlimb.viewer import actions, look
from earthlimb.viewer.aim import aim_of
from earthlimb.viewer.session import Session
from earthlimb.world import lens_of
from earthlimb.world.state import WorldState

SIZE = (960, 640)
LIMB = {"azimuth_deg": 24.5, "tangent_km": 90.0}
WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "limb": ("italy", {"camera.point.limb": LIMB}),
    "limb, rolled": ("italy", {"camera.point.limb": LIMB, "camera.roll_deg": 25.0}),
    "body": ("italy", {"camera.point.body": {"azimuth_deg": 60.0, "elevation_deg": -35.0}}),
    "body, own level": (
        "italy",
        {
            "camera.point.body": {"azimuth_deg": 60.0, "elevation_deg": -20.0, "up": [0.1, 0.3, -1.0]},
            "camera.roll_deg": -8.0,
        },
    ),
    "free": ("italy", {}),
    "ground": ("italy", {"camera.point.ground": {"lat_deg": 43.0, "lon_deg": 14.0, "alt_km": 0.0}}),
    "sky": ("milky-way", {}),
    "window": ("cupola", {"camera.window": 3, "camera.point.body": {"azimuth_deg": 120.0, "elevation_deg": -30.0}}),
    "a lens that distorts": ("italy", {"camera.point.limb": LIMB, "camera.k1": 0.12}),
}


def window(name: str, changes: dict[str, Any]) -> Session:
    session = Session(load_scene(name, changes), size_px=SIZE, paused=True)
    session.world = cast(WorldState, object())  # a first picture is there, of whatever instant
    actions.bind(session)
    return session


def seen_at(session: Session, x_px: float, y_px: float) -> np.ndarray:
    """Direction (3,), GCRS, of a place of the window."""
    return aim_of(session).axes.T @ lens_of(session.view_scene()).rays_cam(x_px, y_px)


def place_of(session: Session, direction: np.ndarray) -> np.ndarray:
    x, y, ahead = lens_of(session.view_scene()).project(aim_of(session).axes @ direction)
    assert ahead
    return np.array([float(x), float(y)])


@pytest.mark.parametrize("way", WAYS)
def test_what_is_pulled_stays_under_the_cursor(way: str) -> None:
    session = window(*WAYS[way])
    start = session.scene
    rng = np.random.default_rng(5)
    for _ in range(25):
        session.replace(start)
        held_at, to = rng.uniform((200.0, 150.0), (760.0, 490.0)), rng.uniform((200.0, 150.0), (760.0, 490.0))
        held = seen_at(session, *held_at)
        look.drag(session, tuple(held_at), tuple(to))
        assert place_of(session, held) == pytest.approx(to, abs=0.02)
        assert session.scene.camera.roll_deg == start.camera.roll_deg


@pytest.mark.parametrize("way", WAYS)
def test_a_slow_pull_ends_where_a_quick_one_does(way: str) -> None:
    slow, quick = window(*WAYS[way]), window(*WAYS[way])
    held = seen_at(slow, 400.0, 300.0)
    for i in range(10):
        look.drag(slow, (400.0 + 20.0 * i, 300.0 + 10.0 * i), (420.0 + 20.0 * i, 310.0 + 10.0 * i))
    look.drag(quick, (400.0, 300.0), (600.0, 400.0))
    assert place_of(slow, held) == pytest.approx([600.0, 400.0], abs=0.02)
    if way != "free":  # whose roll depends on the way
        assert aim_of(slow).axes == pytest.approx(aim_of(quick).axes, abs=1e-9)


@pytest.mark.parametrize("way", WAYS)
def test_a_pull_while_time_runs_moves_the_picture_by_the_cursor_alone(way: str) -> None:
    """Between pulls the scene moves on as it would without them; each takes what is under the cursor then."""
    session = window(*WAYS[way])
    kind = session.scene.camera.point.kind
    for i in range(5):
        session.step(0.3)
        at, to = (450.0 + 6.0 * i, 330.0 - 2.0 * i), (456.0 + 6.0 * i, 328.0 - 2.0 * i)
        held = seen_at(session, *at)
        look.drag(session, at, to)
        assert place_of(session, held) == pytest.approx(to, abs=0.02)
        assert session.scene.camera.point.kind == kind


def test_keys_add_up_however_seldom_pictures_are_drawn() -> None:
    """Six times left before the next picture, fixed to the station and level; left and up together."""
    session = window("italy", {"camera.point.body": {"azimuth_deg": 10.0, "elevation_deg": 0.0, "up": [0, 0, -1]}})
    step = 2.0 * math.atan2(480.0, lens_of(session.view_scene()).f_px) * 0.06
    for _ in range(6):
        session.act("left")
    body = session.scene.camera.point.body
    assert body is not None
    assert body.azimuth_deg == pytest.approx(10.0 - 6.0 * math.degrees(step), abs=1e-9)
    assert body.elevation_deg == pytest.approx(0.0, abs=1e-9)
    session.act("up")
    session.act("left")
    body = session.scene.camera.point.body
    assert body is not None and body.elevation_deg == pytest.approx(math.degrees(step), rel=0.05)
    assert body.azimuth_deg == pytest.approx(10.0 - 7.0 * math.degrees(step), abs=0.05)


def test_keys_turn_as_far_in_every_way_of_pointing() -> None:
    """In the limb's mode six steps were as many as one or two."""
    for way, (name, changes) in WAYS.items():
        session = window(name, changes)
        ahead = aim_of(session).axes[2]
        step = 2.0 * math.atan2(480.0, lens_of(session.view_scene()).f_px) * 0.06
        turned = 0.0
        for _ in range(6):
            before = aim_of(session).axes[2]
            session.act("left")
            turned += math.acos(float(before @ aim_of(session).axes[2]))
        assert turned == pytest.approx(6.0 * step, rel=1e-6), way
        assert math.acos(float(ahead @ aim_of(session).axes[2])) > 3.5 * step, way


def test_a_view_down_or_of_what_stands_overhead_does_not_spin() -> None:
    """Where a level camera would have to turn round to keep a point, it turns by about the pull, as its middle does."""
    session = window("italy", {"camera.point.body": {"azimuth_deg": 0.0, "elevation_deg": -86.0}})
    for to in ((530.0, 330.0), (460.0, 380.0), (480.0, 120.0)):
        before = aim_of(session).axes[2]
        look.drag(session, (480.0, 320.0), to)
        pulled = math.hypot(to[0] - 480.0, to[1] - 320.0) / lens_of(session.view_scene()).f_px
        assert math.acos(min(1.0, float(before @ aim_of(session).axes[2]))) < 4.2 * pulled
        assert np.isfinite(aim_of(session).axes).all()


def test_what_is_followed_is_in_the_middle_at_the_scene_s_instant() -> None:
    """A picture of half a minute ago does not decide which place is followed."""
    session = window("italy", {"camera.point.body": {"azimuth_deg": 0.0, "elevation_deg": -50.0}})
    session.step(30.0)
    aim = aim_of(session)
    there = ground_geometry(aim.station.pos_itrs_km, (aim.rot_itrs_from_gcrs @ aim.axes[2])[None])
    session.act("place")
    ground = session.scene.camera.point.ground
    assert ground is not None and ground.lat_deg == pytest.approx(math.degrees(float(there.lat_rad[0])), abs=1e-9)
    assert aim_of(session).axes[2] == pytest.approx(aim.axes[2], abs=1e-9)
    assert aim_of(session).station is aim.station  # solved once for an instant
    session.step(1.0)
    assert aim_of(session).station is not aim.station
