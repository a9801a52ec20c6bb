"""`camera.shutter_s = "auto"`: a number in the picture's sidecar, like a photographer's, the same at every size."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from earthlimb.cli.video import metered_once
from earthlimb.errors import UsageError
from earthlimb.renderer import Renderer
from earthlimb.renderer.metering import LONGEST_S, METER_FILL, SHORTEST_S, shutter_for
from earthlimb.scene import load_scene, resized, scene_text
from earthlimb.scene.camera import AutoShutter
from earthlimb.world.timeline import Timeline

AUTO = {"camera.shutter_s": "auto"}


@pytest.fixture(scope="module")
def chosen_s() -> dict[tuple[str, int], float]:
    found = {}
    for width in (96, 160):
        with Renderer(size=(width, width * 2 // 3)) as renderer:
            for name in ("italy", "layers") if width == 96 else ("italy",):
                frame = renderer.render(load_scene(name, AUTO), layers=False, stage="developed")
                found[name, width] = frame.world.scene.camera.shutter_s
                assert frame.metadata["scene"]["camera"]["shutter_s"] == found[name, width]
    return found


def test_the_meter_chooses_like_the_photographer(chosen_s: dict[tuple[str, int], float]) -> None:
    """ISS065-E-394522 was open for 0.2 s: within a factor 1.5; a scene without cities takes longer."""
    assert 0.2 / 1.5 < chosen_s["italy", 96] < 0.2 * 1.5
    assert not isinstance(chosen_s["italy", 96], AutoShutter)


def test_the_choice_does_not_depend_on_the_pictures_size(chosen_s: dict[tuple[str, int], float]) -> None:
    assert chosen_s["italy", 160] == pytest.approx(chosen_s["italy", 96], rel=0.05)


def test_double_the_sensitivity_takes_half_the_time() -> None:
    with Renderer(size=(96, 64)) as renderer:
        slow, fast, again = (
            renderer.render(
                load_scene("italy", AUTO | {"camera.iso": iso}), layers=False, stage="developed"
            ).world.scene.camera.shutter_s
            for iso in (5000.0, 10000.0, 5000.0)
        )
    assert slow == again
    assert slow / fast == pytest.approx(2.0, rel=0.01)


def test_the_rule() -> None:
    fields = np.r_[np.full(980, 0.01), np.full(20, 50.0)]
    assert shutter_for(fields) < METER_FILL / 0.01 + 1e-9
    assert shutter_for(np.full(10, 1e9)) == SHORTEST_S
    assert shutter_for(np.zeros(10)) == LONGEST_S
    assert shutter_for(np.full(10, 0.333)) == pytest.approx(METER_FILL / 0.333, rel=5e-3)


def test_a_video_keeps_one_time_within_its_interval() -> None:
    scene = resized(load_scene("italy", AUTO | {"video.interval_s": 0.5}), 96, 64)
    shutter_s = metered_once(scene, "auto").camera.shutter_s
    assert 0.2 / 1.5 < shutter_s < 0.2 * 1.5
    hasty = resized(load_scene("italy", AUTO | {"video.interval_s": 0.1}), 96, 64)
    assert metered_once(hasty, "auto").camera.shutter_s == 0.1


def test_a_video_is_metered_where_its_first_frame_looks() -> None:
    """800 s after a manoeuvre began the camera looks ahead; the night below, where it began, is 15 times darker."""
    turning = {
        "time": {"utc": "2021-09-09T13:29:20Z"},
        "station": {"frame": "lvlh"},
        "camera": {
            "focal_mm": 24.0,
            "shutter_s": "auto",
            "iso": 12800.0,
            "point": {"body": {"azimuth_deg": 0.0, "elevation_deg": -90.0}},
        },
        "image": {"width_px": 96, "height_px": 54},
        "video": {
            "duration_s": 1040.0,
            "begin_s": 800.0,
            "interval_s": 40.0,
            "attitude": {"frame": "lvlh"},
            "event": [{"at_s": 0.0, "manoeuvre": {"to": "docking-pitch-90"}}],
        },
    }
    scene = load_scene(turning)
    with Renderer() as renderer:
        first = renderer.render(Timeline(scene).scene_at(0), layers=False, stage="developed")
        still = renderer.with_metered_shutter(scene, 40.0).camera.shutter_s
    shutter_s = metered_once(scene, "auto").camera.shutter_s
    assert shutter_s == first.world.scene.camera.shutter_s
    assert still / shutter_s > 10.0


def test_auto_survives_saving_and_is_no_key(tmp_path: Path) -> None:
    scene = load_scene("italy", AUTO)
    assert 'shutter_s = "auto"' in scene_text(scene)
    path = tmp_path / "saved.toml"
    path.write_text(scene_text(scene), encoding="utf-8")
    assert isinstance(load_scene(path).camera.shutter_s, AutoShutter)
    assert load_scene(path) == scene != load_scene("italy")
    assert load_scene(path, {"camera.shutter_s": 0.5}).camera.shutter_s == 0.5
    path.write_text(
        '[time]\nutc = "2021-09-09T22:42:40.05Z"\n[camera]\npoint.limb = {}\n'
        '[[video.key]]\nat_s = 0.0\ncamera.shutter_s = "auto"\n',
        encoding="utf-8",
    )
    with pytest.raises(UsageError, match=r'toml:7: .*camera.shutter_s = "auto": only numbers can be keyed'):
        load_scene(path)
    assert json.loads(scene.model_dump_json())["camera"]["shutter_s"] == "auto"


@pytest.mark.parametrize("value", ["automatic", True, -1.0, 0.0, [1.0], float("nan")])
def test_bad_times_are_answered(value: object) -> None:
    with pytest.raises(UsageError, match=r"camera\.shutter_s = ") as raised:
        load_scene("italy", {"camera.shutter_s": value})
    assert "3600" in str(raised.value) or "number" in str(raised.value)
