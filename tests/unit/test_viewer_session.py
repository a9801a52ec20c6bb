"""The window's session: changes, undo, refusals, time; and the free camera's turns."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from earthlimb.errors import UsageError
from earthlimb.scene import load_scene
from earthlimb.viewer.orientation import turned
from earthlimb.viewer.session import Session


@pytest.fixture
def session() -> Session:
    return Session(load_scene("italy"), "italy")


def test_a_change_is_validated_by_the_schema(session: Session) -> None:
    assert session.change("camera.iso", 800)
    assert session.scene.camera.iso == 800.0
    assert not session.change("camera.iso", -5)
    assert session.scene.camera.iso == 800.0
    assert "camera.iso = -5: must be 50 to 3300000" in session.messages[-1].text
    assert not session.change("camera.isoo", 5)
    assert "did you mean camera.iso?" in session.messages[-1].text


def test_the_focal_length_moves_a_lens_in_pixels(session: Session) -> None:
    """As the wheel does: 50 mm on 35.9 mm and 1000 px are 1392.76 px."""
    assert session.change("camera.focal_mm", 50.0)
    camera = session.scene.camera
    assert camera.focal_mm == 50.0 and camera.f_px == pytest.approx(1392.758, abs=1e-3)
    assert session.scene.notes == ()
    assert not session.change("camera.focal_mm", -5.0)
    assert "camera.focal_mm = -5.0: must be 1 to 2000" in session.messages[-1].text


def test_undo_takes_values_back_and_leaves_the_time(session: Session) -> None:
    before = session.scene
    session.change("camera.iso", 800)
    session.change("airglow.oh", 2.0)
    session.step(10.0)
    session.undo()
    assert (session.scene.camera.iso, session.scene.airglow.oh) == (800.0, before.airglow.oh)
    session.undo()
    assert session.scene.camera.model_copy(update={"point": None}) == before.camera.model_copy(update={"point": None})
    assert session.scene.camera.point != before.camera.point  # the free camera has turned with the station meanwhile
    assert session.utc - before.time.utc == timedelta(seconds=10)
    session.undo()
    assert session.messages[-1].text == "nothing to undo"


def test_an_impossible_world_goes_back_to_the_last_one(session: Session) -> None:
    before = session.scene
    assert session.jump("2031-01-01T00:00:00Z")
    session.refuse(UsageError("elements too old"))
    assert session.scene == before and session.paused
    assert session.messages[-1].kind == "error"


def test_rates_step_along_a_ladder_in_both_directions(session: Session) -> None:
    session.faster()
    assert session.rate == 2.0
    session.rate = -session.rate
    session.faster()
    assert session.rate == -5.0
    for _ in range(20):
        session.slower()
    assert session.rate == -1.0
    for _ in range(20):
        session.faster()
    assert session.rate == -600.0


def test_a_turn_follows_the_right_hand_rule_and_stays_orthonormal() -> None:
    axes = np.eye(3)
    axis = np.array([1.0, 2.0, -2.0]) / 3.0
    for _ in range(360):
        axes = turned(axes, axis, np.pi / 180.0)
        assert np.abs(axes @ axes.T - np.eye(3)).max() < 1e-12
    assert np.abs(axes - np.eye(3)).max() < 1e-10  # once around
    # Rodrigues for one turn
    quarter = turned(np.eye(3), np.array([0.0, 1.0, 0.0]), np.pi / 2)
    assert np.allclose(quarter[2], [1.0, 0.0, 0.0])


def test_undo_of_a_whole_scene_brings_back_its_time_and_name(session: Session) -> None:
    italy = session.scene
    session.change("camera.iso", 800)
    session.replace(load_scene("milky-way"), "milky-way")
    assert session.name == "milky-way" and "milky" in session.title.lower()
    session.change("camera.iso", 3200)
    session.step(60.0)
    session.undo()  # the value, time stays
    assert (session.name, session.scene.title) == ("milky-way", load_scene("milky-way").title)
    assert session.utc - load_scene("milky-way").time.utc == timedelta(seconds=60)
    session.undo()  # the scene
    assert (session.name, session.utc, session.scene.camera.iso) == ("italy", italy.time.utc, 800.0)
    assert session.title == f"earthlimb: {italy.title}" and not session.messages
    session.undo()
    assert session.scene == italy
    session.undo()
    assert [m.text for m in session.messages] == ["nothing to undo"]


def test_a_refused_scene_leaves_name_and_history_as_they_were(session: Session) -> None:
    session.change("camera.iso", 800)
    session.accept(None)  # type: ignore[arg-type]
    before = session.scene
    session.replace(load_scene("milky-way", {"time.utc": "2031-01-01T00:00:00Z"}), "milky-way")
    session.refuse(UsageError("elements too old"))
    assert (session.scene, session.name) == (before, "italy")
    session.undo()
    assert session.scene.camera.iso == load_scene("italy").camera.iso


def test_a_value_that_came_back_by_itself_is_no_step(session: Session) -> None:
    iso = session.scene.camera.iso
    session.change("airglow.oh", 2.0)
    session.change("camera.iso", 800)
    session.change("camera.iso", iso)  # the same drag
    session.undo()
    assert session.scene.airglow.oh == load_scene("italy").airglow.oh
