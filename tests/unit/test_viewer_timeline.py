"""The window's scene is its video's at every instant; the user's values win; a saved scene goes on."""

from __future__ import annotations

import math
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earthlimb.astro import frames
from earthlimb.astro.earth_rotation import rot_itrs_from_gcrs
from earthlimb.errors import UsageError
from earthlimb.scene import Scene, load_scene, resized, resolved, scene_text
from earthlimb.viewer import actions
from earthlimb.viewer.session import Session
from earthlimb.world.attitude import attitude_of
from earthlimb.world.build import station_of
from earthlimb.world.pointing import rot_cam_from_gcrs
from earthlimb.world.timeline import Timeline

# axes that were carried from picture to picture, and angles that were taken of a rotation and made one again
ROUNDING = 1e-11
SHIPPED = ("docking", "nauka", "orbit", "timelapse-europe")


def key(at_s: float, ease: str = "smooth", **tables: Any) -> dict[str, Any]:
    return {"at_s": at_s, "ease": ease, **tables}


EVERYTHING: dict[str, Any] = {
    "time": {"utc": "2021-09-09T22:40:00Z"},
    "station": {"frame": "lvlh"},
    "camera": {"shutter_s": "auto", "point": {"body": {"azimuth_deg": 5.0, "elevation_deg": -20.0}}},
    "video": {
        "duration_s": 120.0,
        "interval_s": 1.5,
        "key": [
            key(0.0, "linear", camera={"focal_mm": 24.0, "shutter_s": 0.1}, earth={"lights": 0.5}),
            key(10.0, airglow={"oh": 0.0, "shift_km": -3.0}, atmosphere={"f107": 80.0}),
            key(20.0, "hold", camera={"f_number": 2.8, "iso": 400.0, "ev": -1.0}),
            key(30.0, camera={"point": {"body": {"azimuth_deg": -170.0, "elevation_deg": -89.5}}, "roll_deg": 0.0}),
            key(40.0, camera={"focal_mm": 85.0, "f_number": 1.4, "iso": 6400.0, "ev": 1.0, "shutter_s": 1.0}),
            key(45.0, camera={"f_px": 700.0, "cx_px": 700.0}, cupola={"shutters": 1.0}),  # optional: absent otherwise
            key(50.0, station={"arrays_deg": -30.0, "yaw_deg": 0.0, "pitch_deg": 0.0, "vehicle_distance_m": 5.0}),
            key(60.0, atmosphere={"uniform": {"lat_deg": 10.0, "lon_deg": 20.0}, "f107": 200.0}),
            key(80.0, camera={"point": {"body": {"azimuth_deg": 30.0, "elevation_deg": -10.0}}, "roll_deg": 40.0}),
            key(90.0, airglow={"oh": 3.0, "shift_km": 3.0}, camera={"f_px": 900.0, "cx_px": 800.0}, eye={"noise": 0.1}),
            key(100.0, station={"arrays_deg": 30.0, "yaw_deg": 40.0, "pitch_deg": -60.0, "vehicle_distance_m": 50.0}),
            key(110.0, atmosphere={"uniform": {"lat_deg": -10.0, "lon_deg": 40.0}}, cupola={"shutters": 0.0}),
        ],
    },
}
"""Numbers, angles, places, values that are absent without keys; the camera passes the nadir while the station turns."""

TURNS: dict[str, Any] = {
    "time": {"utc": "2021-09-09T22:40:00Z"},
    "camera": {"point": {"axes_gcrs": {"right": [1, 0, 0], "down": [0, 1, 0], "forward": [0, 0, 1]}}},
    "video": {
        "duration_s": 2400.0,
        "interval_s": 20.0,
        "key": [key(0.0, camera={"iso": 800.0}), key(2000.0, camera={"iso": 1600.0})],
        "event": [
            {"at_s": 30.0, "manoeuvre": {"to": "docking-pitch-90"}},
            {"at_s": 1200.0, "manoeuvre": {"to": "inertial"}},
            {"at_s": 1500.0, "manoeuvre": {"frame": "lvlh", "yaw_deg": 20.0}},
        ],
    },
}


def window(scene: Scene) -> Session:
    session = Session(scene, "scene")
    actions.bind(session)
    return session


