"""Other densities, shapes and monitors: letters grow, pictures keep their shape, no window is lost."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from earthlimb.viewer.window import Window
from tests.viewer.screen import environment, prints, virtual_display

SCRIPT = """
import json
import numpy as np
from imgui_bundle import imgui
from earthlimb.scene import load_scene
from earthlimb.viewer.canvas import Canvas
from earthlimb.viewer.overlay import Overlay
from earthlimb.viewer.panel import draw
from earthlimb.viewer.session import Session
from earthlimb.viewer.window import Window

window = Window((400, 300), "earthlimb", fit=False)
session, overlay, canvas = Session(load_scene("italy")), Overlay(window.handle), Canvas()
y, x = np.mgrid[0:150, 0:200]
disc = np.where(np.hypot(x - 99.5, y - 74.5) < 60, 255, 0).astype(np.uint8)
canvas.develop(np.repeat(disc[..., None], 3, axis=2), None)
found = {"extents": [], "letters": [], "gaps": []}
for size in ((400, 300), (300, 300), (400, 160), (90, 40), (1, 1)):
    window.glfw.set_window_size(window.handle, *size)
    canvas.show(*size)
    lit = canvas.read_screen(*size)[..., 0] > 127
    rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
    found["extents"].append([len(columns), len(rows)])
# the desktop's scale, and framebuffer pixels for one window unit, as they may change between two frames
for content_scale, scale in ((1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.5, 1.0), (1.0, 1.0)):
    session.content_scale, session.scale = content_scale, scale
    overlay.draw(session, (draw, lambda _: found["letters"].append(imgui.get_font_size())))
    overlay.draw(session, (draw,))
    found["gaps"].append(imgui.get_style().item_spacing.y)
found["leaves"] = window.glfw.get_window_attrib(window.handle, window.glfw.AUTO_ICONIFY)
print(json.dumps(found))
overlay.release(); canvas.release(); window.release()
"""


def test_letters_follow_the_density_and_a_disc_stays_round(display: str, tmp_path: Path) -> None:
    printed = prints(SCRIPT, tmp_path, environment(display))
    found = json.loads(printed)
    for wide, high in found["extents"][:4]:
        assert wide > 25 and abs(wide - high) <= 2
    assert found["extents"][0] == [240, 240]
    first = found["letters"][0]
    assert found["letters"] == pytest.approx([first, 2.0 * first, first, 1.5 * first, first], abs=0.5)  # whole units
    assert found["leaves"] == 0  # a full screen stays when another monitor's window is used
    assert found["gaps"] == [4.0, 8.0, 4.0, 6.0, 4.0]


FULL = """
from earthlimb.viewer.window import Window

window = Window((300, 200), "earthlimb", fit=False)
for _ in range(2):
    window.full_screen()
    for _ in range(5):
        window.glfw.poll_events()
        window.swap()
    print(*window.glfw.get_window_pos(window.handle), *window.size_px)
