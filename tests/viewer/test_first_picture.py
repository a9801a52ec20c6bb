"""What keeps the window alive: programs compiled a few in a frame, once by another process, and what a card costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import moderngl
import numpy as np
import pytest

from earthlimb.renderer import Renderer
from earthlimb.scene import load_scene, resized
from earthlimb.viewer import canvas
from earthlimb.viewer import kiln as module
from earthlimb.viewer.canvas import Unfinished
from earthlimb.viewer.gpu_clock import IN_FLIGHT, GpuClock
from earthlimb.viewer.kiln import Kiln, mark_of
from earthlimb.viewer.quality import Quality
from earthlimb.viewer.quick import quick_scene
from earthlimb.world import build_world
from tests.viewer.headless import current_renderer

SCENE = resized(load_scene("cupola"), 192, 128)


def test_a_picture_that_is_put_off_at_every_program_is_the_same_picture() -> None:
    world = build_world(quick_scene(SCENE, 1.0, 0.1))
    with Renderer() as renderer, renderer.gpu.use():
        shaders, compiled, frames = renderer.shaders, 0, 0
        renderer.drawing.moving = True

        def one_a_frame() -> None:
            nonlocal compiled
            compiled += 1
            if compiled > 1:
                raise Unfinished

        shaders.before_compile = one_a_frame
        while True:
            compiled, frames = 0, frames + 1
            try:
                by_and_by = renderer.photographer.draw(world).read_picture()
                break
            except Unfinished:
                renderer.ctx.disable(moderngl.BLEND)
        assert frames > 8
    with Renderer() as renderer, renderer.gpu.use():
        renderer.drawing.moving = True
        at_once = renderer.photographer.draw(world).read_picture()
    assert np.array_equal(by_and_by, at_once) and at_once.std() > 0.01


def test_counting_electrons_leaves_the_window_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """The panel asks for the histogram while it is built: its triangles must not go where electrons were exposed."""
    monkeypatch.setattr(canvas, "Renderer", current_renderer)
    monkeypatch.setattr(canvas, "_PATIENCE_S", 600.0)
    monkeypatch.setattr(canvas, "_PIECE_S", 600.0)
    window = canvas.Canvas()
    window.screen = window.ctx.framebuffer([window.ctx.texture((192, 128), 4)])
    window.draw(build_world(quick_scene(SCENE, 1.0, 0.1)), 0)
    window.show(192, 128)
    assert window.read_statistics() is not None
    assert window.ctx.fbo is window.screen
    with window.ctx:
        window.draw(build_world(quick_scene(SCENE, 1.0, 0.1)), 1, moving=True)
    at_once = window.read_statistics()
    with window.ctx:
        counting = window.start_statistics()
        window.draw(build_world(quick_scene(SCENE, 0.5, 0.1)), 2, moving=True)  # what travels is the picture before
        assert at_once is not None and counting is not None
        later = counting.finish()
    assert np.array_equal(later.counts, at_once.counts) and later.median_e == at_once.median_e
    window.release()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """A cache folder of our own, and the processes that would have been started."""
    asked: list[str] = []

    class Asked:
        def __init__(self, work: str, niceness: int) -> None:
            asked.append(work)

        def send(self, order: object) -> None: ...

        def receive(self) -> object:
            raise EOFError

        def release(self) -> None: ...

    monkeypatch.setattr(module, "Child", Asked)
    monkeypatch.setattr(module, "cache_folder", lambda: tmp_path / "cache" / "earthlimb")
    yield asked


def test_shaders_are_compiled_by_another_process_until_that_is_marked(started: list[str]) -> None:
    waiting = Kiln("a driver", SCENE)
    assert started == ["earthlimb.viewer.kiln:work"]
    deadline = time.monotonic() + 5.0
    while waiting.wait():  # a process that ends without its work holds nothing up
        assert time.monotonic() < deadline
    mark_of("a driver").touch()
    assert not Kiln("a driver", SCENE).wait() and len(started) == 1
    Kiln("another driver", SCENE)
    assert len(started) == 2


def test_a_user_without_a_cache_folder_does_not_wait(started: list[str], tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a folder", encoding="utf-8")
    assert not Kiln("a driver", SCENE).wait() and started == []


@pytest.mark.long
def test_the_process_compiles_and_leaves_its_mark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "cache_folder", lambda: tmp_path / "earthlimb")
    kiln, deadline = Kiln("a driver", SCENE), time.monotonic() + 300.0
    while not mark_of("a driver").exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert not kiln.wait() and kiln.share == 1.0
    kiln.release()


def test_a_cards_times_come_late_and_in_order() -> None:
    with Renderer() as renderer, renderer.gpu.use():
        clock = GpuClock(renderer.ctx)
        target = renderer.ctx.framebuffer([texture := renderer.ctx.texture((64, 64), 4)])
        taken: list[float] = []
        for frame in range(3 * IN_FLIGHT):
            with clock.timed(float(frame)):
                target.use()
                target.clear(1.0)
            known = clock.taken()
            assert all(ms >= 0.0 for _, ms in known)
            taken += [tag for tag, _ in known]
        assert taken == [float(frame) for frame in range(2 * IN_FLIGHT)]
        target.release()
        texture.release()


def test_a_card_that_waits_for_its_commands_draws_finer() -> None:
    quality = Quality()
    for _ in range(60):
        quality.drawn_on_card(14.0, submit_ms=14.0)  # the processor's time, whatever the size
    assert quality.scale == 1.0


def test_a_card_that_is_too_slow_draws_coarser_and_does_not_flicker() -> None:
    quality, scales = Quality(), []
    for _ in range(500):
        quality.drawn_on_card(40.0 * quality.scale**2, submit_ms=2.0)
        scales.append(quality.scale)
    assert scales[-1] == 0.5 and len(set(scales[60:])) == 1
    quality, scales = Quality(), []
    for _ in range(500):
        quality.drawn_on_card(60.0 * quality.scale, submit_ms=2.0)  # less than the pixels: the step up may fail
        scales.append(quality.scale)
    assert sum(a != b for a, b in pairwise(scales)) <= 4
