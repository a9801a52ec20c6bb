"""`camera.shutter_s = "auto"` in the window, and orders and answers that its other processes cannot read."""

from __future__ import annotations

import io
import json
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from earthlimb.errors import WorkError
from earthlimb.output.sidecar import sidecar_path
from earthlimb.scene import load_scene, resized
from earthlimb.scene.camera import AutoShutter
from earthlimb.viewer.child import Child, read_message, serve, write_message
from earthlimb.viewer.darkroom import Darkroom
from tests.viewer import headless
from tests.viewer.headless import until

SIZE = (96, 64)


def _not_here() -> NoReturn:
    raise TypeError("it takes 1 positional argument but 2 were given")


class Unreadable:
    """Travels, and cannot be unpacked."""

    def __reduce__(self) -> tuple[Callable[[], NoReturn], tuple[()]]:
        return _not_here, ()


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """The window's pictures without a display, of the Italy view with an automatic shutter."""
    scene = load_scene("italy", {"camera.shutter_s": "auto"})
    with headless.pictures(scene, SIZE, tmp_path, monkeypatch) as made:
        yield made


def test_the_window_settles_takes_its_picture_and_goes_back_to_a_number(frames: Any, tmp_path: Path) -> None:
    session = frames._session
    until(frames, lambda: session.settled)
    assert isinstance(session.world.scene.camera.shutter_s, AutoShutter)
    session.photo_wanted = True
    until(frames, lambda: session.photo is not None)
    (path,) = tmp_path.glob("*.png")
    assert json.loads(sidecar_path(path).read_text())["scene"]["camera"]["shutter_s"] == pytest.approx(0.19, rel=0.2)
    session.photo = None
    assert session.change("camera.shutter_s", 0.1)
    until(frames, lambda: not session.settled)
    until(frames, lambda: session.settled)
    assert session.world.scene.camera.shutter_s == 0.1
    assert [message for message in session.messages if message.kind == "error"] == []


@pytest.mark.long
def test_an_exact_picture_that_cannot_be_made_is_told_once(frames: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The window goes on, and the next change is tried again."""
    session, orders = frames._session, []
    send = Child.send

    def spoilt(self: Child, order: Any) -> None:
        if not (isinstance(order, tuple) and len(order) == 4):  # not the darkroom's
            send(self, order)
            return
        orders.append(order)
        send(self, Unreadable() if len(orders) == 1 else order)

    monkeypatch.setattr(Child, "send", spoilt)
    until(frames, lambda: frames.failed is not None)
    for _ in range(20):
        frames.advance()
    errors = [message.text for message in session.messages if message.kind == "error"]
    assert len(errors) == len(orders) == 1 and not session.settled
    assert errors[0].startswith("view: a message between its processes cannot be read: TypeError: it takes 1")
    assert session.change("camera.shutter_s", 0.1)
    until(frames, lambda: session.settled)
    assert frames.failed is None and len(orders) == 2


def test_a_darkroom_answers_an_order_that_it_cannot_read_and_then_the_next() -> None:
    darkroom = Darkroom()
    try:
        darkroom.order(load_scene("italy"), None)
        assert darkroom._child is not None and darkroom.cancel()
        darkroom.order(Unreadable(), None)  # type: ignore[arg-type]
        deadline = time.monotonic() + 40.0
        while (answer := darkroom.poll()) is None:
            assert time.monotonic() < deadline, "it waits for ever"
            time.sleep(0.05)
        assert isinstance(answer, WorkError) and str(answer).endswith("report it") and not darkroom.busy
        darkroom.order(resized(load_scene("italy", {"camera.shutter_s": "auto"}), 48, 32), None)
        while (answer := darkroom.poll()) is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert not isinstance(answer, WorkError) and answer.picture.shape == (32, 48, 3)
    finally:
        darkroom.release()


def echo() -> None:
    """A child that sends its orders back."""
    serve(lambda: None, lambda _, order, send: send(Unreadable() if order == "spoil" else order))


def test_messages_after_one_that_cannot_be_read_are_read() -> None:
    child = Child("tests.viewer.test_auto_shutter:echo")
    try:
        for order in (Unreadable(), "spoil"):
            child.send(order)
            child.send(["next"])
            assert isinstance(child.receive(), WorkError)
            assert child.receive() == ["next"]
    finally:
        child.release()


def test_half_a_message_is_the_end_of_the_pipe() -> None:
    pipe = io.BytesIO()
    write_message(pipe, "order")
    with pytest.raises(EOFError):
        read_message(io.BytesIO(pipe.getvalue()[:-1]))
    with pytest.raises(WorkError, match="UnpicklingError"):
        read_message(io.BytesIO(struct.pack("<QQ", 3, 0) + b"abc"))
