"""The renderer's own checks of what Python code gives it: one message at the call, as on the command line."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import earthlimb
from earthlimb.errors import UsageError
from earthlimb.scene import Scene, load_scene


@pytest.fixture(scope="module")
def scene() -> Scene:
    return load_scene("cupola")


@pytest.mark.parametrize(
    ("size", "says"),
    [
        ((10.5, 20), "Renderer: size = (10.5, 20): two whole numbers of pixels, (width, height), are wanted: write"),
        ("96x64", "Renderer: size = '96x64': two whole numbers of pixels"),
        (96, "Renderer: size = 96: two whole"),
        ((96, 64, 3), "two whole numbers"),
        ((True, 64), "two whole numbers"),
        ((float("nan"), 64), "two whole numbers"),
        ((0, 64), "size: 0x64: 1 to 16384 pixels a side and at most 100 megapixels are allowed: choose another size"),
        ((16384, 16384), "size: 16384x16384: 1 to 16384 pixels a side"),
    ],
)
def test_a_size_that_no_picture_has_is_refused_at_once(size: Any, says: str) -> None:
    with pytest.raises(UsageError) as raised:
        earthlimb.Renderer(size=size)
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("device", "says"),
    [
        (None, "device: None: must be auto, egl:N, native or window"),
        ("cuda", "device: cuda: must be auto, egl:N, native or window: leave it out"),
        ("egl:77", "device: egl:77: "),
        (
            "window",
            "device: window: .*: it draws in a window's own OpenGL 4.1 context, .*: open the window first, or leave",
        ),
    ],
)
def test_a_device_that_is_none_is_refused(device: Any, says: str) -> None:
    # in a thread of its own, where no other test has left a context current
    with ThreadPoolExecutor(1) as pool, pytest.raises(UsageError, match=f"^{says}") as raised:
        pool.submit(earthlimb.Renderer, device=device).result()
    assert "--" not in str(raised.value) and "driver" not in str(raised.value)


def test_a_frame_is_one_line_in_a_notebook(scene: Scene) -> None:
    with earthlimb.Renderer(size=(12, 8)) as renderer:
        frame = renderer.render(scene, layers=False)
    assert repr(frame).startswith("<Frame 12 x 8 px, 20") and repr(frame).endswith("Z: electrons, picture>")
    assert repr(frame.world).startswith("<WorldState 20") and repr(frame.world).count("\n") == 0


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (
            lambda r, s: r.render(s, stage="foo"),
            "render: stage = 'foo': not a stage: allowed are linear, sensor, developed: choose one of these",
        ),
        (lambda r, s: r.render(s, stage="sensors"), "did you mean sensor?"),
        (lambda r, s: r.render(s, stage=3), "render: stage = 3: not a stage"),
        (lambda r, s: r.render(s, frame=-1), "render: frame = -1: a whole number from 0 on is wanted: change it"),
        (lambda r, s: r.render(s, frame=1.5), "render: frame = 1.5: a whole number"),
        (lambda r, s: r.start(s, frame="1"), "render: frame = '1': a whole number"),
        (lambda r, s: r.render("cupola"), "render: 'cupola': no scene: a Scene is wanted: load it, earthlimb.load_"),
    ],
)
def test_a_wrong_call_is_answered(scene: Scene, call: Callable[[earthlimb.Renderer, Scene], Any], says: str) -> None:
    with earthlimb.Renderer(size=np.array([12, 8])) as renderer, pytest.raises(UsageError) as raised:  # type: ignore[arg-type]
        call(renderer, scene)
    assert says in str(raised.value)


def test_a_released_renderer_says_so(scene: Scene) -> None:
    with earthlimb.Renderer(size=(12, 8)) as renderer:
        frame = renderer.render(scene, layers=False, stage="developed", frame=np.int64(2))  # type: ignore[arg-type]
        assert frame.picture is not None and frame.picture.shape == (8, 12, 3)
    renderer.release()  # once more does nothing
    for call in (renderer.render, renderer.start):
        with pytest.raises(UsageError, match=r"Renderer: released: it renders before release\(\) and"):
            call(scene)
