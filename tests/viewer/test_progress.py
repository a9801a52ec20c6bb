"""How far an exact picture is, told while it is drawn in pieces; telling changes no pixel."""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np
import pytest

from earthlimb.passes import stars
from earthlimb.physics import star_field
from earthlimb.renderer import Renderer
from earthlimb.renderer.drawing import POINTS_SHARE, SMOOTH_SHARE
from earthlimb.scene import load_scene, resized
from earthlimb.viewer import darkroom, frames
from earthlimb.viewer.session import Session

SCENE = resized(
    load_scene(
        "milky-way",
        {"camera.shutter_s": 4.0, "camera.track": "stars", "camera.shake": "loose", "sky.stars_to_vmag": 4.0},
    ),
    160,
    107,
)


def test_shares_grow_and_the_picture_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(darkroom, "_TOLD_S", 0.0)
    monkeypatch.setattr(star_field, "_ROWS_AT_ONCE", 1000)
    sent: list[object] = []
    with Renderer() as renderer:
        plain = renderer.render(SCENE, layers=False, stage="developed").picture
    monkeypatch.setattr(stars, "_AT_ONCE", 500)
    with Renderer() as renderer:
        renderer.drawing.tell = darkroom._Teller(renderer, sent.append)
        told = renderer.render(SCENE, layers=False, stage="developed").picture
    assert np.array_equal(plain, told)
    shares = np.array(sent, np.float64)
    assert len(shares) >= 6 and (np.diff(shares) > 0.0).all() and 0.1 < shares[0]
    light = (shares - 0.1) / 0.8
    assert light[-1] == pytest.approx(1.0)
    assert (light < SMOOTH_SHARE).sum() >= 2 and ((light > SMOOTH_SHARE) & (light < POINTS_SHARE)).any()
    assert ((light > POINTS_SHARE) & (light < 1.0)).any()


def test_the_window_says_how_far_a_picture_is_that_takes_long() -> None:
    session = Session(SCENE, size_px=(160, 107), paused=True)
    shown = frames.Frames.__new__(frames.Frames)
    shown._session, shown._refined, shown._software = session, True, True
    shown._builder = SimpleNamespace(world=SimpleNamespace(scene=SCENE), exact=True)  # type: ignore[assignment]
    shown._live = SimpleNamespace(average=lambda wanted: False)  # type: ignore[assignment]
    room = SimpleNamespace(busy=False, saves=False, share=0.4)
    room.order = lambda scene: setattr(room, "busy", True)
    shown._darkroom = room  # type: ignore[assignment]
    shown._ordered, shown.failed, shown._ordered_s = None, None, 0.0
    shown._settle(SCENE)
    assert room.busy and session.progress == {}  # most pictures are there sooner
    shown._ordered_s = time.perf_counter() - 5.0
    shown._settle(SCENE)
    assert session.progress == {"the exact picture": 0.4}