def camera_axes(scene: Scene) -> np.ndarray:
    """Camera from GCRS (3, 3)."""
    instant, _, _, station = station_of(scene)
    lvlh = frames.rot_lvlh_from_gcrs(station.pos_gcrs_km, station.vel_gcrs_km_s)
    body = frames.rot_body_from_gcrs(attitude_of(scene), lvlh)
    return np.asarray(
        rot_cam_from_gcrs(
            scene.camera.point,
            math.radians(scene.camera.roll_deg),
            station,
            rot_itrs_from_gcrs(instant),
            lvlh,
            np.asarray(body),
        )
    )


def body_axes(scene: Scene) -> np.ndarray:
    """Body from GCRS (3, 3)."""
    station = station_of(scene)[3]
    lvlh = frames.rot_lvlh_from_gcrs(station.pos_gcrs_km, station.vel_gcrs_km_s)
    return np.asarray(frames.rot_body_from_gcrs(attitude_of(scene), lvlh))


def plain(scene: Scene) -> dict[str, Any]:
    """Everything but the timeline, the size, and what turns with the station."""
    data = resolved(scene)
    del data["video"], data["image"], data["camera"]["point"], data["camera"]["roll_deg"]
    for name in ("attitude", "frame", "yaw_deg", "pitch_deg", "roll_deg", "turn_deg_s", "tle", "omm"):
        data["station"].pop(name, None)
    return data


def assert_shows(scene: Scene, wanted: Scene) -> None:
    """The two make the same picture, but for its size."""
    assert plain(scene) == plain(wanted)
    assert station_of(scene)[1].epoch == station_of(wanted)[1].epoch
    assert body_axes(scene) == pytest.approx(body_axes(wanted), abs=ROUNDING)
    assert scene.station.turn_deg_s == pytest.approx(wanted.station.turn_deg_s, abs=1e-9)
    assert camera_axes(scene) == pytest.approx(camera_axes(wanted), abs=ROUNDING)


def scenes() -> dict[str, Scene]:
    made = {name: load_scene(name) for name in SHIPPED}
    several = {"time.utc": "2021-04-20T21:50:00Z", "video.duration_s": 2400.0, "video.interval_s": 100.0}
    made["two sets"] = load_scene(EVERYTHING, several)  # another element set gets nearer on the way
    return made | {"everything": load_scene(EVERYTHING), "turns": load_scene(TURNS)}


