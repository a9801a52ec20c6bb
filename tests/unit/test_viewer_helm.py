"""The station turns in the window as in a video: holds, manoeuvres, keys on its angles; keys and panel reach it."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest

from earthlimb.astro import frames
from earthlimb.errors import UsageError
from earthlimb.scene import Scene, load_scene
from earthlimb.viewer import actions, station_keys
from earthlimb.viewer.helm import ATTITUDES, angles_from
from earthlimb.viewer.panel import schema
from earthlimb.viewer.panel.station import by_angles
from earthlimb.viewer.panel.widgets import table_start
from earthlimb.viewer.session import Session
from earthlimb.world import same_air
from earthlimb.world.attitude import attitude_of, omega_body_gcrs_rad_s
from earthlimb.world.build import station_of
from earthlimb.world.timeline import Timeline

ROUNDING = 1e-9
A_TENTH_DEG = 0.1


def body(scene: Scene) -> np.ndarray:
    """Body from GCRS (3, 3)."""
    station = station_of(scene)[3]
    return np.asarray(
        frames.rot_body_from_gcrs(
            attitude_of(scene), frames.rot_lvlh_from_gcrs(station.pos_gcrs_km, station.vel_gcrs_km_s)
        )
    )


def rate_deg_s(scene: Scene) -> float:
    return math.degrees(float(np.linalg.norm(omega_body_gcrs_rad_s(scene, station_of(scene)[3], body(scene)))))


def window(name: str = "italy", **changes: object) -> Session:
    session = Session(load_scene(name, changes), name)
    actions.bind(session)
    return session


def test_inertial_stays_among_the_stars_while_time_runs() -> None:
    """It used to be +XVV of every instant anew: the dome went round with the orbit."""
    session = window(**{"station.attitude": "inertial"})
    first = body(session.scene)[2]
    for _ in range(12):
        session.step(300.0)
        assert math.degrees(math.acos(min(float(body(session.scene)[2] @ first), 1.0))) < A_TENTH_DEG
        assert rate_deg_s(session.scene) < 1e-9
    session.step(-7200.0)  # and backwards
    assert body(session.scene) == pytest.approx(
        body(load_scene("italy", {"station.attitude": "inertial"})), abs=ROUNDING
    )


@pytest.mark.parametrize("name", ["nauka", "docking"])
def test_a_scene_turns_in_the_window_as_in_its_video(name: str) -> None:
    session, timeline = window(name), Timeline(load_scene(name))
    for i in (0, 20, 40, 90, 200, 400, timeline.n_frames - 1):
        session.step((timeline.scene_at(i).time.utc - session.utc).total_seconds())
        wanted = timeline.scene_at(i)
        assert body(session.scene) == pytest.approx(body(wanted), abs=ROUNDING)
        assert session.scene.station.turn_deg_s == pytest.approx(wanted.station.turn_deg_s, abs=1e-9)
    # the scene that S saves goes on from here
    assert session.scene.video.begin_s == timeline.at_s(timeline.n_frames - 1)
    assert session.scene.video.event == timeline.scene.video.event


def test_a_turn_by_key_is_slow_and_ends_at_its_attitude() -> None:
    session = window()
    saved = session.scene
    session.act("manoeuvre")
    assert "turns to docking-pitch-90 until" in session.messages[-1].text
    video = Timeline(
        session.scene.model_copy(
            update={"video": session.scene.video.model_copy(update={"duration_s": 1200.0, "interval_s": 10.0})}
        )
    )
    before, rates = body(session.scene), []
    for i in range(1, 110):
        session.step(10.0)
        now = body(session.scene)
        assert now == pytest.approx(body(video.scene_at(i)), abs=ROUNDING)
        moved_deg = math.degrees(math.acos(min((np.trace(now @ before.T) - 1.0) / 2.0, 1.0)))
        assert moved_deg < 10.0 * (0.15 + 0.066)  # of the turn and of the orbit
        before = now
        rates.append(rate_deg_s(session.scene))
    assert max(rates) > 0.07  # against the orbit's turn
    station = session.scene.station
    assert (station.attitude, station.frame, station.turn_deg_s) == ("docking-pitch-90", None, (0.0, 0.0, 0.0))
    session.undo()
    assert session.scene.station == saved.station


def test_one_manoeuvre_at_a_time_and_none_that_cannot_be() -> None:
    session = window()
    session.paused = True
    session.act("manoeuvre")
    assert session.messages[-1].text.endswith("go on with Space")
    session.step(100.0)
    during = session.scene
    session.act("manoeuvre")
    assert "one manoeuvre at a time" in session.messages[-1].text and session.scene is during
    session = window()
    session.panel.turn_rate_deg_s = 5.0
    with pytest.raises(UsageError, match=r"rate_deg_s = 5: must be 0\.01 to 2"):
        station_keys.turn_to(session, "-XVV")
    assert session.scene == load_scene("italy")


def test_keys_go_through_all_attitudes() -> None:
    session = window()
    seen = []
    for _ in ATTITUDES:
        session.act("attitude")
        seen.append(session.scene.station.attitude)
        session.step(10.0)  # inertial becomes angles from the stars
    assert sorted(map(str, seen)) == sorted(ATTITUDES)
    session.change_many({"station.frame": "lvlh", "station.pitch_deg": 10.0})
    session.act("attitude")
    assert session.scene.station.attitude == "+XVV"


@pytest.mark.parametrize("frame", ["lvlh", "inertial"])
@pytest.mark.parametrize("name", ATTITUDES)
def test_angles_say_the_same_attitude(name: str, frame: str) -> None:
    session = window(**{"station.attitude": name})
    before = body(session.scene)
    by_angles(session, frame)
    assert session.scene.station.frame == frame and not session.messages
    assert body(session.scene) == pytest.approx(before, abs=1e-7)  # angles of six decimals
    assert angles_from(session.scene, frame)["station.frame"] == frame


def test_keys_of_the_cupola_and_of_what_stands_outside() -> None:
    session = window("cupola")
    for key, path, values in (
        ("shutters", "cupola.shutters", [0.0, 1.0]),
        ("interior", "cupola.interior", ["dim", "lit", "off"]),
        ("vehicle", "station.vehicle", ["dragon", "cygnus", "soyuz", "nauka", "none"]),
        ("outside", "station.visible", [False, True]),
        ("arrays_on", "station.arrays_deg", [5.0, 10.0]),
        ("arrays_back", "station.arrays_deg", [5.0]),
        ("arrays_follow", "station.arrays_deg", [None]),
        ("mount", "camera.mount", ["free", "cupola"]),
    ):
        table, name = path.split(".")
        for wanted in values:
            session.act(key)
            assert getattr(getattr(session.scene, table), name) == wanted, key
    session.change("camera.mount", "free")
    session.act("shutters")
    assert session.scene.cupola.shutters == 1.0
    assert session.messages[-1].text == "outside of the cupola: 0 goes in"


def test_every_table_can_be_switched_on_and_every_list_grows() -> None:
    """A state vector and manoeuvres used to be refused by the schema: what the panel began them with was none."""
    for entry in schema.by_path().values():
        session = window()
        if entry.kind == "table" and entry.optional and not entry.path.startswith(("camera.point", "video.")):
            assert session.change(entry.path, table_start(entry, session)), (entry.path, session.messages)
        if entry.kind == "list":
            items: list[dict[str, object]] = []
            for _ in range(3):
                items = [*items, table_start(entry, session, items)]
                assert session.change(entry.path, items), (entry.path, session.messages)
            assert session.timeline is not None and len(session.scene.video.event) in (0, 3)
    session = window()
    before = station_of(session.scene)[3].pos_gcrs_km
    session.change("station.state", table_start(schema.entry("station.state"), session))
    assert station_of(session.scene)[3].pos_gcrs_km == pytest.approx(before, abs=1e-5)


def test_a_turn_of_the_station_keeps_the_air() -> None:
    scene = load_scene("italy")
    for change in ({"station.attitude": "-XVV"}, {"station.vehicle": "dragon"}, {"station.arrays_deg": 5.0}):
        assert same_air(scene, load_scene("italy", change))
    for change in ({"station.time_shift_s": 1.0}, {"atmosphere.f107": 150.0}, {"time.utc": "2021-09-09T22:43:00Z"}):
        assert not same_air(scene, load_scene("italy", change))


def test_where_elements_do_not_reach_the_time_still_moves() -> None:
    session = window(**{"station.attitude": "inertial"})
    session.change("time.utc", "2035-01-01T00:00:00Z")
    assert session.utc.year == 2035
    session = window(**{"station.attitude": "inertial", "time.utc": "2035-01-01T00:00:00Z"})
    before = session.utc
    session.step(5.0)
    assert session.utc - before == timedelta(seconds=5) and session.timeline is None
