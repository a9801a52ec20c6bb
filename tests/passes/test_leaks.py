"""Renderers free what they made; renders in one process do not pile up; two processes do not disturb each other.

The long versions (50 renderers that took a picture, 500 renders with their worlds) are in tests/long.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import earthlimb.renderer.renderer as module
from earthlimb.renderer import Renderer
from earthlimb.scene import load_scene, resized
from earthlimb.world import build_world
from tests.support.memory import living_gl_objects, resident_mb

MAPS_MB = 60.0
"""A world's maps and tables take some 30 MB on the CPU and again in a software driver."""


def tiny(seconds: int = 0):  # type: ignore[no-untyped-def]
    return resized(load_scene("italy", {"time.utc": f"2021-09-09T22:42:{40 + seconds}Z"}), 24, 16)


@pytest.mark.long
def test_closed_renderers_leave_nothing() -> None:
    before = living_gl_objects()
    world = build_world(tiny())
    rss_mb = []
    for _ in range(8):
        with Renderer() as renderer, renderer.gpu.use():
            renderer.photographer.take(world, 0, keep_electrons=True)
            assert sum(living_gl_objects().values()) > sum(before.values()) + 30  # the count sees them
        assert living_gl_objects() == before
        rss_mb.append(resident_mb())
    # the median: driver and allocator jump once now and then, a leak grows with every renderer (its maps hold 60 MB)
    assert np.median(np.diff(rss_mb[3:])) < 2.0


def test_fifty_renderers_that_did_nothing() -> None:
    before = living_gl_objects()
    for _ in range(50):
        Renderer().release()
    assert living_gl_objects() == before


@pytest.mark.long
def test_sixty_renders_do_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two worlds in turn, twelve frames each: every change uploads tables and maps anew."""
    scenes = [tiny(0), tiny(5)]
    worlds = {scene.time.utc: build_world(scene) for scene in scenes}
    monkeypatch.setattr(module, "build_world", lambda scene, **_: worlds[scene.time.utc])
    rss_mb, living = [], []
    with Renderer() as renderer:
        for i in range(60):
            renderer.render(scenes[i // 12 % 2], frame=i)
            rss_mb.append(resident_mb())
            if i % 10 == 9:
                living.append(living_gl_objects())
    assert all(count == living[0] for count in living)
    assert min(rss_mb[36:]) - min(rss_mb[12:36]) < MAPS_MB


def test_two_renderers_at_once() -> None:
    """Each keeps to its own context, also when the other was made later or is closed first."""
    other = resized(load_scene("coasts"), 20, 14)
    first = Renderer()
    alone = first.render(tiny())
    with Renderer() as second:
        theirs = second.render(other)
        again = first.render(tiny())
        assert np.array_equal(second.render(other).picture, theirs.picture)
    last = first.render(tiny())
    first.release()
    for frame in (again, last):
        assert np.array_equal(frame.picture, alone.picture)
        assert np.array_equal(frame.rgb_linear, alone.rgb_linear)
    assert alone.picture.any()


def test_two_processes_at_once(tmp_path: Path) -> None:
    outs = [tmp_path / name for name in ("a.exr", "b.exr")]
    command = [sys.executable, "-m", "earthlimb", "render", "italy", "--size", "60x40", "--quiet", "-o"]
    started = [subprocess.Popen([*command, str(out)], stderr=subprocess.PIPE, text=True) for out in outs]
    for process in started:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    assert outs[0].read_bytes() == outs[1].read_bytes()
