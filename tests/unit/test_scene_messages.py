"""Every mistake in a scene gives one message: where, what was given, what is allowed, what to do."""
# ruff: noqa: E501 (the texts of messages in one piece)

from __future__ import annotations

from pathlib import Path

import pytest

from earthlimb.errors import UsageError
from earthlimb.scene import load_scene

GOOD = """\
title = "test"
[time]
utc = "2021-09-09T22:42:40.05Z"
[station]
attitude = "+XVV"
[camera]
iso = 10000
body = "nikon-d5"
[camera.point.axes_gcrs]
right = [1, 0, 0]
down = [0, 1, 0]
forward = [0, 0, 1]
[image]
width_px = 1000
height_px = 665
[atmosphere]
[airglow]
"""
ZONE = "a time without a zone: add Z for UTC or an offset such as +02:00"
NO_TIME = 'not a time: date, time and zone are wanted: write it for example "2021-09-09T22:42:40.05Z"'
LATER = "not available in this version of earthlimb: remove it or choose another value"
TWO_WAYS = "exactly one of limb, ground, sky, body, axes_gcrs is allowed: remove the others"

MISTAKES = {
    "unknown key": ("iso = 10000", "izo = 1", 7, "camera.izo = 1: unknown key; did you mean camera.iso?"),
    "bare quantity": (
        "iso = 10000",
        "focal = 50",
        7,
        "camera.focal = 50: unknown key; did you mean camera.focal_mm?",
    ),
    "wrong table": (
        "iso = 10000",
        "tangent_km = 50",
        7,
        "camera.tangent_km = 50: unknown key; did you mean camera.point.limb.tangent_km?",
    ),
    "nothing near": (
        "[airglow]",
        "[earth]\nxyzzy = 1",
        18,
        "earth.xyzzy = 1: unknown key; [earth] has lights, moonlit, halo: rename or remove it",
    ),
    "unknown table": ("[image]", "[imgae]", 13, "imgae: unknown key; did you mean image?"),
    "text for a number": (
        "iso = 10000",
        'iso = "high"',
        7,
        'camera.iso = "high": not a number: must be 50 to 3300000: write a number',
    ),
    "boolean for a number": (
        "iso = 10000",
        "iso = true",
        7,
        "camera.iso = true: not a number: must be 50 to 3300000: write a number",
    ),
    "NaN": (
        "iso = 10000",
        "iso = nan",
        7,
        "camera.iso = nan: not a finite number: must be 50 to 3300000: change it",
    ),
    "infinity": (
        "[airglow]",
        "[airglow]\noh = inf",
        18,
        "airglow.oh = inf: not a finite number: must be 0 to 1000000: change it",
    ),
    "NaN in axes": (
        "right = [1, 0, 0]",
        "right = [nan, 0, 0]",
        10,
        "camera.point.axes_gcrs.right[0] = nan: not a finite number: write a number",
    ),
    "two numbers": (
        "right = [1, 0, 0]",
        "right = [1, 0]",
        10,
        "camera.point.axes_gcrs.right = [1, 0]: three numbers are wanted: write [x, y, z]",
    ),
    "out of range": ("iso = 10000", "iso = 1", 7, "camera.iso = 1: must be 50 to 3300000: change it"),
    "size 0": ("width_px = 1000", "width_px = 0", 14, "image.width_px = 0: must be 1 to 16384: change it"),
    "absurd size": (
        "width_px = 1000",
        "width_px = 1000000",
        14,
        "image.width_px = 1000000: must be 1 to 16384: change it",
    ),
    "absurd area": (
        "width_px = 1000\nheight_px = 665",
        "width_px = 16384\nheight_px = 16384",
        13,
        "image: 16384 x 16384 is 268 megapixels: at most 100 are allowed: make it smaller",
    ),
    "broken pixel": (
        "width_px = 1000",
        "width_px = 10.5",
        14,
        "image.width_px = 10.5: not a whole number: must be 1 to 16384: write it without a point",
    ),
    "number for a text": ('"test"', "5", 1, "title = 5: a text is wanted: put it in quotation marks"),
    "number for a flag": (
        "iso = 10000",
        "lens_correction = 1",
        7,
        "camera.lens_correction = 1: neither true nor false: write true or false",
    ),
    "near option": (
        '"+XVV"',
        '"+XVW"',
        5,
        'station.attitude = "+XVW": must be one of "+XVV", "-XVV", "docking-pitch-90", "inertial"; did you mean "+XVV"?',
    ),
    "option": (
        "iso = 10000",
        'mount = "tripod"',
        7,
        'camera.mount = "tripod": must be one of "free", "cupola": choose one',
    ),
    "number for a table": (
        "[airglow]",
        "[earth]\n[sky]\n[video]\nfps=1\nkey=1",
        21,
        "video.key = 1: a list of tables is wanted: write [[video.key]] above each",
    ),
    "no zone": ("40.05Z", "40.05", 3, f'time.utc = "2021-09-09T22:42:40.05": {ZONE}'),
    "no zone, TOML": (
        '"2021-09-09T22:42:40.05Z"',
        "2021-09-09T22:42:40",
        3,
        f"time.utc = 2021-09-09T22:42:40: {ZONE}",
    ),
    "a date": ('"2021-09-09T22:42:40.05Z"', "2021-09-09", 3, f"time.utc = 2021-09-09: {NO_TIME}"),
    "no time": ('"2021-09-09T22:42:40.05Z"', '"soon"', 3, f'time.utc = "soon": {NO_TIME}'),
    "a number as time": ('"2021-09-09T22:42:40.05Z"', "2021", 3, f"time.utc = 2021: {NO_TIME}"),
    "before the station": (
        "2021-",
        "1969-",
        3,
        'time.utc = "1969-09-09T22:42:40.05Z": the year must be 1998 to 2100: the station flies since November 1998',
    ),
    "two pointings": (
        "[image]",
        "[camera.point.limb]\n[image]",
        13,
        f"camera.point: 2 ways to point are given (axes_gcrs, limb): {TWO_WAYS}",
    ),
    "not orthonormal": (
        "right = [1, 0, 0]",
        "right = [1, 0, 0.001]",
        9,
        "camera.point.axes_gcrs: right, down and forward are not orthonormal (off by 0.001, 1e-06 is allowed): "
        "give unit vectors at right angles with at least 7 digits",
    ),
    "left-handed": (
        "forward = [0, 0, 1]",
        "forward = [0, 0, -1]",
        9,
        "camera.point.axes_gcrs: the axes are left-handed: right x down must be forward: change the sign of one of them",
    ),
    "two element sources": (
        'attitude = "+XVV"',
        'tle = "1 "\nomm = "scene.toml"',
        6,
        "station: both tle and omm are given: one element source is allowed: remove one of them",
    ),
    "no element set": (
        'attitude = "+XVV"',
        'tle = "25544"',
        5,
        'station.tle = "25544": not a two-line element set: a line that starts with "1 " and one that starts with "2 " '
        "are wanted, a title line before them is allowed: copy both lines as published",
    ),
    "two attitudes": (
        'attitude = "+XVV"',
        'attitude = "+XVV"\nframe = "lvlh"',
        6,
        "station: both attitude and frame are given: one is allowed: remove one of them",
    ),
    "angle without frame": (
        'attitude = "+XVV"',
        "yaw_deg = 1",
        5,
        'station: yaw_deg without a frame: angles need frame = "lvlh" or "inertial": add the frame',
    ),
    "profile and uniform": (
        "[atmosphere]",
        '[atmosphere]\nprofile = "scene.toml"\nuniform = { lat_deg = 1, lon_deg = 2 }',
        18,
        "atmosphere: both profile and uniform are given: one is allowed: remove one of them",
    ),
    "unknown camera": (
        '"nikon-d5"',
        '"nikon-d55"',
        8,
        'camera.body = "nikon-d55": unknown camera; did you mean nikon-d5?',
    ),
    "unknown key of the eye": (
        "[airglow]",
        "[eye]\ncabin = 1",
        18,
        "eye.cabin = 1: unknown key; did you mean eye.cabin_cd_m2?",
    ),
    "eye in the dark for less than nothing": (
        "[airglow]",
        "[eye]\ndark_min = -1",
        18,
        "eye.dark_min = -1: must be 0 to 1000: change it",
    ),
    "eye by a number": (
        "[airglow]",
        "[eye]\nenabled = 1",
        18,
        "eye.enabled = 1: neither true nor false: write true or false",
    ),
    "element of a later version": (
        "[airglow]",
        "[lightning]",
        17,
        "[lightning]: this version of earthlimb has no such element: remove it",
    ),
    "event of another kind": (
        "[airglow]",
        "[[video.event]]\nat_s = 30.0\nmanoeuvr = { to = 'docking-pitch-90' }",
        17,
        "video.event[0].manoeuvre: missing: it has no default: add it to [video.event[0]]",
    ),
    "missing value": (
        "[atmosphere]",
        "[atmosphere]\nuniform = { lat_deg = 1 }",
        17,
        "atmosphere.uniform.lon_deg: missing: it has no default: add it to [atmosphere.uniform]",
    ),
    "missing time": (
        'utc = "2021-09-09T22:42:40.05Z"',
        "",
        2,
        "time.utc: missing: it has no default: add it to [time]",
    ),
    "two numbers too many": (
        "right = [1, 0, 0]",
        "right = [1, 0, 0, 0]",
        10,
        "camera.point.axes_gcrs.right = [1, 0, 0, 0]: three numbers are wanted: write [x, y, z]",
    ),
}


