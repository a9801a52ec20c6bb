"""Two real monitors of one X server: full screen on the right one, and neither is missed when it goes."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.viewer.screen import Person, two_monitors, xrandr

Place = tuple[int, int, int, int]
FIRST, SECOND, EDGE = (0, 0, 800, 600), (800, 0, 640, 480), (32, 32, 320, 200)


class Mover(Person):
    """Someone who moves the window about."""

    def place(self) -> Place:
        """Where the window is now."""
        said = dict(line.split("=") for line in self.does("getwindowgeometry", "--shell", self.window).split())
        return int(said["X"]), int(said["Y"]), int(said["WIDTH"]), int(said["HEIGHT"])

    def waits(self, expected: Place, seconds: float = 20.0) -> None:
        """Until the window is there, and stays there."""
        deadline = time.monotonic() + seconds
        while self.place() != expected:
            assert time.monotonic() < deadline and self.process.poll() is None, self.place()
            time.sleep(0.1)
        time.sleep(0.3)
        assert self.place() == expected

    window = ""


@pytest.fixture(scope="module")
def mover(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mover]:
    folder = tmp_path_factory.mktemp("monitors")
    with two_monitors(folder) as display:
        one = Mover(display, folder, "italy", "--size", "320x200")
        try:
            one.window = one.waits_for_the_window()
            time.sleep(2.0)
            one.does("windowfocus", one.window)
            yield one
            one.does("key", "q")
            status, words = one.ends()
            assert status == 0 and "Traceback" not in words, words
        finally:
            if one.process.poll() is None:
                one.process.kill()


def test_full_screen_is_on_the_monitor_that_holds_the_window(mover: Mover) -> None:
    mover.does("windowmove", mover.window, "900", "100")
    mover.waits((900, 100, 320, 200))
    for _ in range(2):
        mover.does("key", "F11")
        mover.waits(SECOND)
        mover.does("key", "F11")
        mover.waits((900, 100, 320, 200))


@pytest.mark.parametrize("full", [True, False])
def test_a_monitor_that_goes_leaves_the_window_in_sight(mover: Mover, full: bool) -> None:
    """imgui hears of monitors, too, and tells nobody: the window's own ear must be the last one put on."""
    mover.does("windowmove", mover.window, "900", "100")
    mover.waits((900, 100, 320, 200))
    if full:
        mover.does("key", "F11")
        mover.waits(SECOND)
    try:
        xrandr(mover.display, "--output", "DUMMY1", "--off")
        mover.waits(EDGE)
        mover.does("key", "F11")
        mover.waits(FIRST)
        mover.does("key", "F11")
        mover.waits(EDGE)
    finally:
        xrandr(mover.display, "--output", "DUMMY1", "--mode", "640x480", "--right-of", "DUMMY0")
    time.sleep(1.0)
    mover.waits(EDGE)
