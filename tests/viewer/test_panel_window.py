"""The panel in a real window with a real mouse and keyboard: it hides, its fields take values, its keys act."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from earthlimb.scene import load_scene
from tests.viewer.screen import PATIENCE_S, Person

WIDTH, HEIGHT = 700, 420
Seen = NDArray[np.int16]


class Reader(Person):
    """Someone who looks at the whole window and waits until it has changed."""

    def looks(self) -> Seen:
        return self.sees(WIDTH, HEIGHT).astype(np.int16)

    def stays(self) -> Seen:
        """The screen's left half when nothing changes there any more."""
        before, deadline = self.looks(), time.monotonic() + 20.0
        while True:
            time.sleep(0.4)
            after = self.looks()
            if changed(before, after, LEFT) < 1e-4 or time.monotonic() > deadline:
                return after
            before = after

    def sees_change(self, before: Seen, columns: slice, share: float, seconds: float = 40.0) -> Seen:
        """The screen, as soon as more than this share of its columns' pixels differ visibly."""
        deadline = time.monotonic() + seconds
        while True:
            after = self.looks()
            if changed(before, after, columns) > share:
                return after
            assert time.monotonic() < deadline and self.process.poll() is None, changed(before, after, columns)
            time.sleep(0.2)


def changed(before: Seen, after: Seen, columns: slice) -> float:
    return float((np.abs(after[:, columns] - before[:, columns]).max(axis=2) > 24).mean())