def message_of(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_scene(path)
    return str(caught.value)


@pytest.mark.parametrize("name", MISTAKES)
def test_message(name: str, tmp_path: Path) -> None:
    old, new, line, expected = MISTAKES[name]
    assert old in GOOD
    path = tmp_path / "scene.toml"
    message = message_of(path, GOOD.replace(old, new, 1))
    assert message == f"{path}:{line}: {expected}"


def test_the_scene_without_a_mistake_loads(tmp_path: Path) -> None:
    (tmp_path / "scene.toml").write_text(GOOD)
    assert load_scene(tmp_path / "scene.toml").camera.iso == 10000.0


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ("[image]", "[image", "13:7", "Expected ']' at the end of a table declaration"),
        ('title = "test"', 'title = "test', "1:14", "Illegal character '\\n'"),
        ("iso = 10000", "iso = 1\niso = 2", "8:8", "Cannot overwrite a value"),
    ],
)
def test_broken_toml_names_line_and_column(tmp_path: Path, old: str, new: str, place: str, reason: str) -> None:
    path = tmp_path / "scene.toml"
    message = message_of(path, GOOD.replace(old, new, 1))
    assert message == f"{path}:{place}: {reason}: this is not valid TOML: mend this line"


def test_missing_omm_file(tmp_path: Path) -> None:
    path = tmp_path / "scene.toml"
    message = message_of(path, GOOD.replace('attitude = "+XVV"', 'omm = "iss.json"'))
    assert message == (
        f'{path}:5: station.omm = "iss.json": No such file or directory: a readable file is wanted at '
        f"{tmp_path / 'iss.json'}: correct the path"
    )


