"""Pictures in flight: what arrives late is what was drawn, whatever was drawn after it."""

from __future__ import annotations

import numpy as np
import pytest

from earthlimb.renderer import Renderer
from earthlimb.renderer.photograph import exposure_of
from earthlimb.scene import load_scene, resized
from earthlimb.viewer.quick import quick_scene
from earthlimb.world import build_world


def test_pictures_in_flight_are_those_that_were_drawn() -> None:
    scenes = [resized(load_scene(name), 96, 64) for name in ("italy", "coasts", "italy")]
    with Renderer() as renderer:
        alone = [renderer.render(s, layers=False, stage="developed", frame=i) for i, s in enumerate(scenes)]
        finish = [renderer.start(scene, frame=i) for i, scene in enumerate(scenes)]
        late = [one() for one in finish]
    for was, now in zip(alone, late, strict=True):
        assert was.picture is not None and now.picture is not None
        assert (was.picture == now.picture).all()
        own = {"times_s", "exposure"}  # no histogram in flight: its electrons would have to travel too
        assert {k: v for k, v in was.metadata.items() if k not in own} == {
            k: v for k, v in now.metadata.items() if k not in own
        }
    assert (late[0].picture != late[2].picture).any()  # another frame, another noise


@pytest.mark.parametrize(
    "change", [{"camera.shake": "loose", "camera.shutter_s": 1.0}, {"eye.enabled": True, "eye.noise": 1.0}]
)
def test_frames_of_a_video_depend_on_their_number_alone(change: dict[str, object]) -> None:
    """Shake and the eye's noise: other in each frame, the same from a worker that begins in the middle."""
    scene = resized(load_scene("italy", change), 96, 64)
    with Renderer() as renderer:
        first, second = (renderer.start(scene, frame=i)() for i in (0, 1))
    with Renderer() as worker:
        again = worker.start(scene, frame=1)()
    assert first.picture is not None and second.picture is not None and again.picture is not None
    assert (again.picture == second.picture).all()
    assert (first.picture != second.picture).any()
    shaken = [one.world.motion.cam_from_gcrs(0.4) for one in (first, second, again)]
    assert (shaken[1] == shaken[2]).all()
    assert ("camera.shake" in change) == bool((shaken[0] != shaken[1]).any())


@pytest.mark.parametrize("name", ["italy", "cupola"])
def test_what_a_card_draws_whole_is_what_tiles_show(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card's moving view is not divided by ground and station: its pixels find out by themselves.

    Behind frames a few let through what cracks between facets do: 16 pixels, a fifth of a percent of their light.
    """
    scene = quick_scene(resized(load_scene(name), 320, 214), 1.0, 0.02)
    world = build_world(scene)
    with Renderer() as renderer, renderer.gpu.use():
        drawing, photographer, pictures = renderer.drawing, renderer.photographer, []
        drawing.moving = True
        for software in (True, False):
            monkeypatch.setattr(drawing, "_software", software)
            assert drawing.whole != software
            moment = build_world(scene, like=world)
            pictures.append(photographer.light(moment, exposure_of(moment, 0)).read())
    divided, whole = pictures
    other = (divided != whole).any(axis=-1)
    assert other.mean() < (1e-3 if name == "cupola" else 1e-9)
    assert np.allclose(divided, whole, rtol=0.01, atol=0.0) and divided.std() > 0.0
