"""Mistakes in a timeline: each is one message with the line that it stands in; and what `check` prints of one."""
# ruff: noqa: E501 (the texts of messages in one piece)

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earthlimb.cli import app as cli
from earthlimb.errors import UsageError
from earthlimb.scene import load_scene
from earthlimb.scene.messages import all_keys

GOOD = """\
[time]
utc = "2021-09-09T22:42:40.05Z"
[camera.point]
limb = { azimuth_deg = 10.0 }
[video]
duration_s = 60.0
interval_s = 0.5
[[video.key]]
at_s = 5
camera.focal_mm = 28
[[video.key]]
at_s = 10
camera.ev = 1
camera.focal_mm = 50
ease = "hold"
"""

FIXED = "only numbers with a unit or a factor can be keyed, no whole numbers, choices, texts, vectors: remove it"

# name -> (old, new, line, message)
MISTAKES = {
    "two values at one time": (
        "at_s = 10",
        "at_s = 5",
        14,
        "[[video.key]] camera.focal_mm = 50: it has another key at at_s = 5: one value at one time is allowed: remove one of them",
    ),
    "out of order": (
        "at_s = 5",
        "at_s = 11",
        12,
        "[[video.key]] at_s = 10: earlier than the key before it (11): keys stand in the order of time: move it up",
    ),
    "before the start": ("at_s = 5", "at_s = -5", 9, "video.key[0].at_s = -5: must be 0 to 1000000: change it"),
    "no time": (
        "at_s = 10\n",
        "",
        11,
        "video.key[1].at_s: missing: it has no default: add it to [video.key[1]]",
    ),
    "ease": (
        '"hold"',
        '"smoth"',
        15,
        'video.key[1].ease = "smoth": must be one of "smooth", "linear", "hold"; did you mean "smooth"?',
    ),
    "misspelt ease": ("ease =", "eas =", 15, '[[video.key]] eas = "hold": unknown key; did you mean ease?'),
    "misspelt value": (
        "focal_mm = 50",
        "focl_mm = 50",
        14,
        "[[video.key]] camera.focl_mm = 50: unknown key; did you mean camera.focal_mm?",
    ),
    "misspelt table": (
        "camera.focal_mm = 50",
        "camrea.focal_mm = 50",
        14,
        "[[video.key]] camrea = 50: unknown key; did you mean camera?",
    ),
    "without its table": (
        "camera.focal_mm = 50",
        "focal_mm = 50",
        14,
        "[[video.key]] focal_mm = 50: unknown key; did you mean camera.focal_mm?",
    ),
    "value as table": (
        "camera.focal_mm = 50",
        "camera.focal_mm.x = 50",
        14,
        "[[video.key]] camera.focal_mm.x: camera.focal_mm is a value, not a table: change it",
    ),
    "table as value": (
        "camera.ev = 1\ncamera.focal_mm = 50",
        "camera = 50",
        13,
        f"[[video.key]] camera = 50: {FIXED}",
    ),
    "out of range": (
        "focal_mm = 50",
        "focal_mm = 5000",
        14,
        "[[video.key]] camera.focal_mm = 5000: must be 1 to 2000: change it",
    ),
    "text": (
        "focal_mm = 50",
        'focal_mm = "50"',
        14,
        '[[video.key]] camera.focal_mm = "50": not a number: must be 1 to 2000: write a number',
    ),
    "flag": (
        "focal_mm = 50",
        "focal_mm = true",
        14,
        "[[video.key]] camera.focal_mm = true: not a number: must be 1 to 2000: write a number",
    ),
    "not finite": (
        "focal_mm = 50",
        "focal_mm = inf",
        14,
        "[[video.key]] camera.focal_mm = inf: not a finite number: must be 1 to 2000: change it",
    ),
    "size": ("camera.focal_mm = 50", "image.width_px = 50", 14, f"[[video.key]] image.width_px = 50: {FIXED}"),
    "seed": ("camera.focal_mm = 50", "seed = 50", 14, f"[[video.key]] seed = 50: {FIXED}"),
    "choice": (
        "camera.focal_mm = 50",
        'camera.body = "x"',
        14,
        f'[[video.key]] camera.body = "x": {FIXED}',
    ),
    "vector": (
        "camera.focal_mm = 50",
        "camera.point.axes_gcrs.right = [1, 0, 0]",
        14,
        f"[[video.key]] camera.point.axes_gcrs.right = [1, 0, 0]: {FIXED}",
    ),
    "time": ("camera.focal_mm = 50", "time.utc = 5", 14, f"[[video.key]] time.utc = 5: {FIXED}"),
    "the timeline": (
        "camera.focal_mm = 50",
        "video.fps = 5",
        14,
        "[[video.key]] video.fps = 5: the timeline itself cannot be keyed: remove it",
    ),
    "another way to point": (
        "camera.focal_mm = 50",
        "camera.point.sky = { ra_deg = 5, dec_deg = 6 }",
        14,
        "[[video.key]] camera.point: 2 ways to point are given (limb, sky): exactly one of limb, ground, sky, body, "
        "axes_gcrs is allowed: remove the others",
    ),
    "angle without frame": (
        "camera.focal_mm = 50",
        "station.pitch_deg = 50",
        14,
        '[[video.key]] station: pitch_deg without a frame: angles need frame = "lvlh" or "inertial": add the frame',
    ),
    "zero frames": ("60.0", "0", 6, "video.duration_s = 0: must be above 0 to 1000000: change it"),
    "no interval": ("0.5", "0.0", 7, "video.interval_s = 0.0: must be above 0 to 100000: change it"),
    "event": (
        "[[video.key]]\nat_s = 10",
        "[[video.event]]\nat_s = 10",
        11,
        "video.event[0].manoeuvre: missing: it has no default: add it to [video.event[0]]",
    ),
    "one key as a table": (
        GOOD[GOOD.index("[[video.key]]") :],
        "[video.key]\nat_s = 5\ncamera.focal_mm = 28\n",
        8,
        "video.key = { at_s = 5, camera = { focal_mm = 28 } }: a list of tables is wanted: write [[video.key]] above each",
    ),
}


