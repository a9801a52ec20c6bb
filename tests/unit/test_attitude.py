"""Attitudes by where the dome looks, holds over an hour, manoeuvres with their rates."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earthlimb.astro import frames
from earthlimb.astro.manoeuvre import plan_turn, rotation_vector
from earthlimb.astro.orbit import station_state
from earthlimb.cli import app as cli
from earthlimb.errors import UsageError
from earthlimb.scene import Scene, load_scene, scene_text
from earthlimb.world.attitude import attitude_of, omega_body_gcrs_rad_s
from earthlimb.world.build import build_world, station_of
from earthlimb.world.timeline import Timeline

A_FEW_DEG = 5.0
"""How far torque equilibrium stands from LVLH."""
A_TENTH_DEG = 0.1
ROUNDING = 1e-9
DOME = (0.0, 0.0, 1.0)


def scene_of(station: dict[str, Any] | None = None, **video: Any) -> Scene:
    point = {"body": {"elevation_deg": -90.0}}
    return load_scene(
        {
            "time": {"utc": "2021-09-09T22:42:40.05Z"},
            "station": station or {},
            "camera": {"point": point, "shutter_s": 0.1},
            "video": video,
        }
    )


def posed(scene: Scene) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Body from GCRS, LVLH from GCRS, angular velocity of the body."""
    station = station_of(scene)[3]
    lvlh = frames.rot_lvlh_from_gcrs(station.pos_gcrs_km, station.vel_gcrs_km_s)
    body = frames.rot_body_from_gcrs(attitude_of(scene), lvlh)
    return body, lvlh, omega_body_gcrs_rad_s(scene, station, body)


def angle_deg(a: Any, b: Any) -> float:
    return math.degrees(math.atan2(float(np.linalg.norm(np.cross(a, b))), float(np.dot(a, b))))


def dome_lvlh(scene: Scene) -> np.ndarray:
    body, lvlh, _ = posed(scene)
    return lvlh @ body.T @ DOME


# Where the nadir window looks


