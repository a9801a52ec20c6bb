"""Taking a picture in the window: begun, cancelled, shown; the darkroom is a stand-in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from earthlimb.scene import Scene, load_scene
from earthlimb.viewer import actions
from earthlimb.viewer.darkroom import Print
from earthlimb.viewer.photo import Photo
from earthlimb.viewer.session import Session


class Darkroom:
    """Takes one order and never finishes it by itself."""

    def __init__(self) -> None:
        self.scene: Scene | None = None
        self.share, self.cancelled = 0.0, 0
        self.orders: list[tuple[object, ...]] = []

    @property
    def busy(self) -> bool:
        return self.scene is not None

    def order(self, scene: Scene, *more: object) -> None:
        assert self.scene is None
        self.scene = scene
        self.orders.append((scene, *more))

    def cancel(self) -> bool:
        if self.share >= 0.9:
            return False
        self.scene, self.cancelled = None, self.cancelled + 1
        return True


@pytest.fixture
def window(tmp_path: Path) -> tuple[Session, Darkroom, Photo]:
    session, darkroom = Session(load_scene("italy"), "italy", size_px=(300, 200), folder=tmp_path), Darkroom()
    actions.bind(session)
    return session, darkroom, Photo(session, darkroom)  # type: ignore[arg-type]


def test_escape_cancels_the_picture_and_then_closes(window: tuple[Session, Darkroom, Photo]) -> None:
    session, darkroom, photo = window
    session.act("photo")
    photo.advance(ready=True)
    assert session.taking and photo.busy and darkroom.busy
    assert list(session.progress) == ["taking the picture: 0.2 s, Esc cancels"]
    session.help_shown = True
    session.act("close")
    assert session.taking and not session.help_shown  # what is open comes first
    session.act("close")
    photo.advance(ready=True)
    assert (darkroom.cancelled, session.taking, photo.busy, session.should_close) == (1, False, False, False)
    assert session.messages[-1].text == "the picture was cancelled: nothing was saved"
    session.act("close")
    assert session.should_close


def test_a_picture_that_has_not_begun_is_cancelled_too(window: tuple[Session, Darkroom, Photo]) -> None:
    session, darkroom, photo = window
    session.act("photo")
    session.act("close")  # in the same frame
    photo.advance(ready=True)
    assert not (session.should_close or photo.busy) and session.messages[-1].text.startswith(
        "the picture was cancelled"
    )
    darkroom.scene = exact = load_scene("cupola")  # an exact picture for the window is being made
    session.act("photo")
    photo.advance(ready=True)
    assert photo.busy and darkroom.orders == []
    session.act("close")
    photo.advance(ready=True)
    assert not photo.busy and darkroom.scene is exact and darkroom.cancelled == 0


def test_a_picture_that_is_being_saved_is_finished(window: tuple[Session, Darkroom, Photo]) -> None:
    session, darkroom, photo = window
    session.picture_long_px = 3000
    session.act("photo")
    photo.advance(ready=True)
    scene, path, overlays, within_px = darkroom.orders[0]
    assert isinstance(scene, Scene) and (scene.image.width_px, scene.image.height_px) == (3000, 2000)
    assert within_px == (300, 200) and overlays is None and isinstance(path, Path)
    darkroom.share = 0.9
    session.act("close")
    photo.advance(ready=True)
    assert session.taking and not session.should_close and session.messages[-1].text.endswith("being saved already")
    photo.take(Print(scene, np.zeros((200, 300, 3), np.uint8), path))
    assert session.photo is not None and not session.taking and str(path) in session.messages[-1].text


def test_before_the_first_picture_and_with_an_automatic_shutter(window: tuple[Session, Darkroom, Photo]) -> None:
    session, darkroom, photo = window
    session.act("photo")
    photo.advance(ready=False)
    assert not photo.busy and session.messages[-1].text == "there is nothing to take a picture of yet"
    session.progress.clear()
    assert session.change("camera.shutter_s", "auto")
    session.act("photo")
    photo.advance(ready=True)
    assert darkroom.busy and list(session.progress) == ["taking the picture: auto, Esc cancels"]


def test_what_changes_the_view_closes_the_photograph_and_space_goes_on(
    window: tuple[Session, Darkroom, Photo], tmp_path: Path
) -> None:
    session, _, _ = window
    session.folder = tmp_path
    picture = np.zeros((20, 30, 3), np.uint8)
    for paused in (False, True):
        session.photo, session.paused = picture, paused
        session.act("pause")
        assert session.photo is None and session.paused is paused  # as it was before
    session.act("pause")
    assert session.paused is False
    for change in ("mount", "backwards", "now", "closer", "undo"):
        session.photo = picture
        session.act(change)
        assert session.photo is None, change
    session.photo = picture
    assert session.jump("2021-09-09T22:42:00Z") and session.photo is None
    session.photo = picture
    session.replace(load_scene("cupola"), "cupola")
    assert session.photo is None
    session.photo = picture
    session.act("save")
    assert session.photo is not None and "the view behind the photograph" in session.messages[-1].text
    session.photo = None
    session.act("save")
    assert session.messages[-1].text.endswith(".toml")