@pytest.mark.parametrize("name", scenes())
def test_the_window_shows_what_the_video_shows(name: str) -> None:
    scene = scenes()[name]
    timeline, session = Timeline(scene), window(scene)
    last = timeline.n_frames - 1
    # forwards, backwards, and over the ends
    for i in (1, 7, last // 5, last // 3, last // 2, 2 * last // 3, last, last // 4, 0, last // 2, last // 7):
        utc = timeline.scene_at(i).time.utc
        session.step((utc - session.utc).total_seconds())
        assert_shows(session.scene, timeline.scene_at(i))
        assert load_scene(resolved(session.scene)) == session.scene  # the schema's, though nothing is validated
    assert session.messages == []
    if not (scene.video.key or scene.video.event):
        return
    session.step(-1e5)
    if all(value == 0.0 for value in timeline.scene_at(0).station.turn_deg_s):
        assert plain(session.scene) | {"time": 0} == plain(timeline.scene_at(0)) | {"time": 0}
    assert session.jump("2021-09-11T00:00:00Z")
    latest = {path: track.values[-1] for path, track in timeline.tracks.items()}
    for path, value in latest.items():
        table: Any = resolved(session.scene)
        for part in path:
            table = table[part]
        assert table == value


@pytest.mark.parametrize("name", ["docking", "nauka", "two sets", "everything", "turns"])
@pytest.mark.parametrize("share", [0.13, 0.5, 0.77])
def test_a_saved_scene_goes_on_as_the_original_would(name: str, share: float, tmp_path: Path) -> None:
    """At instants within manoeuvres, keys that hold, and keys that are half way."""
    scene = scenes()[name]
    timeline = Timeline(resized(scene, 300, 200))
    i = int(share * timeline.n_frames)
    session = window(scene)
    session.size_px, session.folder = (300, 200), tmp_path
    for _ in range(5):
        session.step(timeline.at_s(i) / 5)
    assert (session.utc - timeline.scene_at(i).time.utc) < timedelta(microseconds=5)
    session.utc = timeline.scene_at(i).time.utc
    actions.save_scene(session)
    saved = load_scene(next(tmp_path.glob("*.toml")))
    assert saved == session.view_scene()  # what `render` makes of it is what the window shows
    rest = Timeline(saved)
    assert rest.n_frames == timeline.n_frames - i
    for j in (0, 1, 5, rest.n_frames // 3, rest.n_frames - 1):
        assert_shows(rest.scene_at(j), timeline.scene_at(i + j))


def test_a_timeline_that_is_over_or_not_begun_is_saved_so(tmp_path: Path) -> None:
    scene = load_scene(TURNS)
    session = window(scene)
    session.step(-60.0)
    early = load_scene(tomllib.loads(scene_text(session.saved_scene())))
    assert early.video.begin_s == -60.0 and Timeline(early).n_frames == 123
    session.jump("2020-09-09T00:00:00Z")  # `video` could not make a year of pictures
    far = session.saved_scene()
    assert (far.video.key, far.video.event, far.video.begin_s, far.camera.iso) == ((), (), 0.0, 800.0)
    session.utc = scene.time.utc + timedelta(seconds=5000.0)
    session.size_px = (1500, 1000)
    late = session.saved_scene()
    assert (late.video.key, late.video.event, late.video.begin_s) == ((), (), 0.0)
    assert late.video.duration_s == 2400.0 and late.camera.iso == 1600.0
    assert_shows(late, session.scene)


def test_a_turn_that_outlasts_the_video_is_saved_with_its_end() -> None:
    """`check` and `video` refuse a beginning past the end, and a turn is under way."""
    session = window(load_scene(TURNS, {"video.duration_s": 100.0, "video.key": []}))
    session.step(300.0)
    saved = load_scene(tomllib.loads(scene_text(session.saved_scene())))
    rest = Timeline(saved)
    assert saved.video.begin_s == 300.0 and saved.video.duration_s == rest.attitude.turns[-1][0].end_s > 1500.0
    session.step(rest.at_s(20) - 300.0)
    assert_shows(session.scene, rest.scene_at(20))


def test_the_users_value_replaces_its_keys_until_undone() -> None:
    scene = load_scene(EVERYTHING)
    timeline, session = Timeline(scene), window(scene)
    session.step(60.0)
    assert session.change("camera.focal_mm", 50.0)
    assert session.messages[-1].text == (
        "camera.f_px, camera.focal_mm: your value replaces their keys; U brings them back"
    )
    assert session.change("camera.focal_mm", 55.0) and len(session.messages) == 1  # once
    session.step(15.0)
    assert session.scene.camera.focal_mm == 55.0
    assert session.scene.camera.f_number == timeline.scene_at(50).camera.f_number
    assert session.change("station.arrays_deg", None)  # they follow the Sun again
    assert session.messages[-1].text.startswith("station.arrays_deg: your value")
    session.step(15.0)
    assert session.scene.station.arrays_deg is None
    assert session.change_many({"camera.point.body": {"azimuth_deg": 1.0, "elevation_deg": -2.0}})
    assert session.messages[-1].text.startswith(
        "camera.point.body.azimuth_deg, camera.point.body.elevation_deg: your value replaces their keys"
    )
    assert session.change("station.attitude", "+XVV")
    assert "station.pitch_deg, station.yaw_deg" in session.messages[-1].text
    while session.messages[-1].text != "nothing to undo":
        session.undo()
    assert_shows(session.scene, timeline.scene_at(60))  # 90 s
    session.step(-45.0)
    assert_shows(session.scene, timeline.scene_at(30))


def test_a_timeline_without_its_last_key_is_none() -> None:
    session = window(load_scene("docking"))
    session.step(300.0)
    session.act("attitude")
    assert session.scene.station.turn_deg_s == (0.0, 0.0, 0.0)
    assert session.scene.video == load_scene("timelapse-europe").video.model_copy(
        update={"duration_s": 960.0, "interval_s": 1.28}
    )
    session.undo()
    session.step(-300.0 + 1.28 * 40)
    assert_shows(session.scene, Timeline(load_scene("docking")).scene_at(40))


def test_an_edit_of_the_timeline_is_seen_at_once() -> None:
    session = window(load_scene("italy"))
    session.paused = True
    session.change("video.key", [{"at_s": 0.0, "camera": {"iso": 400.0}}, {"at_s": 60.0, "camera": {"iso": 800.0}}])
    assert session.scene.camera.iso == 400.0
    session.change("video.begin_s", 30.0)
    assert session.scene.camera.iso == 600.0
    session.undo()
    session.undo()
    assert session.scene == load_scene("italy")


def test_a_manoeuvre_by_key_goes_on_beside_the_other_keys() -> None:
    session = window(load_scene(EVERYTHING))
    session.step(42.0)
    session.act("manoeuvre")
    texts = [message.text for message in session.messages]
    assert "station.pitch_deg, station.yaw_deg: your value replaces their keys" in texts[-2]
    assert session.scene.video.event[0].at_s == 42.0
    session.step(18.0)
    wanted = Timeline(load_scene(EVERYTHING)).scene_at(40)
    assert session.scene.camera.focal_mm == wanted.camera.focal_mm and session.scene.airglow == wanted.airglow
    assert session.timeline is not None and session.timeline.turning(session.utc) is not None
    for start_s in (-500.0, 2e6):  # long before the timeline and long after it
        session = window(load_scene(EVERYTHING, {"station.max_age_days": 100.0}))
        session.step(start_s)
        session.act("manoeuvre")
        assert session.messages[-1].text.startswith("the station turns to")
        session.step(30.0)
        assert load_scene(resolved(session.scene)) == session.scene


def test_a_turn_that_was_stopped_by_hand_is_not_made_by_the_saved_scene() -> None:
    session = window(load_scene(TURNS))
    session.step(100.0)
    before = session.scene
    session.act("attitude")  # the one after that by angles, in the midst of the first turn
    assert [event.at_s for event in session.scene.video.event] == [1200.0, 1500.0]
    assert before.station.turn_deg_s != (0.0, 0.0, 0.0) == session.scene.station.turn_deg_s  # no exposure is smeared
    saved = [session.saved_scene()]
    session.step(40.0)
    saved.append(session.saved_scene())
    for scene in saved:
        timeline, begin_s = Timeline(scene), scene.video.begin_s
        assert body_axes(timeline.scene_at(10)) == pytest.approx(
            body_axes(load_scene(TURNS, {"time.utc": timeline.scene_at(10).time.utc, "station.attitude": "+XVV"})),
            abs=ROUNDING,
        )
        late = int((1600.0 - begin_s) / 20.0)
        session.step(timeline.at_s(late) - session.scene.video.begin_s)
        assert_shows(session.scene, timeline.scene_at(late))
    session.undo()
    session.step(100.0 - session.scene.video.begin_s)
    assert_shows(session.scene, before)
    by_hand = load_scene(TURNS, {"video.begin_s": 600.0})  # what [station] says holds at exposure 0
    session = window(by_hand)
    session.step(300.0)
    assert_shows(session.scene, Timeline(by_hand).scene_at(15))
    assert_shows(Timeline(session.saved_scene()).scene_at(0), Timeline(by_hand).scene_at(15))


def test_the_level_of_a_camera_that_is_pointed_anew_is_that_of_its_instant() -> None:
    session = window(load_scene("docking"))
    session.step(480.0)
    body = session.scene.camera.point.body
    assert body is not None and body.up is not None and body.ahead is not None
    # the vertical at second 0; the view is along it, so that the nose is up
    assert (*body.up, *body.ahead) == pytest.approx((0.0, 0.0, -1.0, 1.0, 0.0, 0.0), abs=1e-12)
    session.change_many({"camera.point.body": {"azimuth_deg": 0.0, "elevation_deg": -45.0}})
    session.step(100.0)
    body = session.scene.camera.point.body
    assert body is not None and body.up is not None
    # the vertical at 480 s, when the station stood 45 degrees nose up
    assert body.up == pytest.approx((math.sqrt(0.5), 0.0, -math.sqrt(0.5)), abs=1e-9)


def test_nonsense_ends_in_one_message() -> None:
    scene = load_scene(TURNS)
    session = window(scene)
    events = [event.model_dump(exclude_none=True) for event in scene.video.event]
    events[1]["at_s"] = 40.0
    session.change("video.event", events)
    for _ in range(5):
        session.step(10.0)
    assert session.utc - scene.time.utc == timedelta(seconds=50)
    assert [m.text for m in session.messages if "one at a time is allowed" in m.text] == [
        m.text for m in session.messages
    ]
    session.undo()
    session.step(10.0)
    assert_shows(session.scene, Timeline(scene).scene_at(3))
    session.accept(None)  # type: ignore[arg-type]
    session.jump("2035-01-01T00:00:00Z")
    session.step(-60.0)
    assert session.utc.year == 2034
    session.refuse(UsageError("station: no elements reach it"))
    session.utc = scene.time.utc + timedelta(seconds=1000)
    assert_shows(session.scene, Timeline(scene).scene_at(50))