LEFT, RIGHT = slice(0, WIDTH // 2), slice(WIDTH - 200, WIDTH)


@pytest.fixture(scope="module")
def reader(display: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    folder = tmp_path_factory.mktemp("panel")
    one = Reader(display, folder, "italy", "--size", f"{WIDTH}x{HEIGHT}")
    one.folder = folder  # type: ignore[attr-defined]
    try:
        one.window = one.waits_for_the_window()  # type: ignore[attr-defined]
        one.sees_change(np.zeros((HEIGHT, WIDTH, 3), np.int16), LEFT, 0.3, PATIENCE_S)
        one.does("mousemove", "5", "5", "key", "space")
        one.waits_for_the_exact_picture(one.window)  # type: ignore[attr-defined]
        yield one
    finally:
        if one.process.poll() is None:
            one.does("key", "q")
        status, words = one.ends()
        assert status == 0 and "Traceback" not in words, words


def test_tab_hides_and_shows_the_panel(reader: Reader) -> None:
    shown = reader.looks()
    reader.does("key", "Tab")
    hidden = reader.sees_change(shown, RIGHT, 0.1)
    reader.does("key", "Tab")
    reader.sees_change(hidden, RIGHT, 0.1)


@pytest.mark.parametrize("key", ["F1", "F2"])
def test_pages_open_over_the_picture_and_close_with_escape(reader: Reader, key: str) -> None:
    closed = reader.looks()
    reader.does("key", key)
    opened = reader.sees_change(closed, LEFT, 0.05)
    reader.does("key", "Escape")
    reader.sees_change(opened, LEFT, 0.05)
    assert reader.process.poll() is None


def test_labels_and_read_out_appear(reader: Reader) -> None:
    reader.does("mousemove", str(WIDTH - 100), "100")  # over the panel nothing is read
    bare = reader.stays()
    reader.does("key", "o")
    labelled = reader.sees_change(bare, LEFT, 0.004)
    reader.does("mousemove", "150", "170")  # the sky below the belly
    reader.sees_change(labelled, LEFT, 0.03)  # the read-out's box
    reader.does("key", "o")


def test_a_press_that_follows_the_cursor_at_once_belongs_to_what_lies_there(reader: Reader) -> None:
    """Events of one frame: onto the panel and pressed, dragged to the left: the view stays."""
    before = reader.stays()
    reader.does("mousemove", "150", "200")
    time.sleep(0.3)
    x = str(WIDTH - 20)
    reader.does(
        "mousemove", x, "390", "mousedown", "1", "mousemove", "200", "250", "mouseup", "1", "mousemove", "150", "200"
    )
    assert changed(before, reader.stays(), slice(0, 80)) < 0.001


def test_minimised_tiny_or_full_screen_it_comes_back_unstretched(reader: Reader) -> None:
    window = reader.window  # type: ignore[attr-defined]
    reader.does("mousemove", "5", "5", "key", "Tab", "key", "r")
    reader.waits_for_the_exact_picture(window)
    exact = reader.stays().astype(np.uint8)
    reader.minimises(window, True)
    time.sleep(0.5)
    reader.minimises(window, False)
    assert np.array_equal(reader.sees_at_last(exact), exact)
    for size in (("1", "1"), ("2", "300"), ("600", "3")):
        reader.does("windowsize", window, *size)
        time.sleep(0.3)
    reader.does("windowsize", window, str(WIDTH), str(HEIGHT))
    assert np.array_equal(reader.sees_at_last(exact), exact)
    reader.does("key", "F11")
    deadline = time.monotonic() + 20.0
    while reader.sees(1000, 700)[500:, 750:].max() < 100:  # beyond the window's former place: the towns
        assert time.monotonic() < deadline
        time.sleep(0.2)
    reader.does("key", "F11")
    assert np.array_equal(reader.sees_at_last(exact), exact)
    reader.does("key", "Tab", "key", "r")
    reader.stays()


def test_a_turn_by_key_goes_on_while_time_runs_and_stands_in_the_saved_scene(reader: Reader) -> None:
    """Real keys: a turn begun, time let run at ten times the pace, stopped, saved; then in and out of the cupola."""
    folder = reader.folder  # type: ignore[attr-defined]
    reader.does("mousemove", "5", "5")
    still = reader.stays()
    reader.does("key", "m", "key", "period", "key", "period", "key", "period", "key", "space")
    reader.sees_change(still, LEFT, 0.02)
    time.sleep(4.0)
    reader.does("key", "space", "key", "s")
    deadline = time.monotonic() + 20.0
    while not (saved := list(folder.glob("italy-*.toml"))):
        assert time.monotonic() < deadline and reader.process.poll() is None
        time.sleep(0.3)
    station = load_scene(saved[0]).station
    assert station.frame == "lvlh" and -2.0 < station.pitch_deg < 80.0  # from -2 on the way to 90
    assert 0.0 < np.linalg.norm(station.turn_deg_s) <= 0.1501
    saved[0].unlink()
    still = reader.stays()
    reader.does("key", "0")  # into the cupola: frames at the sides
    inside = reader.sees_change(still, LEFT, 0.02)
    reader.does("key", "k")
    reader.sees_change(inside, LEFT, 0.02)
    reader.does("key", "k", "key", "0")


def test_a_value_typed_into_a_field_is_the_saved_scene_s(reader: Reader) -> None:
    """Every field down to the f-number's, found by the colour of the fields; the first is the search for a name."""
    reader.does("mousemove", "5", "5")
    reader.stays()
    x = WIDTH - 250
    column = reader.looks()[:, x - 12 : x + 1].mean(axis=1)
    field = np.abs(column - np.array([31.0, 36.0, 43.0])).max(axis=1) < 12.0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], field.astype(int), [0]])))
    rows = [(a + b) // 2 for a, b in zip(edges[::2], edges[1::2], strict=True) if 10 <= b - a <= 30]
    assert rows, "no field is seen"
    saved: set[Path] = set()
    for row in rows[:3]:
        reader.does("mousemove", str(x), str(row))
        reader.does("keydown", "ctrl", "click", "1", "keyup", "ctrl")
        time.sleep(0.5)
        reader.does("key", "ctrl+a")
        reader.does("type", "--delay", "80", "2.8")
        reader.does("key", "Return")
        time.sleep(0.5)
    reader.does("mousemove", "150", "200", "key", "s")
    deadline = time.monotonic() + 20.0
    while not saved:
        assert time.monotonic() < deadline
        saved = set(reader.folder.glob("italy-*.toml"))  # type: ignore[attr-defined]
        time.sleep(0.3)
    assert load_scene(saved.pop()).camera.f_number == 2.8
