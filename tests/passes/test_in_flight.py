"""Pictures in flight: what arrives late is what was drawn, whatever was drawn after it."""

from __future__ import annotations

from earthlimb.renderer import Renderer
from earthlimb.scene import load_scene, resized


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
