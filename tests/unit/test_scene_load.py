"""Loading, overriding and resizing scenes, and what the shipped ones promise."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earthlimb import resources
from earthlimb.errors import UsageError
from earthlimb.scene import (
    load_scene,
    parse_override,
    parse_size,
    resized,
    resolved,
    shipped_names,
    shipped_scenes,
    utc_text,
)

MINIMAL: dict[str, Any] = {"time": {"utc": "2021-09-09T22:42:40.05Z"}, "camera": {"point": {"limb": {}}}}
# the scaling of a lens and back is two multiplications and a division
THREE_ROUNDINGS = 1e-12


def test_only_time_and_pointing_are_required() -> None:
    scene = load_scene(MINIMAL)
    assert scene.time.utc == datetime(2021, 9, 9, 22, 42, 40, 50_000, tzinfo=UTC)
    assert (scene.image.width_px, scene.image.height_px) == (1500, 1000)
    assert (scene.camera.body, scene.camera.focal_mm, scene.camera.iso) == ("nikon-d5", 28.0, 10000.0)
    assert scene.station.attitude == "+XVV" and scene.station.max_age_days == 30.0
    assert scene.camera.point.kind == "limb"
    assert scene.camera.f_px is None


def test_a_scene_cannot_be_changed() -> None:
    scene = load_scene(MINIMAL)
    with pytest.raises(ValueError, match="frozen"):
        scene.camera.iso = 5.0  # type: ignore[misc]


@pytest.mark.parametrize(
    "text", ["2021-09-10T00:42:40.05+02:00", "2021-09-09T22:42:40.050000Z", "2021-09-09 22:42:40.05Z"]
)
def test_times_in_any_zone_become_utc(text: str) -> None:
    scene = load_scene(MINIMAL, {"time.utc": text})
    assert scene.time.utc == datetime(2021, 9, 9, 22, 42, 40, 50_000, tzinfo=UTC)
    assert scene.time.utc.tzinfo is UTC
    assert utc_text(scene.time.utc) == "2021-09-09T22:42:40.05Z"


def test_paths_are_relative_to_the_scene_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "air.csv").write_text("alt_km,oh\n80,1\n")
    (tmp_path / "s.toml").write_text(
        '[time]\nutc = "2021-09-09T22:42:40Z"\n[camera]\npoint.limb = {}\n[atmosphere]\nprofile = "air.csv"\n'
    )
    assert load_scene(tmp_path / "s.toml").atmosphere.profile == (tmp_path / "air.csv").resolve()
    monkeypatch.chdir(tmp_path)
    assert load_scene(MINIMAL, {"atmosphere.profile": "air.csv"}).atmosphere.profile == Path.cwd() / "air.csv"


# Overrides


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("camera.iso=800", "camera.iso", 800),
        (" camera.iso = 8e2 ", "camera.iso", 800.0),
        ("camera.body=nikon-d5", "camera.body", "nikon-d5"),
        ('title="a = b"', "title", "a = b"),
        ("title=a = b", "title", "a = b"),
        ("camera.lens_correction=false", "camera.lens_correction", False),
        ("camera.point.limb={azimuth_deg=1}", "camera.point.limb", {"azimuth_deg": 1}),
        ("time.utc=2021-09-09T22:42:40Z", "time.utc", datetime(2021, 9, 9, 22, 42, 40, tzinfo=UTC)),
        ("title=1\nseed=2", "title", "1\nseed=2"),
    ],
)
def test_parse_override(text: str, path: str, value: object) -> None:
    assert parse_override(text) == (path, value)


@pytest.mark.parametrize("text", ["camera.iso", "=3", "camera.iso=", ".iso=3", "camera..iso=3", ""])
def test_what_is_no_override(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--set: .*: path.to.key=VALUE is wanted: write it for example --set "):
        parse_override(text)


def test_overrides_make_tables_and_take_integers_for_floats() -> None:
    scene = load_scene(MINIMAL, {"airglow.oh": 2, "camera.iso": np.float64(800), "image.width_px": np.int64(64)})
    assert (scene.airglow.oh, scene.camera.iso, scene.image.width_px) == (2.0, 800.0, 64)
    assert "airglow" not in MINIMAL and "iso" not in MINIMAL["camera"]


def test_an_override_replaces_what_it_excludes() -> None:
    scene = load_scene(
        "italy",
        {
            "camera.point.ground.lat_deg": 41.9,
            "camera.point.ground.lon_deg": 12.5,
            "station.frame": "inertial",
            "station.omm": resources.scene_root() / "italy.toml",
        },
    )
    assert scene.camera.point.kind == "ground"
    assert scene.station.attitude is None and scene.station.frame == "inertial"
    assert scene.station.tle is None


def test_an_override_of_the_same_way_to_point_keeps_the_rest() -> None:
    scene = load_scene(
        {**MINIMAL, "camera": {"point": {"limb": {"azimuth_deg": 7}}}}, {"camera.point.limb.tangent_km": 5}
    )
    assert scene.camera.point.limb is not None
    assert (scene.camera.point.limb.azimuth_deg, scene.camera.point.limb.tangent_km) == (7.0, 5.0)


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"camera.izo": 1}, "--set: camera.izo = 1: unknown key; did you mean camera.iso?"),
        ({"seed": -1}, "--seed: seed = -1: must be 0 to 4294967295: change it"),
        (
            {"camera.iso.x": 1},
            "--set: camera.iso.x: camera.iso is a value, not a table: remove what follows it",
        ),
        ({"camera.pnt.limb.tangent_km": 1}, "--set: camera.pnt: unknown key; did you mean camera.point?"),
        (
            {"airglow": 3},
            "--set: airglow = 3: a table is wanted: it has shift_km, na589, oi558, oi630, oh, o2, continuum: "
            "write [airglow]",
        ),
    ],
)
def test_a_wrong_override_names_its_option(overrides: dict[str, object], expected: str) -> None:
    data = {**MINIMAL, "camera": {**MINIMAL["camera"], "iso": 100}}
    with pytest.raises(UsageError) as caught:
        load_scene(data, overrides, labels={"": "--set", "seed": "--seed"})
    assert str(caught.value) == expected


# Size

sides = st.integers(1, 4000)


@given(
    w=sides,
    h=sides,
    width=sides,
    height=sides,
    f=st.floats(1.0, 1e5),
    cx=st.floats(-1e4, 1e4),
    k1=st.floats(-1, 1),
)
def test_resizing_there_and_back_is_the_same_view(
    w: int, h: int, width: int, height: int, f: float, cx: float, k1: float
) -> None:
    start = load_scene(
        MINIMAL,
        {
            "image.width_px": width,
            "image.height_px": height,
            "camera.f_px": f,
            "camera.cx_px": cx,
            "camera.k1": k1,
        },
    )
    once = resized(start, w, h)
    back = resized(once, width, height)
    scale = max(w, h) / max(width, height)
    assert (once.image.width_px, once.image.height_px) == (w, h)
    assert once.camera.f_px == pytest.approx(f * scale, rel=THREE_ROUNDINGS)
    assert back.camera.f_px == pytest.approx(f, rel=THREE_ROUNDINGS)
    # the centre may be small against the offset that it is the difference of
    assert back.camera.cx_px == pytest.approx(cx, rel=THREE_ROUNDINGS, abs=THREE_ROUNDINGS * (width + w / scale + 1e4))
    assert back.camera.cy_px is None and back.camera.k1 == k1


def test_the_italy_view_at_half_size() -> None:
    half = resized(load_scene("italy"), 500, 333)
    # by hand: s = 0.5, cx = 250 + 0.5 (500.5 - 500), cy = 166.5 + 0.5 (333 - 332.5)
    assert half.camera.f_px == pytest.approx(396.883217, abs=1e-9)
    assert (half.camera.cx_px, half.camera.cy_px) == (250.25, 166.75)


def test_another_aspect_keeps_the_scale_of_the_long_side() -> None:
    tall = resized(load_scene("italy"), 665, 1000)
    assert tall.camera.f_px == load_scene("italy").camera.f_px
    assert tall.camera.cx_px == pytest.approx(665 / 2 + 0.5)


@pytest.mark.parametrize("text", ["1280", "1280*720", "-5x5", "12.5x10", "x", "1280x720x3", ""])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--size: .*: WxH is wanted: write it for example --size 1280x720$"):
        parse_size(text)


@pytest.mark.parametrize(("w", "h"), [(0, 5), (16385, 1), (16384, 16384)])
def test_absurd_sizes(w: int, h: int) -> None:
    assert parse_size(f" {w} X {h} ") == (w, h)
    with pytest.raises(UsageError, match=r"^size: \d+x\d+: 1 to 16384 pixels a side and at most 100 megapixels are "):
        resized(load_scene(MINIMAL), w, h)


# Shipped scenes


def test_italy_is_the_first_of_at_least_five() -> None:
    names = shipped_names()
    assert names[0] == "italy" and len(names) >= 5
    assert [name for name, _ in shipped_scenes()] == names


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_scene_loads_and_has_a_title(name: str) -> None:
    scene = load_scene(name)
    assert 10 < len(scene.title) <= 100 and "\n" not in scene.title


def test_shipped_scenes_differ_in_what_they_show() -> None:
    scenes = [load_scene(name) for name in shipped_names()]
    assert len({scene.camera.point.kind for scene in scenes}) >= 4
    assert len({scene.camera.focal_mm for scene in scenes}) >= 3
    assert len({scene.title for scene in scenes}) == len(scenes)


@pytest.mark.parametrize("name", shipped_names())
def test_the_resolved_scene_is_json_and_loads_to_the_same_scene(name: str) -> None:
    scene = load_scene(name)
    data = json.loads(json.dumps(resolved(scene), allow_nan=False))
    assert load_scene(data) == scene


def test_the_scene_of_the_documentation_loads() -> None:
    """Every key of the contract that this version builds, in the contract's own shape."""
    text = """
title = "Italy and the Balkans"
seed = 0
[time]
utc = "2021-09-09T22:42:40.05Z"
[station]
max_age_days = 30.0
time_shift_s = 0.0
frame = "lvlh"
yaw_deg = 0.0
pitch_deg = 0.0
roll_deg = 0.0
[camera]
mount = "free"
window = 7
body = "nikon-d5"
focal_mm = 28.0
f_number = 1.4
shutter_s = 0.2
iso = 10000
white_balance_k = 4550.0
ev = 0.0
lens_correction = true
track = "none"
shake = "clamped"
roll_deg = 0.0
point.limb = { azimuth_deg = 24.5, tangent_km = 90.0 }
f_px = 793.766
cx_px = 500.5
cy_px = 333.0
k1 = 0.04965
[image]
width_px = 1500
height_px = 1000
[atmosphere]
f107 = 85.0
f107a = 85.0
ap = 5.0
climatology = 1.0
waves = 1.0
seed = 0
uniform = { lat_deg = 45.0, lon_deg = 0.0 }
[airglow]
shift_km = 0.0
na589 = 1.0
oi558 = 1.0
oi630 = 1.0
oh = 1.0
o2 = 1.0
continuum = 1.0
[earth]
[sky]
[video]
duration_s = 120.0
interval_s = 0.5
fps = 25
"""
    scene = load_scene(tomllib.loads(text))
    assert scene.camera.k1 == 0.04965 and scene.video.fps == 25.0
