"""A scene with a timeline in a real window: it runs, is saved and goes on; a drag replaces keys, U brings them back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from earthlimb.renderer import Renderer
from earthlimb.scene import Scene, load_scene, resized
from earthlimb.viewer import actions
from earthlimb.viewer.session import Session
from earthlimb.viewer.timeline import keyed_paths
from earthlimb.world.timeline import Timeline
from tests.viewer.screen import Person, earthlimb, picture

WIDTH, HEIGHT = 240, 160
# what is carried from second to second, and through angles: 1e-11 rad are 1e-8 px, and a point of light is 1 px wide
FAR_BELOW_THE_NOISE = 1e-4
SCENE = """
[time]
utc = "2021-09-09T22:42:00Z"
[station]
frame = "lvlh"
[camera]
mount = "free"
shutter_s = 0.1
point.body = { azimuth_deg = 20.0, elevation_deg = -22.0 }
[video]
duration_s = 400.0
interval_s = 1.0
[[video.key]]
at_s = 0.0
camera = { focal_mm = 24.0, iso = 6400.0, point.body.azimuth_deg = 20.0 }
airglow.oi558 = 1.0
earth.lights = 1.0
station.pitch_deg = 0.0
[[video.key]]
at_s = 400.0
camera = { focal_mm = 60.0, iso = 12800.0, point.body.azimuth_deg = 80.0 }
airglow.oi558 = 6.0
earth.lights = 0.2
station.pitch_deg = 15.0
"""


class Watcher(Person):
    """Someone at the window of SCENE."""

    def __init__(self, display: str, folder: Path) -> None:
        (folder / "keyed.toml").write_text(SCENE, encoding="utf-8")
        super().__init__(display, folder, "keyed.toml", "--size", f"{WIDTH}x{HEIGHT}")
        self.folder, self.n_saved = folder, 0

    def saves(self) -> Scene:
        """What S writes."""
        self.does("key", "s")
        self.n_saved += 1
        deadline = time.monotonic() + 30.0
        while len(list(self.folder.glob("keyed-*.toml"))) < self.n_saved:
            assert time.monotonic() < deadline and self.process.poll() is None
            time.sleep(0.1)
        self.path = max(self.folder.glob("keyed-*.toml"), key=lambda path: path.stat().st_mtime_ns)
        return load_scene(self.path)

    def runs(self, seconds: float) -> Scene:
        """Time runs for a while, then stands; what is saved then."""
        self.does("key", "space")
        time.sleep(seconds)
        self.does("key", "space")
        return self.saves()


@pytest.fixture
def watcher(display: str, tmp_path: Path) -> Iterator[Watcher]:
    one = Watcher(display, tmp_path)
    yield one
    one.process.kill()


@pytest.mark.long
def test_a_timeline_runs_is_dragged_undone_saved_and_rendered(watcher: Watcher) -> None:
    window = watcher.waits_for_the_window()
    watcher.does("mousemove", "60", "40", "key", "Tab", "key", "space")
    watcher.waits_for_the_exact_picture(window)
    watcher.does("key", "period", "key", "period", "key", "period")  # ten times the pace
    first, deadline = watcher.runs(1.5), time.monotonic() + 90.0
    begin_s = first.video.begin_s
    assert begin_s > 0.0 and 24.0 < first.camera.focal_mm < 60.0 and keyed_paths(first) == keyed_paths(load(watcher))
    watcher.does("mousedown", "1", "mousemove_relative", "--", "-20", "-8", "mouseup", "1")
    time.sleep(0.5)
    dragged = watcher.saves()
    assert keyed_paths(first) - keyed_paths(dragged) == {"camera.point.body.azimuth_deg"}
    after = watcher.runs(1.0)
    body, held = after.camera.point.body, dragged.camera.point.body
    assert body is not None and held is not None and body.azimuth_deg == held.azimuth_deg
    assert after.camera.iso > dragged.camera.iso
    watcher.does("key", "u", "key", "period", "key", "period", "key", "b", "key", "space")  # 60 s a second, backwards
    while (early := watcher.runs(1.0)).video.begin_s > 0.0:
        assert time.monotonic() < deadline
    assert early.camera.focal_mm == 24.0 and keyed_paths(early) == keyed_paths(first)
    watcher.does("key", "b", "key", "space")
    while (later := watcher.runs(1.0)).video.begin_s < 5.0:
        assert time.monotonic() < deadline
    assert 24.0 < later.camera.focal_mm < 60.0
    watcher.waits_for_the_exact_picture(window)
    done = earthlimb("render", str(watcher.path), "-o", "r.png", cwd=watcher.folder)
    assert done.returncode == 0, done.stderr
    rendered = picture(watcher.folder / "r.png")
    assert np.array_equal(watcher.sees_at_last(rendered), rendered) and rendered.std() > 5.0
    watcher.does("key", "q")
    assert watcher.ends() == (0, "")


def load(watcher: Watcher) -> Scene:
    return load_scene(watcher.folder / "keyed.toml")


def test_the_pictures_of_a_saved_scene_are_those_of_its_original(tmp_path: Path) -> None:
    """In linear light, as the noise of exposure 0 is not that of exposure 120."""
    (tmp_path / "keyed.toml").write_text(SCENE, encoding="utf-8")
    scene = resized(load_scene(tmp_path / "keyed.toml"), 90, 60)
    timeline, session = Timeline(scene), Session(scene, size_px=(90, 60), folder=tmp_path)
    session.step(120.0)
    actions.save_scene(session)
    rest = Timeline(load_scene(next(tmp_path.glob("scene-*.toml"))))
    with Renderer() as renderer:
        seen, wanted, other = (
            renderer.render(one, layers=True, stage="linear").rgb_linear
            for one in (rest.scene_at(150), timeline.scene_at(270), timeline.scene_at(271))
        )
    assert seen is not None and wanted is not None and other is not None and wanted.max() > 0.0
    assert seen == pytest.approx(wanted, abs=FAR_BELOW_THE_NOISE * float(wanted.max()))
    assert np.abs(other - wanted).max() > 100.0 * FAR_BELOW_THE_NOISE * float(wanted.max())
