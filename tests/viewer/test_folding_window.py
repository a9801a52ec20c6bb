"""Zooming out until a negative k1 folds: the window says so and keeps the view that it had."""

from __future__ import annotations

from pathlib import Path

import pytest

from earthlimb.scene import load_scene
from earthlimb.viewer import look
from tests.viewer import headless

SIZE = (150, 100)
WIDE = {"camera.shutter_s": 0.05, "camera.focal_mm": 20.0, "camera.k1": -0.25}


def test_zooming_out_stops_at_the_fold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    limb = {"time": {"utc": "2021-09-09T22:42:40Z"}, "camera": {"point": {"limb": {}}}}
    with headless.pictures(load_scene(limb, WIDE), SIZE, tmp_path, monkeypatch) as window:
        session = window._session
        headless.until(window, lambda: window._drawn == session.view_scene())
        for _ in range(2):  # also the second time
            session.messages.clear()
            before = session.scene
            look.zoom(session, -1.0)  # 17.78 mm: the corner is inside the fold at 18.7 mm and longer
            headless.until(window, lambda: session.messages and window._drawn == session.view_scene())
            assert [m.kind for m in session.messages] == ["error"]
            assert session.messages[0].text.startswith("camera.k1 = -0.25: the picture folds back at 9")
            assert session.scene == before and session.scene.camera.focal_mm == 20.0
        session.messages.clear()
        session.size_px = (120, 120)  # a square has its corners further out
        headless.until(window, lambda: session.messages)
        assert "folds back at 9" in session.messages[0].text and session.scene == before
        assert session.change("camera.iso", 800.0) and session.change("camera.iso", 10000.0)
        session.size_px = SIZE
        look.zoom(session, 1.0)
        headless.until(window, lambda: window._drawn == session.view_scene())
        assert session.scene.camera.focal_mm == 22.5
