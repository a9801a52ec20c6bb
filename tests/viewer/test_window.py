"""`earthlimb view` as a person uses it: real events, the screen compared with `render` of the saved scene."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from earthlimb.scene import load_scene
from tests.viewer.screen import Person, earthlimb, picture, virtual_display

WIDTH, HEIGHT = 240, 160


def test_a_screenshot_is_what_render_makes(display: str, tmp_path: Path) -> None:
    words = ("italy", "--size", f"{WIDTH}x{HEIGHT}", "--seed", "3")
    shown = earthlimb("view", *words, "--frames", "2", "--screenshot", "w.png", display=display, cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "w.png\n")
    assert earthlimb("render", *words, "-o", "r.png", cwd=tmp_path).returncode == 0
    seen, rendered = picture(tmp_path / "w.png"), picture(tmp_path / "r.png")
    assert seen.shape == rendered.shape and np.abs(seen.astype(int) - rendered).max() == 0
    assert rendered.std() > 5  # a black window would equal nothing


def test_a_person_looks_zooms_resizes_saves_and_takes_a_picture(display: str, tmp_path: Path) -> None:
    person = Person(display, tmp_path, "italy", "--size", f"{WIDTH}x{HEIGHT}", "--set", "camera.shutter_s=1.0")
    try:
        window = person.waits_for_the_window()
        first = person.sees(WIDTH, HEIGHT)
        deadline = time.monotonic() + 60.0
        while len(np.unique(first[60:, :90].reshape(-1, 3), axis=0)) < 200:  # a picture beside the panel
            assert time.monotonic() < deadline
            time.sleep(0.3)
            first = person.sees(WIDTH, HEIGHT)
        person.does("mousemove", "60", "40", "key", "space", "key", "Tab")
        person.waits_for_the_exact_picture(window)
        person.does("mousedown", "1")
        for _ in range(4):
            person.does("mousemove_relative", "--", "-8", "-5")
        person.does("mouseup", "1", "click", "4", "click", "4", "key", "Left", "key", "w")
        person.does("windowsize", window, "300", "180")
        for key in ("F11", "F11", "s"):
            time.sleep(1.0)
            person.does("key", key)
        deadline = time.monotonic() + 30.0
        while not (saved := list(tmp_path.glob("italy-*.toml"))):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        before, after = load_scene("italy"), load_scene(saved[0])
        assert (after.image.width_px, after.image.height_px) == (300, 180)
        assert after.camera.focal_mm == pytest.approx(before.camera.f_px * 36.0 / 1000.0 * 1.125**2, rel=0.01)
        assert after.camera.point != before.camera.point
        assert after.time.utc > before.time.utc
        assert earthlimb("render", str(saved[0]), "-o", "r.png", cwd=tmp_path).returncode == 0
        rendered = picture(tmp_path / "r.png")
        seen = person.sees_at_last(rendered)
        assert np.abs(seen.astype(int) - rendered).max() == 0
        person.does("key", "Return")
        time.sleep(0.3)
        person.does("key", "Escape")  # cancels it, and the window stays
        time.sleep(1.0)
        assert person.process.poll() is None
        assert not list(tmp_path.glob(".*")) and not list(tmp_path.glob("italy-*.png*"))
        person.does("key", "Return")  # the photograph is the same picture again, with a sidecar
        deadline = time.monotonic() + 60.0
        while not (photo := list(tmp_path.glob("italy-*.png.json"))):
            assert time.monotonic() < deadline
            time.sleep(0.3)
        taken = picture(Path(str(photo[0]).removesuffix(".json")))
        assert np.array_equal(taken, rendered)
        person.does("key", "q")
        assert person.ends() == (0, "")
    finally:
        person.process.kill()


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (("nowhere",), 2, "nowhere: no such scene"),
        (("italy", "--frames", "0"), 2, "--frames 0: 1 or more frames are wanted"),
        (("italy", "--screenshot", "x.png"), 2, "--screenshot: it is taken when --frames"),
        (("italy", "--frames", "1", "--screenshot", "x.jpg"), 2, "give it the ending .png"),
        (("italy", "--frames", "1", "--screenshot", "no/x.png"), 2, "no/x.png"),
        (("italy", "--set", "camera.point.limb.tangent_km=9000", "--frames", "1"), 2, "camera.point.limb.tangent_km"),
    ],
)
def test_a_wrong_command_is_one_message(
    display: str, tmp_path: Path, words: tuple[str, ...], status: int, message: str
) -> None:
    done = earthlimb("view", *words, display=display, cwd=tmp_path)
    assert done.returncode == status
    assert message in done.stderr and done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_no_display_is_one_message_with_the_remedy(tmp_path: Path) -> None:
    done = earthlimb("view", "italy", cwd=tmp_path)
    assert done.returncode == 1
    assert (
        done.stderr.startswith("view: no display: neither DISPLAY nor WAYLAND_DISPLAY is set")
        and "xvfb-run" in done.stderr
    )
    assert done.stderr.count("\n") == 1
    done = earthlimb("view", "italy", display=":9871", cwd=tmp_path)
    assert done.returncode == 1
    assert "check DISPLAY (now :9871)" in done.stderr and done.stderr.count("\n") == 1


def test_an_old_driver_is_one_message_with_the_remedy(display: str, tmp_path: Path) -> None:
    done = earthlimb("view", "italy", display=display, cwd=tmp_path, MESA_GL_VERSION_OVERRIDE="3.3")
    assert done.returncode == 1
    assert "needs OpenGL 4.1: install or update the graphics driver" in done.stderr and done.stderr.count("\n") == 1


def test_a_display_without_opengl_is_one_message_with_the_remedy(tmp_path: Path) -> None:
    with virtual_display("-extension", "GLX") as bare:
        done = earthlimb("view", "italy", display=bare, cwd=tmp_path)
    assert done.returncode == 1
    assert "needs OpenGL 4.1: install or update the graphics driver" in done.stderr and done.stderr.count("\n") == 1


def test_an_x_server_that_goes_is_one_message(tmp_path: Path) -> None:
    with virtual_display() as display:
        person = Person(display, tmp_path, "italy", "--size", "160x100")
        person.waits_for_the_window()
        time.sleep(1.0)
    status, words = person.ends()
    assert status == 1
    assert words == f"view: the X server {display} has gone, or closed the window: start `earthlimb view` again\n"
    assert not list(tmp_path.iterdir())
