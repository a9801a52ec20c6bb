"""The window on Wayland, at two framebuffer pixels for a unit: weston in an X display that has nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from earthlimb.viewer.glfw_library import wayland_wanted
from tests.viewer.screen import Person, earthlimb, environment, picture, prints, virtual_display, wayland

WIDE, HIGH = 600, 400
X = {"DISPLAY": ":0"}
W = {"WAYLAND_DISPLAY": "wayland-0"}

SCRIPT = """
import json
from earthlimb.viewer.glfw_library import load_glfw, wayland_wanted
load_glfw(wayland=wayland_wanted())
import moderngl
from earthlimb.viewer.overlay import Overlay
from earthlimb.viewer.window import Window

window = Window((400, 300), "earthlimb", fit=False)
glfw, ctx, overlay = window.glfw, moderngl.create_context(standalone=False, require=410), Overlay(window.handle)
found = {"platform": glfw.get_platform() == glfw.PLATFORM_WAYLAND}

def frames(name):
    for _ in range(5):
        glfw.poll_events()
        ctx.screen.use()
        ctx.screen.viewport = (0, 0, *window.size_px)
        ctx.screen.clear(0.2, 0.4, 0.6)
        window.says(name, exact=True)
        window.swap()
    found[name] = [*window.size_px, window.pixel_ratio, window.content_scale]

frames("first")
for _ in range(3):
    window.full_screen()
    frames("full")
    window.full_screen()
    frames("back")
