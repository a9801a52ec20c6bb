"""The timeline: which exposures there are, what the keys make of a value, and where the camera looks in each."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earthlimb.astro import frames
from earthlimb.astro.earth_rotation import rot_itrs_from_gcrs
from earthlimb.astro.elements import shipped_elements
from earthlimb.astro.omm import omm_text
from earthlimb.astro.timescale import Instant
from earthlimb.cli.app import run
from earthlimb.errors import UsageError
from earthlimb.physics.geometry import tangent_km
from earthlimb.scene import Scene, load_scene, resized
from earthlimb.scene.tracks import Track, eased
from earthlimb.world.attitude import attitude_of
from earthlimb.world.build import station_of
from earthlimb.world.pointing import rot_cam_from_gcrs
from earthlimb.world.timeline import MAX_FRAMES, Timeline

# right, down and forward are unit vectors made of half a dozen products of rotations
A_DOZEN_ROUNDINGS = 1e-14
# the bisection of pointing stops at 2e-8 km of tangent height; the lowest point above the ellipsoid is iterated, too
ONE_MILLIMETER_KM = 1e-6


def scene_of(video: dict[str, Any], **tables: Any) -> Scene:
    base: dict[str, Any] = {
        "time": {"utc": "2021-09-09T22:42:40.05Z"},
        "camera": {"point": {"limb": {"azimuth_deg": 20.0}}},
        "video": video,
    }
    return load_scene(base | tables)


def posed(scene: Scene) -> dict[str, Any]:
    """Station, body and camera of a still scene, from the parts that every picture uses."""
    instant, elements, _, station = station_of(scene)
    lvlh = frames.rot_lvlh_from_gcrs(station.pos_gcrs_km, station.vel_gcrs_km_s)
    body = frames.rot_body_from_gcrs(attitude_of(scene), lvlh)
    itrs = rot_itrs_from_gcrs(instant)
    cam = rot_cam_from_gcrs(scene.camera.point, math.radians(scene.camera.roll_deg), station, itrs, lvlh, body)
    return {"cam": cam, "body": body, "lvlh": lvlh, "itrs": itrs, "station": station, "elements": elements}


# Exposures


@pytest.mark.parametrize(
    ("duration_s", "interval_s", "n_frames"),
    [
        (120.0, 0.5, 240),
        (1.1, 0.1, 11),  # 11.000000000000002 in binary floating point
        (0.3, 0.1, 3),  # 2.9999999999999996
        (0.7, 0.1, 7),
        (1.0, 0.3, 4),  # at 0, 0.3, 0.6 and 0.9
        (5580.0, 3.72, 1500),
        (0.5, 0.5, 1),
        (0.2, 5.0, 1),
        (0.500001, 0.5, 2),
    ],
)
def test_exposures_at_multiples_of_the_interval_before_the_end(
    duration_s: float, interval_s: float, n_frames: int
) -> None:
    video = {"duration_s": duration_s, "interval_s": interval_s}
    timeline = Timeline(scene_of(video, camera={"shutter_s": 0.01, "point": {"limb": {}}}))
    assert timeline.n_frames == n_frames
    last_s = timeline.at_s(n_frames - 1)
    assert last_s < duration_s <= last_s + interval_s + 1e-9  # far below a microsecond, the resolution of an instant


def test_the_scenes_time_is_the_middle_of_the_first_exposure() -> None:
    timeline = Timeline(scene_of({"duration_s": 60.0, "interval_s": 0.7}))
    start = timeline.scene.time.utc
    for i in (0, 1, 7, 85):
        assert timeline.scene_at(i).time.utc == start + i * timedelta(milliseconds=700)


def test_frames_run_through_a_leap_second() -> None:
    """2016-12-31T23:59:60Z is a second of its own: two seconds after 59 it is midnight."""
    scene = scene_of(
        {"duration_s": 4.0, "interval_s": 2.0},
        time={"utc": "2016-12-31T23:59:59Z"},
        station={"max_age_days": 100.0},
    )
    assert Timeline(scene).scene_at(1).time.utc.isoformat() == "2017-01-01T00:00:00+00:00"


def test_the_first_exposure_is_the_still_picture() -> None:
    scene = load_scene("docking")
    still = Timeline(scene).scene_at(0)
    assert still.camera == scene.camera and still.time == scene.time and still.image == scene.image
    assert still.video == scene_of({}).video  # a still scene carries no timeline of its own
    assert posed(still)["elements"].line1 == posed(scene)["elements"].line1


def test_exposures_outside_are_refused() -> None:
    timeline = Timeline(scene_of({"duration_s": 2.0, "interval_s": 1.0}))
    for i in (-1, 2):
        with pytest.raises(IndexError):
            timeline.scene_at(i)


def test_one_element_set_serves_the_whole_timeline() -> None:
    """Between two shipped sets of April 2021, 88 minutes apart, a still picture changes to the nearer one."""
    scene = scene_of({"duration_s": 2400.0, "interval_s": 100.0}, time={"utc": "2021-04-20T21:50:00Z"})
    timeline = Timeline(scene)
    last = timeline.scene_at(timeline.n_frames - 1)
    used = posed(last)["elements"].line1
    assert used == posed(scene)["elements"].line1
    nearer = last.model_copy(update={"station": scene.station})
    assert posed(nearer)["elements"].line1 != used


@pytest.mark.parametrize("source", ["tle", "omm"])
def test_one_set_of_a_history_serves_the_whole_timeline(source: str, tmp_path: Path) -> None:
    """Two sets of April 2021, 88 minutes apart: the station used to jump half way through the video."""
    near = Instant.from_iso("2021-04-20T22:10:00Z")
    sets = sorted(shipped_elements(), key=lambda one: abs(one.age_days(near)))[:2]
    text = "".join(f"{one.line1}\n{one.line2}\n" for one in sets)
    if source == "omm":
        text = "[" + ", ".join(omm_text(replace(one, line1="", line2="")) for one in sets) + "]"
    (tmp_path / "sets").write_text(text, encoding="utf-8")
    station = {"tle": text} if source == "tle" else {"omm": str(tmp_path / "sets")}
    scene = scene_of({"duration_s": 2400.0, "interval_s": 100.0}, time={"utc": "2021-04-20T21:50:00Z"}, station=station)
    timeline = Timeline(scene)
    used = {posed(timeline.scene_at(i))["elements"].epoch for i in range(0, timeline.n_frames, 4)}
    assert used == {posed(scene)["elements"].epoch}
    alone = scene.model_copy(update={"time": timeline.scene_at(timeline.n_frames - 1).time})
    assert posed(alone)["elements"].epoch not in used


# Values


def test_values_between_keys() -> None:
    timeline = Timeline(
        scene_of(
            {
                "duration_s": 60.0,
                "interval_s": 1.0,
                "key": [
                    {"at_s": 10.0, "camera": {"focal_mm": 20.0, "ev": 1.0}, "ease": "linear"},
                    {"at_s": 20.0, "camera": {"focal_mm": 40.0}},
                    {"at_s": 30.0, "camera": {"focal_mm": 60.0}, "ease": "hold"},
                    {"at_s": 30.0, "airglow": {"oh": 3.0}},  # the same time, another value
                    {"at_s": 40.0, "camera": {"focal_mm": 24.0}},
                    {"at_s": 50.0, "camera": {"ev": -1.0}},
                ],
            }
        )
    )
    focal_mm = {0: 20.0, 10: 20.0, 15: 30.0, 20: 40.0, 25: 50.0, 30: 60.0, 39: 60.0, 40: 24.0, 59: 24.0}
    # smoothstep at a quarter: 3/16 - 2/64 = 5/32
    focal_mm |= {22: 40.0 + 20.0 * (3 * 0.2**2 - 2 * 0.2**3)}
    for i, expected in focal_mm.items():
        assert timeline.scene_at(i).camera.focal_mm == pytest.approx(expected, abs=1e-12), i
    # its own track, past the keys that do not name it; 1 to -1 over 40 s
    ev = {0: 1.0, 10: 1.0, 20: 0.5, 30: 0.0, 50: -1.0, 59: -1.0}
    for i, expected in ev.items():
        assert timeline.scene_at(i).camera.ev == pytest.approx(expected, abs=1e-12), i
    assert timeline.scene_at(0).airglow.oh == timeline.scene_at(59).airglow.oh == 3.0
    assert timeline.scene_at(33).camera.iso == 10000.0


@given(u=st.floats(0.0, 1.0), v=st.floats(0.0, 1.0), ease=st.sampled_from(["smooth", "linear", "hold"]))
def test_an_ease_never_turns_back(u: float, v: float, ease: str) -> None:
    low, high = sorted((u, v))
    # one rounding of each of three products
    assert 0.0 <= eased(ease, low) <= eased(ease, high) + 1e-15 and eased(ease, high) <= 1.0 + 1e-15
    assert eased(ease, 0.0) == 0.0
    if ease != "hold":
        assert eased(ease, 1.0) == 1.0


@given(
    values=st.lists(st.floats(1.0, 2000.0), min_size=2, max_size=5),
    ease=st.sampled_from(["smooth", "linear", "hold"]),
    share=st.floats(0.0, 1.0),
    gap_s=st.floats(1e-3, 1e4),
)
def test_a_value_between_two_keys_lies_between_theirs(
    values: list[float], ease: str, share: float, gap_s: float
) -> None:
    times = tuple(k * gap_s for k in range(len(values)))
    track = Track(times, tuple(values), (ease,) * len(values))
    for k, (a, b) in enumerate(itertools.pairwise(values)):
        at_s = min(times[k] + share * gap_s, times[k + 1])
        assert min(a, b) <= track.at(at_s) <= max(a, b)
        assert track.at(times[k]) == a
    assert track.at(-1.0) == values[0] and track.at(times[-1] + 1.0) == values[-1]


def test_smooth_is_at_rest_at_its_keys_and_half_as_fast_again_in_the_middle() -> None:
    step = 1e-6
    # second differences of u^2 (3 - 2u) are at most 3 step^2 away from the tangent
    assert eased("smooth", step) / step < 4.0 * step
    assert (eased("smooth", 0.5 + step) - eased("smooth", 0.5 - step)) / (2.0 * step) == pytest.approx(1.5, rel=1e-9)


def test_a_lens_in_pixels_is_keyed_at_the_scenes_size_and_follows_the_pictures() -> None:
    video = {"duration_s": 2.0, "interval_s": 1.0, "key": [{"at_s": 0.0, "camera": {"f_px": 800.0, "cx_px": 510.0}}]}
    scene = scene_of(video, image={"width_px": 1000, "height_px": 600})
    camera = Timeline(resized(scene, 500, 300)).scene_at(0).camera
    assert (camera.f_px, camera.cx_px) == (400.0, 255.0)
    camera = Timeline(resized(scene, 500, 400)).scene_at(1).camera
    assert (camera.f_px, camera.cx_px) == (400.0, 255.0)
    assert Timeline(scene).scene_at(1).camera.f_px == 800.0


def test_an_override_stands_for_the_whole_timeline() -> None:
    pitch = ("station", "pitch_deg")
    assert pitch in Timeline(load_scene("docking")).tracks
    assert Timeline(load_scene("docking", {"station.pitch_deg": 30.0})).tracks == {}
    assert Timeline(load_scene("docking", {"station.attitude": "+XVV"})).tracks == {}
    assert pitch in Timeline(load_scene("docking", {"station.roll_deg": 1.0, "camera.iso": 800.0})).tracks
    assert Timeline(load_scene("docking", {"video.key": []})).tracks == {}


# Pointing


def test_limb_is_solved_anew_in_each_exposure() -> None:
    timeline = Timeline(scene_of({"duration_s": 600.0, "interval_s": 100.0}))
    for i in range(timeline.n_frames):
        pose = posed(timeline.scene_at(i))
        forward = pose["lvlh"] @ pose["cam"][2]
        assert math.degrees(math.atan2(forward[1], forward[0])) == pytest.approx(20.0, abs=1e-9)
        height, _ = tangent_km(pose["station"].pos_itrs_km, (pose["itrs"] @ pose["cam"][2])[None])
        assert height[0] == pytest.approx(90.0, abs=ONE_MILLIMETER_KM)


def test_sky_stays_on_its_star() -> None:
    camera = {"point": {"sky": {"ra_deg": 84.0, "dec_deg": -12.0}}}
    timeline = Timeline(scene_of({"duration_s": 600.0, "interval_s": 300.0}, camera=camera))
    first, last = (posed(timeline.scene_at(i))["cam"][2] for i in (0, 1))
    assert first == pytest.approx(last, abs=A_DOZEN_ROUNDINGS)


AXES = {"right": [0.0, 1.0, 0.0], "down": [0.0, 0.0, 1.0], "forward": [1.0, 0.0, 0.0]}


@pytest.mark.parametrize(
    "point", [{"body": {"azimuth_deg": 30.0, "elevation_deg": -24.0}}, {"axes_gcrs": AXES}], ids=["body", "axes_gcrs"]
)
@pytest.mark.parametrize("attitude", ["+XVV", "docking-pitch-90"])
def test_a_camera_on_the_body_turns_with_it(point: dict[str, Any], attitude: str) -> None:
    scene = scene_of(
        {"duration_s": 900.0, "interval_s": 300.0},
        station={"attitude": attitude},
        camera={"point": point, "roll_deg": 15.0},
    )
    timeline = Timeline(scene)
    poses = [posed(timeline.scene_at(i)) for i in range(timeline.n_frames)]
    for pose in poses:
        cam_from_body = pose["cam"] @ pose["body"].T
        assert cam_from_body == pytest.approx(poses[0]["cam"] @ poses[0]["body"].T, abs=A_DOZEN_ROUNDINGS)
        # in the local frame, which the attitude holds, too
        assert pose["lvlh"] @ pose["cam"][2] == pytest.approx(
            poses[0]["lvlh"] @ poses[0]["cam"][2], abs=A_DOZEN_ROUNDINGS
        )
    # against the stars it goes round with the station: 15.486 times a day
    turn = poses[1]["cam"].T @ poses[0]["cam"]
    turned_deg = math.degrees(math.acos((np.trace(turn) - 1.0) / 2.0))
    # the orbit's radius varies by some 10 km on the way round, the pace by twice its 0.15 %
    assert turned_deg == pytest.approx(300.0 * 15.486 * 360.0 / 86400.0, rel=3e-3)


def test_the_docking_turn_carries_the_camera_from_straight_down_to_the_direction_of_flight() -> None:
    timeline = Timeline(load_scene("docking"))
    ahead_deg = []
    for i in (0, timeline.n_frames // 2, timeline.n_frames - 1):
        pose = posed(timeline.scene_at(i))
        forward = pose["lvlh"] @ pose["cam"][2]
        ahead_deg.append(math.degrees(math.atan2(forward[0], forward[2])))
        # the top of the picture is the station's nose
        assert -pose["cam"][1] @ pose["body"][0] == pytest.approx(1.0, abs=A_DOZEN_ROUNDINGS)
    assert ahead_deg == pytest.approx([0.0, 45.0, 90.0], abs=1e-6)


def test_the_docking_turn_is_never_faster_than_the_stations_own() -> None:
    timeline = Timeline(load_scene("docking"))
    pitch = [timeline.values_at(i)["station", "pitch_deg"] for i in range(timeline.n_frames)]
    rates = np.diff(pitch) / timeline.scene.video.interval_s
    assert 0.0 <= rates.min() and 0.149 < rates.max() <= 0.15 + 1e-12


def test_keys_move_a_camera_on_the_body() -> None:
    """Levelled as in the first exposure: the horizon tilts only as the body does."""
    keys = [
        {"at_s": 0.0, "camera": {"point": {"body": {"azimuth_deg": 0.0}}}, "ease": "linear"},
        {"at_s": 100.0, "camera": {"point": {"body": {"azimuth_deg": 80.0}}}},
    ]
    camera = {"point": {"body": {"azimuth_deg": 0.0, "elevation_deg": -20.0}}}
    station = {"frame": "lvlh"}
    video = {"duration_s": 101.0, "interval_s": 50.0, "key": keys}
    timeline = Timeline(scene_of(video, camera=camera, station=station))
    for i, azimuth_deg in enumerate((0.0, 40.0, 80.0)):
        pose = posed(timeline.scene_at(i))
        forward = pose["body"] @ pose["cam"][2]
        assert math.degrees(math.atan2(forward[1], forward[0])) == pytest.approx(azimuth_deg, abs=1e-9)
        assert pose["lvlh"][2] @ pose["cam"][0] == pytest.approx(0.0, abs=A_DOZEN_ROUNDINGS)


# What cannot be


@pytest.mark.parametrize(
    ("video", "camera", "message"),
    [
        (
            {"begin_s": 120.0, "duration_s": 120.0},
            {},
            "video.begin_s = 120: no exposure is left, video.duration_s = 120 is the end: an earlier second is wanted: "
            "make it smaller, or video.duration_s longer",
        ),
        (
            {"interval_s": 0.5},
            {"shutter_s": 0.6},
            "video.interval_s = 0.5: the shutter is open for 0.6 s: an interval at least as long is wanted: "
            "make it longer, or camera.shutter_s shorter",
        ),
        (
            {
                "interval_s": 0.5,
                "key": [
                    {"at_s": 0.0, "camera": {"shutter_s": 0.1}},
                    {"at_s": 30.0, "camera": {"shutter_s": 0.7}},
                    {"at_s": 40.0, "camera": {"shutter_s": 0.1}},
                ],
            },
            {},
            "video.interval_s = 0.5: the shutter is open for 0.7 s at 30 s: an interval at least as long is wanted: "
            "make it longer, or camera.shutter_s shorter",
        ),
        (
            {"duration_s": 1e6, "interval_s": 0.5},
            {},
            "video.interval_s = 0.5: 2000000 exposures in 1e+06 s: 1000000 are allowed: make it longer",
        ),
    ],
)
def test_an_impossible_rhythm_is_refused(video: dict[str, Any], camera: dict[str, Any], message: str) -> None:
    scene = scene_of(video, camera={"point": {"limb": {}}} | camera)
    with pytest.raises(UsageError) as caught:
        Timeline(scene)
    assert str(caught.value) == message


@pytest.mark.parametrize("command", ["check", "video"])
def test_a_beginning_past_the_end_is_refused_by_every_command(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It used to be a video of one frame."""
    monkeypatch.chdir(tmp_path)
    words = ["docking", "--set", "video.begin_s=961", *(["-o", "x.mp4"] if command == "video" else [])]
    assert run([command, *words]) == 2
    out, err = capsys.readouterr()
    assert err.startswith("--set: video.begin_s = 961: no exposure is left, video.duration_s = 960") and not out
    assert list(tmp_path.iterdir()) == []
    last = Timeline(load_scene("docking", {"video.begin_s": 959.5}))
    assert last.n_frames == 1 and last.at_s(0) == 959.5