@pytest.fixture
def scene_file(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "scene.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_timeline_without_a_mistake_loads(scene_file: Callable[[str], Path]) -> None:
    keys = load_scene(scene_file(GOOD)).video.key
    assert [(key.at_s, key.ease) for key in keys] == [(5.0, "smooth"), (10.0, "hold")]
    assert keys[1].model_extra == {"camera": {"ev": 1, "focal_mm": 50}}


@pytest.mark.parametrize("name", MISTAKES)
def test_message(name: str, scene_file: Callable[[str], Path]) -> None:
    old, new, line, expected = MISTAKES[name]
    assert GOOD.count(old) == 1 or name in ("no interval", "before the start")
    path = scene_file(GOOD.replace(old, new, 1))
    with pytest.raises(UsageError) as caught:
        load_scene(path)
    assert str(caught.value) == f"{path}:{line}: {expected}"


PATHS = [*all_keys(), ("x",), ("camera", "x"), ("camera", "iso", "x"), ("video", "key", "at_s"), ("lightning", "rate")]
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(), st.text(max_size=3), st.just([]), st.just({}),
    st.just([1.0]), st.just({"x": 1.0}),
)  # fmt: skip


@given(path=st.sampled_from(PATHS), value=VALUES, at_s=VALUES)
def test_whatever_stands_in_a_key_is_a_scene_or_one_message(path: tuple[str, ...], value: Any, at_s: Any) -> None:
    key: dict[str, Any] = {"at_s": 1.0 if at_s is None else at_s}
    table = key
    for name in path[:-1]:
        table = table.setdefault(name, {})
    table[path[-1]] = value
    scene = {"time": {"utc": "2021-09-09T22:42:40Z"}, "camera": {"point": {"limb": {}}}, "video": {"key": [key]}}
    try:
        load_scene(scene)
    except UsageError as error:
        assert "\n" not in str(error)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = cli.run(list(arguments))
    out, err = capsys.readouterr()
    return status, out, err


def test_check_prints_the_timeline_as_a_table(
    capsys: pytest.CaptureFixture[str], scene_file: Callable[[str], Path]
) -> None:
    status, out, err = run(capsys, "check", str(scene_file(GOOD)))
    assert (status, err) == (0, "")
    values, keys, frames = (block.splitlines() for block in out.split("\n\n")[1:])
    assert values[-1].split(maxsplit=1)[1] == "120 frames, 60 s of the scene every 0.5 s, 4.8 s at 25 frames a second"
    assert keys == [
        "key at_s  value                    towards the next",
        "5         camera.focal_mm = 28 mm  smooth",
        "10        camera.ev = 1 EV         stays",
        "10        camera.focal_mm = 50 mm  stays",
    ]
    assert frames[0].split() == [
        "frame", "at_s", "utc", "latitude", "longitude", "Sun", "attitude", "dome-nadir", "deg/s", "camera.focal_mm",
        "camera.ev",
    ]  # fmt: skip
    assert len(frames) == 1 + 9
    first = ["0", "0", "2021-09-09T22:42:40.05Z", "44.50", "4.39", "-38.9", "+XVV", "2.2", "0.065", "28", "1"]
    assert frames[1].split() == first
    assert frames[-1].split()[:3] == ["119", "59.5", "2021-09-09T22:43:39.55Z"] and frames[-1].split()[-2:] == [
        "50",
        "1",
    ]
    # columns: every row's UTC begins where the heading does
    assert {line.index("2021-") for line in frames[1:]} == {frames[0].index("utc")}


def test_check_prints_the_values_of_a_timeline_once(
    capsys: pytest.CaptureFixture[str], scene_file: Callable[[str], Path]
) -> None:
    out = run(capsys, "check", str(scene_file(GOOD)))[1]
    assert "at_s'" not in out and "video.key" not in out


def test_a_still_scene_is_not_measured_by_a_timeline_that_it_does_not_have(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "check", "italy", "--set", "camera.shutter_s=2.0")
    assert (status, err) == (0, "")
    assert (
        out.splitlines()[-1]
        .split(maxsplit=1)[1]
        .startswith("none: video.interval_s = 0.5: the shutter is open for 2 s")
    )


def test_what_the_timeline_finds_wrong_has_its_line(
    capsys: pytest.CaptureFixture[str], scene_file: Callable[[str], Path]
) -> None:
    path = scene_file(GOOD.replace("camera.ev = 1", "camera.shutter_s = 0.6"))
    status, out, err = run(capsys, "check", str(path))
    assert (status, out) == (2, "")
    assert err == (
        f"{path}:7: video.interval_s = 0.5: the shutter is open for 0.6 s at 0 s: an interval at least as long is wanted: "
        "make it longer, or camera.shutter_s shorter\n"
    )
    status, _, err = run(capsys, "check", str(scene_file(GOOD)), "--set", "video.interval_s=0.1")
    assert status == 2 and err.startswith("--set: video.interval_s = 0.1: the shutter is open for 0.2 s")
