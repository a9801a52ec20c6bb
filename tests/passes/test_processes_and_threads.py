"""Renderers in other processes and threads: what works, and what is answered by one message instead of a wait."""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import moderngl
import numpy as np
import pytest

import earthlimb
from earthlimb.errors import UsageError, WorkError
from earthlimb.scene import Scene, load_scene
from tests.support.memory import living_gl_objects

SIZE = (24, 16)
_FORKS = """
import os, sys, warnings
import earthlimb
warnings.simplefilter("ignore")  # Python 3.12 on: other threads live while we fork
scene = earthlimb.load_scene("italy")

def child(call, end=os._exit):
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        return
    try:
        print(call())
    except earthlimb.errors.UsageError as error:
        print(error)
    sys.stdout.flush()
    end(0)

def rendered(renderer):
    return f"electrons {renderer.render(scene, layers=False).electrons.sum():.0f}"

def anew():
    with earthlimb.Renderer(size=(24, 16)) as renderer:
        return rendered(renderer)

child(anew)
with earthlimb.Renderer(size=(24, 16)) as renderer:
    print(rendered(renderer))
    finish = renderer.start(scene)
    for call in (lambda: rendered(renderer), lambda: renderer.start(scene), finish, anew):
        child(call)
    child(renderer.release)
    child(lambda: "ends as any process does", sys.exit)
    print(rendered(renderer))
child(anew)
"""
FORKED = "OpenGL: a forked process: its parent had opened OpenGL before"


@pytest.fixture(scope="module")
def scene() -> Scene:
    return load_scene("italy")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_fork_of_a_process_that_has_rendered_says_so_and_an_earlier_one_renders() -> None:
    done = subprocess.run([sys.executable, "-c", _FORKS], capture_output=True, text=True, timeout=120, check=True)
    before, own, *after, released, plain, again, last = done.stdout.splitlines()
    assert before == own == again and before.startswith("electrons")
    assert released == "None" and plain.startswith("ends")
    assert len(after) == 4 and all(line.startswith(FORKED) for line in (*after, last))
    assert 'get_context("spawn").Pool(2)' in last and "ProcessPoolExecutor(mp_context=" in last


def test_threads_take_turns_with_one_renderer(scene: Scene) -> None:
    """Made here, first used there, by several at once and by this one again; each frame is that of its own number."""
    with earthlimb.Renderer(size=SIZE) as renderer:
        with ThreadPoolExecutor(3) as pool:
            shared = list(pool.map(lambda n: picture(renderer, scene, n), range(4)))
        alone = [picture(renderer, scene, n) for n in range(4)]
        assert np.array_equal(shared, alone)
        assert np.array_equal(asyncio.run(asyncio.to_thread(picture, renderer, scene, 2)), alone[2])
        finish: list[Callable[[], earthlimb.Frame]] = []
        in_thread(lambda: finish.append(renderer.start(scene, frame=3)))
        assert np.array_equal(finish[0]().picture, alone[3])
        assert len({one.tobytes() for one in alone}) == 4


def test_each_thread_may_have_a_renderer_of_its_own(scene: Scene) -> None:
    def own(n: int) -> np.ndarray:
        with earthlimb.Renderer(size=SIZE) as renderer:
            return picture(renderer, scene, n)

    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(own, (4, 4)))
    assert np.array_equal(*both)


def test_a_release_waits_for_the_picture_of_another_thread(scene: Scene) -> None:
    renderer, drawing, released = earthlimb.Renderer(size=SIZE), threading.Event(), threading.Event()
    take, pictures = renderer.photographer.take, []

    def slow(*given: object, **more: object) -> object:
        drawing.set()
        assert not released.wait(0.2)
        return take(*given, **more)  # type: ignore[arg-type]

    renderer.photographer.take = slow  # type: ignore[method-assign,assignment]
    thread = threading.Thread(target=lambda: pictures.append(picture(renderer, scene, 0)))
    thread.start()
    assert drawing.wait(60.0)
    renderer.release()
    released.set()
    thread.join()
    assert len(pictures) == 1
    with pytest.raises(UsageError, match="Renderer: released"):
        renderer.render(scene)


def test_what_the_driver_refuses_is_one_of_our_errors(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with earthlimb.Renderer(size=SIZE) as renderer:

        def refuse(*given: object, **more: object) -> None:
            raise moderngl.Error("cannot create texture")

        with monkeypatch.context() as patch:
            patch.setattr(renderer.photographer, "take", refuse)
            with pytest.raises(WorkError, match=r"OpenGL: .*: cannot create texture: it needs memory for the picture"):
                renderer.render(scene)
        assert picture(renderer, scene, 0).any()  # goes on


def test_a_frame_goes_to_another_process_and_a_renderer_says_that_it_cannot(scene: Scene, tmp_path: Path) -> None:
    with earthlimb.Renderer(size=SIZE) as renderer:
        frame = renderer.render(scene, layers=False)
        with pytest.raises(UsageError, match="Renderer: it cannot go to another process"):
            pickle.dumps(renderer)
    there = pickle.loads(pickle.dumps(frame))
    for name, one in (("here", frame), ("there", there)):
        one.save(tmp_path / f"{name}.png")
    assert (tmp_path / "here.png").read_bytes() == (tmp_path / "there.png").read_bytes()


def test_a_forgotten_renderer_is_freed_before_the_next_one_and_no_sooner(scene: Scene) -> None:
    with earthlimb.Renderer(size=SIZE) as other:
        picture(other, scene, 0)
        before = living_gl_objects()
        forgotten = earthlimb.Renderer(size=SIZE)
        first, gpu = picture(forgotten, scene, 0), forgotten.gpu
        del forgotten
        gc.collect()
        assert not gpu.released  # it may have been in the middle of another one's picture
        assert np.array_equal(picture(other, scene, 0), first)
        assert gpu.released and living_gl_objects() == before


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
def test_ctrl_c_in_the_middle_leaves_a_renderer_that_goes_on(scene: Scene) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    former = signal.signal(signal.SIGALRM, interrupt)
    try:
        with earthlimb.Renderer(size=SIZE) as renderer:
            begin = time.perf_counter()
            wanted = picture(renderer, scene, 0)
            took_s = time.perf_counter() - begin
            interrupted = 0
            for share in (0.1, 0.4, 0.7):
                begun = scene.model_copy(update={"seed": 1})
                try:
                    signal.setitimer(signal.ITIMER_REAL, share * took_s)
                    picture(renderer, begun, 0)
                    signal.setitimer(signal.ITIMER_REAL, 0.0)
                except KeyboardInterrupt:
                    interrupted += 1
                assert np.array_equal(picture(renderer, scene, 0), wanted)
            assert interrupted
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, former)


def in_thread(call: Callable[[], None]) -> None:
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()


def picture(renderer: earthlimb.Renderer, scene: Scene, frame: int) -> np.ndarray:
    found = renderer.render(scene, layers=False, stage="developed", frame=frame).picture
    assert found is not None
    return found
