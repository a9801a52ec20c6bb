"""When the window says that its picture is the exact one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import earthlimb
from earthlimb.output.integer import picture_8bit
from earthlimb.scene import load_scene
from earthlimb.viewer import actions
from tests.viewer import headless
from tests.viewer.headless import until

SIZE = (96, 64)


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    with headless.pictures(load_scene("italy"), SIZE, tmp_path, monkeypatch) as made:
        yield made


def shown(frames: Any) -> np.ndarray:
    return np.round(frames._session.read_picture() * 255.0).astype(np.uint8)


def rendered(frames: Any) -> np.ndarray:
    picture = picture_8bit(earthlimb.render(frames._session.view_scene()))
    frames._canvas.ctx.__enter__()  # that has left no context current
    return picture


def test_a_picture_is_exact_only_while_it_is_that_of_the_scene(frames: Any) -> None:
    """The eye, and another body, load for some time before anything of theirs can be drawn."""
    session = frames._session
    actions.bind(session)
    until(frames, lambda: session.settled)
    session.act("eye")
    assert not session.settled
    frames.advance()
    assert "loading what this view needs" in session.progress and not session.settled
    session.act("eye")  # before it has come: what is shown is what is wanted again
    assert session.settled
    before, loading = shown(frames), 0
    session.change("camera.body", "nikon-d3s")
    while not session.settled:
        frames.advance()
        loading += "loading what this view needs" in session.progress
        time.sleep(0.005)
    after = shown(frames)
    assert loading > 0 and not np.array_equal(after, before) and np.array_equal(after, rendered(frames))
    session.change("camera.ev", 2.0)  # one that is begun is none either
    assert not session.settled
    frames.advance()
    assert session.exact_of is None
    session.undo()
    assert not session.settled