@pytest.mark.parametrize(
    ("name", "dome", "nose"),
    [
        ("+XVV", (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
        ("-XVV", (0.0, 0.0, 1.0), (-1.0, 0.0, 0.0)),
        ("docking-pitch-90", (1.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
        ("inertial", (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
    ],
)
def test_each_named_attitude_turns_the_dome_and_the_nose(
    name: str, dome: tuple[float, ...], nose: tuple[float, ...]
) -> None:
    body, lvlh, _ = posed(scene_of({"attitude": name}))
    assert angle_deg(lvlh @ body.T @ DOME, dome) < A_FEW_DEG
    assert angle_deg(lvlh @ body.T @ (1.0, 0.0, 0.0), nose) < A_FEW_DEG
    # the equilibrium is never exactly level, the docking is
    assert (angle_deg(lvlh @ body.T @ DOME, dome) > 1.0) == (name != "docking-pitch-90")


def test_pitched_the_dome_looks_at_the_limb() -> None:
    """The limb stands 20.3 degrees below the horizontal (STATION_AND_CAMERA A): it crosses the window."""
    scene = scene_of({"attitude": "docking-pitch-90"})
    world = build_world(scene.model_copy(update={"camera": load_scene("nauka").camera}))
    geometry = world.geometry(np.array([750.5, 750.5]), np.array([0.5, 999.5]))
    assert geometry.tangent_km[0] > 200.0 and geometry.tangent_km[1] < 0.0
    assert angle_deg(world.rot_body_from_gcrs.T @ DOME, world.vel_iss_gcrs_km_s) < 0.2


# Holds


@pytest.mark.parametrize("name", ["+XVV", "-XVV"])
def test_lvlh_keeps_the_dome_on_the_nadir_for_an_hour(name: str) -> None:
    timeline = Timeline(scene_of({"attitude": name}, duration_s=3601.0, interval_s=300.0))
    off = [angle_deg(dome_lvlh(timeline.scene_at(i)), DOME) for i in range(timeline.n_frames)]
    assert max(off) < A_FEW_DEG
    assert max(off) - min(off) < ROUNDING


def test_inertial_keeps_its_place_among_the_stars_while_its_angle_to_the_nadir_runs_through() -> None:
    timeline = Timeline(scene_of({"attitude": "inertial"}, duration_s=3601.0, interval_s=300.0))
    domes, off = [], []
    for i in range(timeline.n_frames):
        body, lvlh, omega = posed(timeline.scene_at(i))
        domes.append(body.T @ DOME)
        off.append(angle_deg(lvlh @ domes[-1], DOME))
        assert not omega.any()
    ra_dec = [(math.degrees(math.atan2(d[1], d[0])), math.degrees(math.asin(d[2]))) for d in domes]
    assert np.ptp(ra_dec, axis=0) == pytest.approx([0.0, 0.0], abs=A_TENTH_DEG)
    # where +XVV stood at the first exposure, then 232 degrees of the orbit
    assert off[0] == pytest.approx(angle_deg(dome_lvlh(scene_of({"attitude": "+XVV"})), DOME), abs=ROUNDING)
    assert off[0] < A_FEW_DEG and max(off) > 170.0 and off[-1] == pytest.approx(360.0 - 232.3, abs=A_FEW_DEG)


# Manoeuvres

YPR = ("yaw", "pitch", "roll")
TO_AND_FRO = [
    {"at_s": 100.0, "manoeuvre": {"to": "docking-pitch-90", "rate_deg_s": 0.15}},
    {"at_s": 1100.0, "manoeuvre": {"to": "inertial", "rate_deg_s": 0.15}},
    {"at_s": 1500.0, "manoeuvre": {"to": "-XVV", "rate_deg_s": 0.2}},
    {"at_s": 3500.0, "manoeuvre": {"frame": "inertial", "yaw_deg": 10.0, "rate_deg_s": 0.2}},
]


@pytest.fixture(scope="module")
def to_and_fro() -> Timeline:
    return Timeline(scene_of(None, duration_s=6000.0, interval_s=10.0, event=TO_AND_FRO))


def test_the_pitch_takes_as_long_as_its_rate_says(to_and_fro: Timeline) -> None:
    turn, after = to_and_fro.attitude.turns[0]
    through_deg = math.degrees(float(np.linalg.norm(turn.across_rad)))
    # pitch from -2 to 90 and the yaw of 4 degrees with it
    assert through_deg == pytest.approx(92.0, abs=0.3)
    assert turn.duration_s == math.ceil(1.5 * through_deg / 0.15)
    assert after.name == "docking-pitch-90"
    rates = [np.linalg.norm(turn.at(t)[1]) for t in np.linspace(turn.start_s, turn.end_s, 401)]
    assert math.degrees(max(rates)) == pytest.approx(0.15, rel=2e-3)
    assert rates[0] == rates[-1] == 0.0


def test_every_manoeuvre_ends_where_it_should(to_and_fro: Timeline) -> None:
    turns = to_and_fro.attitude.turns
    assert [hold.name for _, hold in turns] == ["docking-pitch-90", "inertial", "-XVV", "inertial"]

    def at(t_s: float, lvlh_held: bool = True) -> np.ndarray:
        i = math.ceil(t_s / 10.0)
        body, lvlh, _ = posed(to_and_fro.scene_at(i))
        return body @ lvlh.T if lvlh_held else body

    named = frames.NAMED_ATTITUDES["docking-pitch-90"]
    wanted = frames.rot_body_from_lvlh(named.yaw_rad, named.pitch_rad, named.roll_rad)
    assert at(turns[0][0].end_s) == pytest.approx(wanted, abs=ROUNDING)
    named = frames.NAMED_ATTITUDES["-XVV"]
    wanted = frames.rot_body_from_lvlh(named.yaw_rad, named.pitch_rad, named.roll_rad)
    assert at(turns[2][0].end_s) == pytest.approx(wanted, abs=ROUNDING)
    assert at(turns[3][0].end_s, False) == pytest.approx(
        frames.rot_body_from_lvlh(math.radians(10.0), 0, 0), abs=ROUNDING
    )
    # to rest among the stars within two minutes
    assert turns[1][0].duration_s == 120.0
    first, last = (posed(to_and_fro.scene_at(i))[0] for i in (122, 149))
    assert first == pytest.approx(last, abs=ROUNDING)


def test_the_body_never_jumps_and_turns_as_its_rate_says(to_and_fro: Timeline) -> None:
    """omega against the motion itself, in holds of both kinds, in manoeuvres and at their ends."""
    plan, step_s = to_and_fro.attitude, 0.5
    first = to_and_fro.scene_at(0)

    def at(t_s: float) -> Scene:
        utc = to_and_fro.course.utc_at(t_s)
        scene = first.model_copy(update={"time": first.time.model_copy(update={"utc": utc})})
        return plan.at(scene, t_s)

    edges = [t for turn, _ in plan.turns for t in (turn.start_s, turn.end_s)]
    for t_s in [50.0, 300.0, 900.0, 1160.0, 1400.0, 2000.0, 2500.0, 3400.0, 4000.0, 5900.0, *edges]:
        body, _, omega = posed(at(t_s))
        before, after = (posed(at(t_s + d))[0] for d in (-step_s, step_s))
        moved = rotation_vector(after @ before.T)
        measured = body.T @ moved / (2.0 * step_s)
        # at the ends of a manoeuvre the rate bends: 1.5 rate / duration over half a step
        bend = 6.0 * math.radians(0.2) / 600.0 * step_s
        assert measured == pytest.approx(omega, abs=bend if t_s in edges else 2e-7), t_s
        assert math.degrees(float(np.linalg.norm(omega))) < 0.2 + 0.066


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_any_manoeuvres_at_usual_rates_are_made_without_a_jump(seed: int) -> None:
    """Named, by angles and half turns, in both frames: omega against the motion itself, and the end's attitude."""
    draw = np.random.default_rng(seed)
    events: list[dict[str, Any]] = []
    at_s = 20.0
    for _ in range(3):
        angles = {f"{name}_deg": float(draw.choice([0.0, 90.0, 180.0, draw.uniform(-360, 360)])) for name in YPR}
        to = {"to": str(draw.choice(list(frames.NAMED_ATTITUDES)))}
        wanted = to if draw.random() < 0.4 else {"frame": str(draw.choice(["lvlh", "inertial"])), **angles}
        events.append({"at_s": at_s, "manoeuvre": {**wanted, "rate_deg_s": float(draw.choice([0.1, 0.15, 0.2]))}})
        at_s += 8000.0
    timeline = Timeline(scene_of({"attitude": "inertial"}, duration_s=at_s, interval_s=10.0, event=events))
    plan, first = timeline.attitude, timeline.scene_at(0)

    def at(t_s: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        utc = timeline.course.utc_at(t_s)
        return posed(plan.at(first.model_copy(update={"time": first.time.model_copy(update={"utc": utc})}), t_s))

    for (turn, hold), event in zip(plan.turns, events, strict=True):
        for t_s in (turn.start_s, *np.linspace(turn.start_s, turn.end_s, 7)[1:-1], turn.end_s):
            (before, _, _), (body, _, omega), (after, _, _) = (at(t_s + d) for d in (-0.25, 0.0, 0.25))
            measured = body.T @ rotation_vector(after @ before.T) / 0.5
            # at the ends the rate bends: 6 rate / duration over a quarter of a second
            assert measured == pytest.approx(omega, abs=6.0 * math.radians(0.3) / turn.duration_s * 0.25 + 2e-7)
            assert math.degrees(float(np.linalg.norm(turn.at(t_s)[1]))) < event["manoeuvre"]["rate_deg_s"] + 0.066
        body, lvlh, _ = at(turn.end_s + 1.0)
        assert (body if hold.frame == "inertial" else body @ lvlh.T) == pytest.approx(
            hold.body_from_frame, abs=ROUNDING
        )


def test_a_half_turn_goes_to_starboard_whatever_the_rounding() -> None:
    video = {"duration_s": 2000.0, "interval_s": 10.0}
    event = [{"at_s": 0.0, "manoeuvre": {"to": "-XVV"}}]
    turn = Timeline(scene_of(None, **video, event=event)).attitude.turns[0][0]
    assert turn.duration_s == pytest.approx(1.5 * 180.0 / 0.15, abs=1.0)
    assert turn.at(turn.duration_s / 2)[1][2] > 0.0  # about LVLH +Z: the nose to starboard


def test_an_attitude_that_moves_away_is_refused_and_the_usual_rates_reach_it() -> None:
    start = frames.rot_body_from_lvlh(0.0, 0.0, 0.0)
    for rate_deg_s in (0.1, 0.15, 0.2):
        turn = plan_turn(
            0.0, start, False, lambda t: erfa_y(0.001127 * t + 1.0), True, math.radians(rate_deg_s), 0.001127
        )
        assert turn.nodes[-1] == pytest.approx(erfa_y(0.001127 * turn.end_s + 1.0), abs=ROUNDING)
    with pytest.raises(UsageError, match=r"rate_deg_s = 0\.02: too slow to reach an attitude"):
        plan_turn(0.0, start, False, lambda t: erfa_y(0.001127 * t + 1.0), True, math.radians(0.02), 0.001127)


def erfa_y(angle: float) -> np.ndarray:
    return frames.rot_body_from_lvlh(0.0, angle, 0.0)


def test_keys_on_the_angles_give_the_rate_too() -> None:
    timeline = Timeline(load_scene("docking"))
    middle = timeline.scene_at(375)  # 480 s: halfway between the keys
    assert middle.station.turn_deg_s == pytest.approx((0.0, 0.15, 0.0), abs=1e-4)
    # the nose goes up against the orbit's turn about -Y
    assert math.degrees(float(np.linalg.norm(posed(middle)[2]))) == pytest.approx(0.15 - 0.0646, abs=2e-3)
    assert timeline.scene_at(0).station.turn_deg_s == (0.0, 0.0, 0.0)


def test_a_frame_of_a_manoeuvre_saves_and_loads_as_a_still_scene(to_and_fro: Timeline, tmp_path: Path) -> None:
    scene = to_and_fro.scene_at(40)
    assert scene.station.turn_deg_s[1] > 0.1
    path = tmp_path / "still.toml"
    path.write_text(scene_text(scene), encoding="utf-8")
    assert load_scene(path) == scene
    whole = tmp_path / "whole.toml"
    whole.write_text(scene_text(to_and_fro.scene), encoding="utf-8")
    assert load_scene(whole) == to_and_fro.scene


def test_a_timeline_without_manoeuvres_leaves_the_station_alone() -> None:
    scene = scene_of({"attitude": "+XVV"}, duration_s=2.0, interval_s=1.0)
    assert Timeline(scene).scene_at(1).station.attitude == "+XVV"


def test_omega_of_the_orbit_is_that_of_its_frame() -> None:
    instant, elements, _, _ = station_of(scene_of())
    for k in range(0, 5600, 700):
        states = [station_state(elements, instant.shifted(k + d)) for d in (-0.5, 0.0, 0.5)]
        before, now, after = (frames.rot_lvlh_from_gcrs(s.pos_gcrs_km, s.vel_gcrs_km_s) for s in states)
        measured = now.T @ rotation_vector(after @ before.T)
        omega = frames.omega_lvlh_gcrs_rad_s(states[1].pos_gcrs_km, states[1].vel_gcrs_km_s)
        # the higher harmonics of gravity, which SGP4 has and this does not: a thousandth of J2's 1e-4
        assert omega == pytest.approx(measured, abs=3e-5 * float(np.linalg.norm(measured)))


# What cannot be

GOOD = """\
[time]
utc = "2021-09-09T22:42:40.05Z"
[camera.point]
limb = {}
[[video.event]]
at_s = 10.0
manoeuvre = { to = "docking-pitch-90" }
[[video.event]]
at_s = 1500.0
manoeuvre = { to = "+XVV", rate_deg_s = 0.2 }
"""

MISTAKES = [
    ("at_s = 1500.0", "at_s = 5.0", 9, "[[video.event]] at_s = 5: earlier than the event before it (10): events stand "
     "in the order of time: move it up"),
    ('"+XVV"', '"inertia"', 10, 'video.event[1].manoeuvre.to = "inertia": must be one of "+XVV", "-XVV", '
     '"docking-pitch-90", "inertial"; did you mean "inertial"?'),
    ("at_s = 10.0", "at_s = -10.0", 6, "video.event[0].at_s = -10.0: must be 0 to 1000000: change it"),
    ("rate_deg_s = 0.2", "rate_deg_s = 9", 10, "video.event[1].manoeuvre.rate_deg_s = 9: must be 0.01 to 2: change it"),
    ("rate_deg_s", "rat_deg_s", 10, "video.event[1].manoeuvre.rat_deg_s = 0.2: unknown key; did you mean "
     "video.event[1].manoeuvre.rate_deg_s?"),
    ('to = "+XVV", ', "", 10, "video.event[1].manoeuvre: no attitude to turn to: to, or frame and angles, is wanted: "
     'add for example to = "docking-pitch-90"'),
    ('"+XVV", ', '"+XVV", yaw_deg = 5.0, ', 10, "video.event[1].manoeuvre: both to and yaw_deg are given: one is "
     "allowed: remove one of them"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "message"), MISTAKES)
def test_mistakes_in_a_manoeuvre(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_scene(path)
    assert str(caught.value) == f"{path}:{line}: {message}"


def test_keys_and_manoeuvres_do_not_turn_the_station_together(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(GOOD + '[[video.key]]\nat_s = 0\nstation.pitch_deg = 3.0\n[station]\nframe = "lvlh"\n')
    with pytest.raises(UsageError) as caught:
        load_scene(path)
    assert str(caught.value) == (
        f"{path}:13: [[video.key]] station.pitch_deg = 3.0: [[video.event]] turns the station, too: one of both is "
        "allowed: remove one of them"
    )


def test_what_begins_after_the_last_exposure_is_not_planned() -> None:
    """Eleven days later the elements would not reach: it used to be an error of a video of ten seconds."""
    late = [{"at_s": 990000.0, "manoeuvre": {"to": "docking-pitch-90"}}]
    scene = scene_of({"max_age_days": 5.0}, duration_s=10.0, interval_s=1.0, event=late)
    assert Timeline(scene).attitude.turns == []
    assert Timeline(scene).scene_at(9).station.frame == "lvlh"


def test_two_manoeuvres_at_once_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.toml"
    path.write_text(GOOD.replace("1500.0", "500.0"), encoding="utf-8")
    assert cli.run(["check", str(path)]) == 2
    message = (
        "video.event.at_s: event 2 at 500 s: the manoeuvre that begins at 10 s lasts until 932 s: one at a time is "
        "allowed: begin later, or make the first one faster"
    )
    assert message in capsys.readouterr().err


def test_check_prints_the_manoeuvres(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", "nauka"]) == 0
    out = capsys.readouterr().out
    assert "30          150    inertial" in out
    assert ["docking-pitch-90", "90.0", "0.065"] in [line.split()[6:9] for line in out.splitlines()]
