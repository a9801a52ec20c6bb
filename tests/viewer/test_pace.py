"""How much processor time a moving view takes at 960 x 540, whatever else the machine does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from earthlimb.scene import load_scene
from earthlimb.viewer.quality import GPU_FRAME_MS
from tests.viewer.cost import moving_cost_ms
from tests.viewer.screen import environment

A_PICTURE_MS = 80.0
"""Five pictures a second are promised on two cores; this is one core's time, the rasteriser's included."""
A_FRAME_MS = 100.0
"""For no longer may the window stand: a picture and what is uploaded beside it."""


@pytest.mark.long
@pytest.mark.parametrize("more", [(), ("--vary", "airglow.oi558")], ids=["flight", "a slider moves"])
def test_a_moving_picture_leaves_room_for_five_a_second(more: tuple[str, ...], display: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.viewer.pace", "1", "8", *more]
    own = environment(display, LP_NUM_THREADS="0")
    done = subprocess.run(command, cwd=tmp_path, env=own, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    if "llvmpipe" not in found["device"]:
        pytest.skip(f"{found['device']}: the bound is for llvmpipe")
    assert 1.0 < found["processor_ms_a_picture"] < A_PICTURE_MS
    assert max(found["processor_ms_longest"]) < A_FRAME_MS


def paced(folder: Path, *words: str) -> dict[str, Any]:
    """What tests/viewer/pace.py finds without a display and with a driver that draws nothing."""
    command = [sys.executable, "-m", "tests.viewer.pace", *words, "--headless"]
    environ = environment(None, GALLIUM_NOOP="1")
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    if found["device"] != "NOOP":
        pytest.skip(f"{found['device']}: no driver that draws nothing")
    return found


@pytest.mark.long
def test_the_window_draws_as_fine_as_a_card_can(tmp_path: Path) -> None:
    """A model of a card that needs 17.6 ms for 1920 x 1080: half the pixels fit into the 12 ms that it may take."""
    found = paced(tmp_path, "1", "2", "--scene", "cupola", "--size", "1920x1080", "--card", "8")
    assert found["scale"] == 0.7
    assert found["frame_ms"] < GPU_FRAME_MS
    assert 1.0 < found["processor_ms_a_picture"] < A_PICTURE_MS


@pytest.mark.long
@pytest.mark.parametrize("drag", ["0", "8"])
@pytest.mark.parametrize("rate", ["1", "60"])
@pytest.mark.parametrize("scene", ["italy", "cupola"])
def test_python_leaves_room_for_sixty_a_second(scene: str, rate: str, drag: str, tmp_path: Path) -> None:
    """What the window's thread takes of a free core for a frame of 1920 x 1080: the card's part is another matter."""
    found = paced(tmp_path, rate, "8", "--scene", scene, "--size", "1920x1080", "--drag", drag)
    assert 1.0 < found["processor_ms_a_frame"] / found["reference_ms"] < 1e3 / 60.0


@pytest.mark.long
@pytest.mark.parametrize("card", ["1", "8", "40"])
def test_sixty_a_second_on_a_card_of_any_speed(card: str, tmp_path: Path) -> None:
    found = paced(tmp_path, "1", "8", "--scene", "cupola", "--size", "1920x1080", "--card", card)
    assert found["pictures_a_second"] > 57.0


@pytest.mark.parametrize(("scene", "most"), [("italy", 20.0), ("cupola", 24.0)])
def test_python_takes_little_of_a_moving_picture(scene: str, most: float) -> None:
    """In units of a piece of NumPy work of 1 ms: 10 and 11, and 28 and 80 before."""
    found = moving_cost_ms(load_scene(scene), 20)
    assert 1.0 < found["python_over_reference"] < most