window.release()
"""


def test_full_screen_of_a_server_that_cannot_tell_its_monitors(tmp_path: Path) -> None:
    """Without RandR glfw 3.4 lays a full screen at a place that it never set."""
    with virtual_display("-extension", "RANDR") as bare:
        printed = prints(FULL, tmp_path, environment(bare))
    assert printed.splitlines() == ["0 0 1000 700", "0 0 300 200"]


def test_the_density_of_an_x_desktop_is_the_windows(tmp_path: Path) -> None:
    code = "from earthlimb.viewer.window import Window; w = Window((300, 200), 'w', fit=False)"
    with virtual_display("-noreset") as dense:
        own = environment(dense)
        set_dpi = ["xprop", "-root", "-f", "RESOURCE_MANAGER", "8s", "-set", "RESOURCE_MANAGER", "Xft.dpi:\t192\n"]
        subprocess.run(set_dpi, env=own, check=True)
        printed = prints(f"{code}; print(w.content_scale, w.pixel_ratio, *w.size_px)", tmp_path, own)
    assert printed.split() == ["2.0", "1.0", "300", "200"]


class Desktop(SimpleNamespace):
    """What the window asks of glfw, with monitors that come and go."""

    def __init__(self, monitors: dict[str, tuple[int, int, int, int]], place: tuple[int, int, int, int]) -> None:
        super().__init__(monitors=monitors, place=place, filled=None)

    def get_monitors(self) -> list[str]:
        return list(self.monitors)

    def get_monitor_pos(self, name: str) -> tuple[int, int]:
        left, top, _, _ = self.monitors[name]
        return left, top

    def get_video_mode(self, name: str) -> Any:
        _, _, wide, high = self.monitors[name]
        return SimpleNamespace(size=SimpleNamespace(width=wide, height=high), refresh_rate=60)

    def get_window_pos(self, _: Any) -> tuple[int, int]:
        return self.place[0], self.place[1]

    def get_window_size(self, _: Any) -> tuple[int, int]:
        return self.place[2], self.place[3]

    def get_window_monitor(self, _: Any) -> str | None:
        return self.filled

    def set_window_pos(self, _: Any, left: int, top: int) -> None:
        self.place = (left, top, *self.place[2:])

    def set_window_monitor(
        self, _: Any, name: str | None, left: int, top: int, wide: int, high: int, _rate: int
    ) -> None:
        self.filled = name
        offset = self.get_monitor_pos(name) if name else (0, 0)
        self.place = (left + offset[0], top + offset[1], wide, high)

    def unplug(self, window: Window, name: str) -> None:
        """As glfw does it: a window that filled the monitor is windowed before the callback."""
        _, _, wide, high = self.monitors.pop(name)
        if self.filled == name:
            self.set_window_monitor(None, None, 0, 0, wide, high, 0)
        window.monitors_changed(name, 0)


LAPTOP, BEAMER = (0, 0, 1440, 900), (1440, 0, 1920, 1080)


def a_window(desktop: Desktop) -> Window:
    window = Window.__new__(Window)
    window.glfw, window.handle, window._windowed, window._wayland = desktop, None, None, False
    return window


def test_full_screen_takes_the_monitor_that_holds_the_window_and_goes_back() -> None:
    desktop = Desktop({"laptop": LAPTOP, "beamer": BEAMER}, (1500, 100, 960, 540))
    window = a_window(desktop)
    window.full_screen()
    assert (desktop.filled, desktop.place) == ("beamer", BEAMER)
    window.full_screen()
    assert (desktop.filled, desktop.place) == (None, (1500, 100, 960, 540))


def test_a_monitor_that_goes_leaves_the_window_in_sight() -> None:
    desktop = Desktop({"laptop": LAPTOP, "beamer": BEAMER}, (1500, 100, 960, 540))
    window = a_window(desktop)
    window.full_screen()
    desktop.unplug(window, "beamer")
    assert (desktop.filled, desktop.place) == (None, (32, 32, 960, 540))
    window.full_screen()
    assert (desktop.filled, desktop.place) == ("laptop", LAPTOP)

    desktop = Desktop({"laptop": LAPTOP, "beamer": BEAMER}, (1500, 100, 960, 540))
    window = a_window(desktop)
    desktop.unplug(window, "laptop")
    assert desktop.place == (1500, 100, 960, 540)  # the other one: nothing moves
    desktop.monitors["laptop"] = LAPTOP
    desktop.unplug(window, "beamer")
    assert desktop.place == (32, 32, 960, 540)


def test_wayland_tells_a_monitor_by_its_density_alone() -> None:
    desktop = Desktop({"beamer": BEAMER, "laptop": LAPTOP}, (0, 0, 960, 540))  # places are not told
    desktop.get_monitor_content_scale = lambda name: (2.0, 2.0) if name == "laptop" else (1.0, 1.0)
    desktop.get_window_content_scale = lambda _: (desktop.density, desktop.density)
    window = a_window(desktop)
    window._wayland = True
    for desktop.density, expected in ((2.0, LAPTOP), (1.0, BEAMER), (1.5, BEAMER)):
        window.full_screen()
        assert desktop.place == expected
        window.full_screen()
        assert desktop.place == (0, 0, 960, 540)


def test_an_edge_that_a_window_manager_leaves_is_not_in_sight() -> None:
    desktop = Desktop({"laptop": LAPTOP, "beamer": BEAMER}, (1500, 100, 960, 540))
    window = a_window(desktop)
    desktop.place = (LAPTOP[2] - 46, 100, 960, 540)  # openbox, measured
    desktop.unplug(window, "beamer")
    assert desktop.place == (32, 32, 960, 540)
    desktop.place = (LAPTOP[2] - 70, 100, 960, 540)  # the user's own wish
    window.full_screen()
    window.full_screen()
    assert desktop.place == (LAPTOP[2] - 70, 100, 960, 540)


def test_without_any_monitor_nothing_moves() -> None:
    desktop = Desktop({"laptop": LAPTOP}, (10, 10, 960, 540))
    window = a_window(desktop)
    desktop.unplug(window, "laptop")
    window.full_screen()
    assert (desktop.filled, desktop.place) == (None, (10, 10, 960, 540))