def test_a_shutter_as_long_as_the_interval_is_allowed() -> None:
    camera = {"shutter_s": 0.5, "point": {"limb": {}}}
    assert Timeline(scene_of({"interval_s": 0.5}, camera=camera)).n_frames == 240
    # a key beyond the last exposure is never reached
    late = [{"at_s": 0.0, "camera": {"shutter_s": 0.5}}, {"at_s": 500.0, "camera": {"shutter_s": 9.0}, "ease": "hold"}]
    late[0]["ease"] = "hold"
    assert Timeline(scene_of({"interval_s": 0.5, "key": late}, camera=camera)).n_frames <= MAX_FRAMES


def test_a_place_that_sets_during_the_timeline_is_refused_with_the_exposure() -> None:
    scene = scene_of(
        {"duration_s": 600.0, "interval_s": 1.0}, camera={"point": {"ground": {"lat_deg": 41.9, "lon_deg": 12.5}}}
    )
    with pytest.raises(
        UsageError,
        match=r"^camera\.point\.ground: 41\.9, 12\.5: .* \(exposure 599, 2021-09-09T22:52:39\.05Z\)$",
    ):
        Timeline(scene)


@pytest.mark.parametrize("command", ["check", "video"])
def test_a_place_that_is_out_of_view_in_between_is_found_before_the_first_frame(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """First and last exposure see it; it was found while rendering, by the third row of the table of nine at best."""
    keys = [(0.0, 45.0), (2.5, -45.0), (5.0, 45.0)]
    (tmp_path / "s.toml").write_text(
        '[time]\nutc = "2021-09-09T22:41:00Z"\n[camera]\npoint.ground = { lat_deg = 45.0, lon_deg = 9.0 }\n'
        "[video]\nduration_s = 5.0\ninterval_s = 0.25\n"
        + "".join(f"[[video.key]]\nat_s = {t}\ncamera.point.ground.lat_deg = {lat}\n" for t, lat in keys),
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    assert run([command, "s.toml", *(["-o", "x.mp4"] if command == "video" else [])]) == 2
    out, err = capsys.readouterr()
    assert not out and err.count("\n") == 1
    assert err.startswith("s.toml:4: camera.point.ground: ")
    assert err.endswith(": choose another time or place (exposure 4, 2021-09-09T22:41:01Z)\n")
    assert [path.name for path in tmp_path.iterdir()] == ["s.toml"]


def test_so_many_exposures_are_pointed_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    timeline = Timeline(load_scene("docking"))
    pointed: list[int] = []
    monkeypatch.setattr(timeline, "_check_pointing", pointed.append)
    timeline.check_pointing()
    assert pointed == list(range(timeline.n_frames))
    pointed.clear()
    timeline.check_pointing(100)
    assert len(pointed) <= 100 and max(np.diff(pointed)) == math.ceil(timeline.n_frames / 100)


def test_rows_are_spread_over_the_timeline() -> None:
    rows = Timeline(load_scene("docking")).rows()
    assert len(rows) == 9 and (rows[0].frame, rows[-1].frame) == (0, 749)
    assert rows[-1].values == {("station", "pitch_deg"): 90.0}
    # Sun's depression below the station all along: night
    assert all(row.sun_elevation_deg < -18.0 for row in rows)
    short = Timeline(scene_of({"duration_s": 2.0, "interval_s": 1.0})).rows()
    assert [row.frame for row in short] == [0, 1]
    # the sub-point of the solved photograph
    assert (short[0].lat_deg, short[0].lon_deg) == (pytest.approx(44.50, abs=0.01), pytest.approx(4.39, abs=0.01))
