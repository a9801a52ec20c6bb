"""Fast time: where the maps end the ground is dark, and the air that is asked for is that of when it will be shown."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from earthlimb.errors import UsageError
from earthlimb.renderer import Renderer
from earthlimb.renderer.photograph import exposure_of
from earthlimb.scene import Scene, load_scene, resized
from earthlimb.viewer.quick import later_scene
from earthlimb.world import build_world
from tests.viewer import headless
from tests.viewer.headless import until

ONLY_LIGHTS = {
    "camera.shutter_s": 0.05,
    "camera.point": {"body": {"azimuth_deg": 40.0, "elevation_deg": -35.0}},
    "sky.stars": 0.0,
    "sky.planets": 0.0,
    "sky.milky_way": 0.0,
    "earth.moonlit": 0.0,
    "station.visible": False,
    **{f"airglow.{name}": 0.0 for name in ("na589", "oi558", "oi630", "oh", "o2", "continuum")},
}


def later(scene: Scene, by_s: float) -> Scene:
    time = scene.time.model_copy(update={"utc": scene.time.utc + timedelta(seconds=by_s)})
    return scene.model_copy(update={"time": time})


def test_maps_of_a_place_far_away_draw_no_light() -> None:
    """30 degrees and more along the orbit: clamped lookups drew the patch's edges over the whole ground."""
    scene = resized(load_scene("italy", ONLY_LIGHTS), 160, 107)
    here = build_world(scene)
    with Renderer() as renderer:

        def light(of: Scene) -> np.ndarray:
            world = build_world(of, like=here)
            renderer.drawing.moving = True
            with renderer.ctx:
                return renderer.photographer.light(world, exposure_of(world, 0)).read()[..., :3]

        lit = light(scene)
        fewer = light(later(scene, 150.0))
        for by_s in (470.0, 620.0, 800.0):
            assert light(later(scene, by_s)).max() == 0.0, by_s
    assert (lit.max(axis=2) > 0.0).mean() > 0.3
    assert fewer.max() > 0.0 and (fewer.max(axis=2) == 0.0).any()


def test_air_is_asked_for_in_the_middle_of_its_use() -> None:
    scene = load_scene("italy")
    assert later_scene(scene, -60.0, 2.0).time.utc - scene.time.utc == timedelta(seconds=-180.0)
    assert later_scene(scene, 1e12, 1e3) == scene  # beyond all calendars


def test_a_fast_view_asks_for_the_air_to_come(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with headless.pictures(load_scene("italy"), (96, 64), tmp_path, monkeypatch) as frames:
        session, builder = frames._session, frames._builder
        until(frames, lambda: session.world is not None and not builder.busy)
        asked: list[Scene] = []

        def want(scene: Scene, *, exact: bool = True) -> None:
            asked.append(scene)
            builder._running = builder._running or object()

        answers: list[object] = []
        monkeypatch.setattr(builder, "want", want)
        monkeypatch.setattr(builder, "poll", lambda: (asked[-1], answers.pop()) if answers else None)
        builder.took_s, session.rate, session.paused = 2.0, 60.0, False
        session.step(60.0)
        for _ in range(3):
            frames.advance()
        (first,) = asked
        assert first.time.utc - session.utc == timedelta(seconds=180.0)
        builder._running = None
        answers.append(UsageError("station.tle: too old then"))  # foreseen, not asked for: the view goes on
        at = session.scene
        frames.advance()
        assert session.scene is at and session.running and not session.messages
        assert asked[-1] == session.view_scene()
        builder._running = None
        answers.append(builder.world)
        frames.advance()
        assert asked[-1].time.utc - session.utc == timedelta(seconds=180.0)
        builder._running, session.rate = None, 1.0
        builder.took_s = 1.5
        frames.advance()
        assert asked[-1] == session.view_scene()
        builder._running, session.paused = None, True
        frames.advance()
        assert asked[-1] == session.view_scene()
        builder._running = None