glfw.set_window_size(window.handle, 1, 1)
frames("tiny")
glfw.set_window_size(window.handle, 100, 250)
frames("tall")
window.monitors_changed()
glfw.iconify_window(window.handle)
frames("unseen")
print(json.dumps(found))
overlay.release(); ctx.release(); window.release()
"""


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        (X, False),
        (W, True),
        (X | W, False),
        (X | W | {"PYGLFW_LIBRARY_VARIANT": "wayland"}, True),
        (X | {"PYGLFW_LIBRARY_VARIANT": "wayland"}, False),
        ({}, False),
    ],
)
def test_wayland_is_taken_where_there_is_no_x(environ: dict[str, str], wanted: bool) -> None:
    assert wayland_wanted("linux", environ) is wanted
    assert not wayland_wanted("darwin", environ)


class Guest(Person):
    """Someone at a window whose compositor tells X nothing of it."""

    def __init__(self, display: str, own: dict[str, str], cwd: Path, size: tuple[int, int], screen: tuple[int, int]):
        """Waits for the desktop, then for a window on it, which is darker."""
        self.display, self._screen = display, screen
        deadline = time.monotonic() + 60.0
        while (empty := self._dark()) > 0.3:
            assert time.monotonic() < deadline, "no desktop"
            time.sleep(0.2)
        super().__init__(display, cwd, "italy", "--size", f"{size[0]}x{size[1]}", own=own)
        while self._dark() < empty + 0.5 * size[0] * size[1] / (screen[0] * screen[1]):
            assert time.monotonic() < deadline and self.process.poll() is None, f"no window: {self.ends()}"
            time.sleep(0.2)

    def _dark(self) -> float:
        return float((self.sees(*self._screen).max(axis=2) < 90).mean())


@pytest.fixture(scope="module")
def compositor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    folder = tmp_path_factory.mktemp("wayland")
    size = (f"--width={WIDE // 2}", f"--height={HIGH // 2}", "--scale=2")
    with virtual_display(screen=f"{WIDE}x{HIGH}x24") as display, wayland(display, folder, *size) as own:
        yield display, own


def test_sizes_full_screen_and_a_window_that_nobody_sees(
    compositor: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    """Wayland says nothing of minimised windows and never shows their pictures: waiting for that would be for ever."""
    printed = prints(SCRIPT, tmp_path, environment(None, **compositor[1]))
    found = json.loads(printed)
    assert found == {
        "platform": True,
        "first": [400, 300, 2.0, 2.0],
        "full": [WIDE, HIGH, 2.0, 2.0],
        "back": [400, 300, 2.0, 2.0],
        "tiny": [2, 2, 2.0, 2.0],
        "tall": [200, 500, 2.0, 2.0],
        "unseen": [200, 500, 2.0, 2.0],
    }


def test_a_compositor_that_does_not_answer_is_one_message(tmp_path: Path) -> None:
    done = earthlimb("view", "italy", cwd=tmp_path, WAYLAND_DISPLAY="nobody", XDG_RUNTIME_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "check WAYLAND_DISPLAY (now nobody)" in done.stderr and done.stderr.count("\n") == 1


def test_a_compositor_without_keyboard_and_mouse_is_one_message(tmp_path: Path) -> None:
    (folder := tmp_path / "run").mkdir()
    with wayland(None, folder) as own:
        done = earthlimb("view", "italy", cwd=tmp_path, **own)
    assert done.returncode == 1
    assert done.stderr.startswith("view: glfw crashes on this Wayland compositor: glfw 3.4 needs a keyboard or a mouse")
    assert done.stderr.count("\n") == 1


@pytest.mark.long
def test_a_compositor_that_goes_is_one_message(tmp_path: Path) -> None:
    (folder := tmp_path / "run").mkdir()
    with virtual_display(screen="400x300x24") as display:
        with wayland(display, folder, "--width=400", "--height=300") as own:
            person = Guest(display, own, tmp_path, (200, 150), (400, 300))
        status, words = person.ends()
    assert status == 1
    assert "view: the Wayland compositor wayland-earthlimb has gone: start" in words and "Traceback" not in words


@pytest.mark.long
def test_a_screenshot_is_what_render_makes(compositor: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    size = ("--size", "240x160")
    words = ("view", "italy", *size, "--frames", "2", "--screenshot", "window.png")
    done = earthlimb(*words, cwd=tmp_path, **compositor[1])
    assert done.returncode == 0, done.stderr
    assert earthlimb("render", "italy", *size, "-o", "still.png", cwd=tmp_path).returncode == 0
    assert np.array_equal(picture(tmp_path / "window.png"), picture(tmp_path / "still.png"))


@pytest.mark.long
def test_a_person_looks_round_goes_full_screen_and_saves(
    compositor: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    """What the whole screen then shows is, pixel for pixel, what `render` makes of the scene saved there."""
    display, own = compositor
    person = Guest(display, own, tmp_path, (320, 240), (WIDE, HIGH))
    try:
        # weston moves its cursor by differences: into the corner first, that both are there
        person.does("mousemove", "0", "0", "mousemove", "5", "5", "mousemove", "0", "0")
        time.sleep(1.0)
        person.does("key", "F11", "key", "space", "key", "Tab", "key", "r")
        time.sleep(5.0)
        person.does("mousemove", "300", "200", "mousedown", "1")
        time.sleep(0.5)
        for x in ("310", "320", "330"):
            person.does("mousemove", x, "200")
            time.sleep(0.3)
        person.does("mouseup", "1", "mousemove", str(WIDE - 2), str(HIGH - 2))
        time.sleep(1.0)
        person.does("key", "s")
        deadline = time.monotonic() + 30.0
        while not (saved := list(tmp_path.glob("*.toml"))):
            assert time.monotonic() < deadline and person.process.poll() is None, "nothing saved"
            time.sleep(0.2)
        assert earthlimb("render", str(saved[0]), "-o", "still.png", cwd=tmp_path).returncode == 0
        still = picture(tmp_path / "still.png")
        assert still.shape == (HIGH, WIDE, 3)
        seen = person.sees_at_last(still)
        differ = np.argwhere((seen != still).any(axis=2))
        # but for the cursor in the corner
        assert len(differ) < 2500 and (len(differ) == 0 or differ.min(axis=0).tolist() >= [HIGH - 60, WIDE - 60])
        person.does("key", "F11")
        time.sleep(2.0)
        person.does("key", "q")
        assert person.ends()[0] == 0
    finally:
        if person.process.poll() is None:
            person.process.kill()
