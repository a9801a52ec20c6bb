"""The window's lens and the size of what it saves: the field, the wheel, the long side of pictures."""

from __future__ import annotations

import numpy as np
import pytest

from earthlimb.scene import load_scene, resized, scene_text
from earthlimb.scene.camera import MAX_PICTURE_PX
from earthlimb.viewer import look, optics
from earthlimb.viewer.panel.values import Values
from earthlimb.viewer.session import Session
from earthlimb.world import lens_of


def shown_mm(session: Session) -> float:
    return float(Values(session).at("camera.focal_mm"))


def test_the_field_shows_and_changes_the_lens_that_is_seen() -> None:
    """The photograph's scene has its lens in pixels: 793.766 of them, 35.9 mm on 1000 px, are 28.5 mm."""
    session = Session(load_scene("italy"), "italy")
    assert session.scene.camera.focal_mm == 28.0 and shown_mm(session) == pytest.approx(28.5, abs=0.01)
    assert session.change("camera.focal_mm", 85.0)
    camera = session.scene.camera
    assert camera.focal_mm == 85.0 and shown_mm(session) == pytest.approx(85.0)
    assert camera.f_px == pytest.approx(793.766434 * 85.0 / 28.49621, rel=1e-5)
    look.zoom(session, 1.0)
    assert session.scene.camera.focal_mm == pytest.approx(95.63, abs=0.01)
    assert session.scene.camera.f_px == pytest.approx(camera.f_px * session.scene.camera.focal_mm / 85.0)
    session.undo()
    session.undo()
    assert session.scene.camera.focal_mm == 28.0 and shown_mm(session) == pytest.approx(28.5, abs=0.01)
    assert not session.change("camera.focal_mm", -5.0) and not session.change("camera.focal_mm", "long")
    assert session.change("camera.f_px", None) and shown_mm(session) == 28.0
    session.change("camera.focal_mm", 50.0)
    assert session.scene.camera.f_px is None and shown_mm(session) == 50.0


@pytest.mark.parametrize("scene", ["italy", "orbit"])
@pytest.mark.parametrize("start_mm", [2.0, 8.0, 13.99, 14.0, 28.0, 399.0, 400.0, 700.0, 1500.0])
@pytest.mark.parametrize("steps", [-30.0, -1.0, -0.1, 0.1, 1.0, 30.0])
def test_a_step_never_goes_the_other_way(scene: str, start_mm: float, steps: float) -> None:
    session = Session(load_scene(scene, {"camera.focal_mm": start_mm}))
    session.change("camera.focal_mm", start_mm)
    look.zoom(session, steps)
    now_mm = optics.focal_mm_of(session.scene)
    hundredth_mm = 0.0051
    assert (now_mm - start_mm) * np.sign(steps) >= -hundredth_mm
    beyond = (start_mm <= 14.0 and steps < 0.0) or (start_mm >= 400.0 and steps > 0.0)
    assert (abs(now_mm - start_mm) <= hundredth_mm) is beyond
    assert now_mm <= max(400.0, start_mm) + hundredth_mm and now_mm >= min(14.0, start_mm) - hundredth_mm


@pytest.mark.parametrize("scene", ["italy", "cupola", "docking"])
def test_another_long_side_saves_the_same_view(scene: str) -> None:
    session = Session(load_scene(scene), size_px=(900, 600))
    seen = session.view_scene()
    assert session.picture_scene() == seen
    for long_px, size in ((3000, (3000, 2000)), (300, (300, 200))):
        session.picture_long_px = long_px
        assert session.view_scene() == seen and session.picture_size() == size
        saved = session.saved_scene()
        assert (saved.image.width_px, saved.image.height_px) == size
        assert scene_text(saved)
        here, there = lens_of(seen), lens_of(saved)
        share = np.array([0.0, 0.25, 0.5, 1.0])
        rays = [one.rays_cam(share * one.width_px, share * one.height_px) for one in (here, there)]
        assert np.abs(rays[0] - rays[1]).max() < 1e-12
    session.undo()
    assert session.messages[-1].text == "nothing to undo"


def test_the_longest_side_stays_a_picture() -> None:
    session = Session(load_scene("italy"), size_px=(1000, 1000))
    session.picture_long_px = 16384
    width, height = session.picture_size()
    assert width == height and 0.99 * MAX_PICTURE_PX < width * height <= MAX_PICTURE_PX
    assert resized(session.scene, width, height).image.width_px == width
    session.size_px = (1, 3000)
    session.picture_long_px = 16
    assert session.picture_size() == (1, 16)
    session.size_px = (0, 0)
    assert session.picture_size() == (16, 16)
