"""Zooming out until a negative k1 folds: the window says so and keeps the view that it had."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from earthlimb.scene import load_scene, resized
from earthlimb.viewer import builder, canvas, frames, look, overlay
from earthlimb.viewer.session import Session
from tests.viewer import headless

SIZE = (150, 100)


def test_zooming_out_stops_at_the_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((frames, "Canvas"), (overlay, "Overlay"), (canvas, "Renderer")):
        monkeypatch.setattr(module, name, getattr(module, name))
    monkeypatch.setattr(frames, "Kiln", lambda *_: SimpleNamespace(wait=lambda: False, release=lambda: None, share=1.0))
    headless.without_display()
    headless.Headless(SIZE)
    values = {"camera.shutter_s": 0.05, "camera.focal_mm": 20.0, "camera.k1": -0.25}
    limb = {"time": {"utc": "2021-09-09T22:42:40Z"}, "camera": {"point": {"limb": {}}}}
    session = Session(resized(load_scene(limb, values), *SIZE), size_px=SIZE, paused=True, panel_shown=False)
    window = frames.Frames(session, builder.Worlds())
    try:

        def until(what: str) -> None:
            deadline = time.monotonic() + 60.0
            while window._drawn != session.view_scene() or (what and not session.messages):
                assert time.monotonic() < deadline, what
                window.advance()

        until("")
        for _ in range(2):  # also the second time
            session.messages.clear()
            before = session.scene
            look.zoom(session, -1.0)  # 17.78 mm: the corner is inside the fold at 18.7 mm and longer
            look.drag(session, 5.0, 0.0)
            until("a message")
            assert [m.kind for m in session.messages] == ["error"]
            assert session.messages[0].text.startswith("camera.k1 = -0.25: the picture folds back at 9")
            assert session.scene == before and session.scene.camera.focal_mm == 20.0
        look.zoom(session, 1.0)
        until("")
        assert session.scene.camera.focal_mm == 22.5
    finally:
        window.release()
