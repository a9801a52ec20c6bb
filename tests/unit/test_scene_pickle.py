"""Every scene can be copied and sent to another process as it is: the window and videos work with several."""

from __future__ import annotations

import copy
import pickle

import pytest

from earthlimb.scene import Scene, load_scene, scene_text, shipped_scenes
from earthlimb.scene.camera import AutoShutter

VARIANTS: dict[str, dict[str, object]] = {
    "as shipped": {},
    "auto": {"camera.shutter_s": "auto"},
    "eye": {"eye.enabled": True, "camera.shutter_s": "auto"},
    "timeline": {
        "camera.shutter_s": "auto",
        "video.key": [
            {"at_s": 0.0, "ease": "linear", "camera": {"focal_mm": 20.0}},
            {"at_s": 60.0, "camera": {"focal_mm": 30.0}},
        ],
        "video.event": [{"at_s": 10.0, "manoeuvre": {"to": "docking-pitch-90"}}],
    },
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", [name for name, _ in shipped_scenes()])
def test_a_scene_arrives_as_it_was_sent(name: str, variant: str) -> None:
    scene = load_scene(name, VARIANTS[variant])
    copies: list[Scene] = [pickle.loads(pickle.dumps(scene, protocol)) for protocol in range(2, 6)]
    copies += [copy.deepcopy(scene), copy.copy(scene), scene.model_copy(deep=True)]
    for other in copies:
        assert other == scene and scene_text(other) == scene_text(scene) and other.notes == scene.notes
        assert type(other.camera.shutter_s) is type(scene.camera.shutter_s)
    assert isinstance(scene.camera.shutter_s, AutoShutter) == (variant != "as shipped")