def test_only_the_first_mistake_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "scene.toml"
    text = GOOD.replace("iso = 10000", "iso = 1").replace("width_px = 1000", "width_px = 0")
    assert message_of(path, text).startswith(f"{path}:7: camera.iso = 1:")


def test_missing_tables_say_what_to_write() -> None:
    with pytest.raises(UsageError) as caught:
        load_scene({"camera": {"point": {"limb": {}}}})
    assert str(caught.value) == (
        'scene: time: missing: it has no default: add a [time] table with utc = "2021-09-09T22:42:40.05Z"'
    )
    with pytest.raises(UsageError, match=r"camera.point: missing: .* add a way to point, for example point.limb"):
        load_scene({"time": {"utc": "2021-09-09T22:42:40Z"}, "camera": {}})
    with pytest.raises(UsageError, match=r"camera.point: no way to point is given: exactly one of limb, ground"):
        load_scene({"time": {"utc": "2021-09-09T22:42:40Z"}, "camera": {"point": {}}})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("itly", r"^itly: no such scene: .*: did you mean italy\?$"),
        ("no/such.toml", r"^no/such.toml: no such scene: a file or one of italy, .* see `earthlimb scenes`$"),
    ],
)
def test_no_such_scene(source: str, expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        load_scene(source)


def test_what_is_no_scene_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a folder: a scene file is wanted: name the file in it"):
        load_scene(tmp_path)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(UsageError, match="not UTF-8 text at byte 0: a scene file is wanted"):
        load_scene(tmp_path / "picture.png")
    (tmp_path / "large.toml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(UsageError, match="1000001 bytes: a scene has at most 1000000: give a scene file"):
        load_scene(tmp_path / "large.toml")
