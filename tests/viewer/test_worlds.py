"""The process that works out air and maps: it sends what `build_world` makes, and never outlives the window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest

from earthlimb.errors import UsageError, WorkError
from earthlimb.passes.airglow_tables import AirglowArrays
from earthlimb.renderer.detector import far_leg_transmission
from earthlimb.scene import Scene, load_scene, resized
from earthlimb.viewer import worlds as module
from earthlimb.viewer.child import Child, write_message
from earthlimb.viewer.worlds import Worlds
from earthlimb.world import build_world
from tests.viewer.screen import environment

SCENE = resized(load_scene("italy"), 160, 107)


def later(seconds: float) -> Scene:
    time_of = SCENE.time.model_copy(update={"utc": SCENE.time.utc + timedelta(seconds=seconds)})
    return SCENE.model_copy(update={"time": time_of})


@pytest.fixture(scope="module")
def worlds() -> Iterator[Worlds]:
    made = Worlds()
    yield made
    made.release()


def test_a_world_of_parts_is_the_world(worlds: Worlds) -> None:
    calls: list[int] = []
    parts = worlds.parts(SCENE, lambda: calls.append(1))
    whole, built = build_world(SCENE), build_world(SCENE, like=parts.air)
    assert calls == [1]
    for name in ("low", "high", "low_bounds_km", "high_bounds_km", "night_only"):
        assert np.array_equal(getattr(built.emission, name), getattr(whole.emission, name)), name
    for name in ("code", "radiance_of_code", "country", "countries", "albedo_root", "row0", "col0"):
        assert np.array_equal(getattr(built.earth, name), getattr(whole.earth, name)), name
    assert np.array_equal(built.zenith_columns_rayleigh, whole.zenith_columns_rayleigh)
    assert built.composition_source == whole.composition_source
    transmission = far_leg_transmission(whole.low_atmosphere)
    arrays = AirglowArrays.of(whole.emission, transmission, None)
    assert np.array_equal(parts.airglow.transmission, arrays.transmission)
    assert np.array_equal(parts.airglow.parts["low_first"], arrays.parts["low_first"])
    assert parts.airglow.field is built.emission and parts.maps.window is built.earth


def test_what_has_not_changed_is_sent_once(worlds: Worlds) -> None:
    first = worlds.parts(SCENE)
    again = worlds.parts(SCENE)
    assert again.maps is first.maps and again.air.emission is first.air.emission
    moved = worlds.parts(later(-1.0))
    assert moved.maps is first.maps and moved.air.earth is first.air.earth
    assert not np.array_equal(moved.air.emission.low, first.air.emission.low)
    dimmed = SCENE.model_copy(update={"earth": SCENE.earth.model_copy(update={"lights": 0.5})})
    assert worlds.parts(dimmed).maps is first.maps  # factors are the drawing's
    camera = SCENE.camera.model_copy(update={"body": "nikon-d3s"})
    other = worlds.parts(SCENE.model_copy(update={"camera": camera}))
    assert not np.allclose(other.maps.direct, first.maps.direct, rtol=0.01) and other.air.earth is first.air.earth


def test_an_impossible_scene_is_told(worlds: Worlds) -> None:
    scene = load_scene("italy", {"camera.point.limb.tangent_km": 300.0, "station.max_age_days": 0.001})
    with pytest.raises(UsageError, match=r"station\.max_age_days"):
        worlds.parts(scene)
    assert worlds.parts(SCENE).air.composition_source


def test_a_killed_process_is_started_again(worlds: Worlds) -> None:
    before = worlds.parts(SCENE)
    assert worlds.pid is not None
    killed = worlds.pid
    os.kill(killed, signal.SIGKILL)
    after = worlds.parts(SCENE)
    assert worlds.pid != killed
    assert after.air.emission is not before.air.emission  # numbers of another process mean nothing to this one
    assert np.array_equal(after.air.emission.low, before.air.emission.low)


def test_a_process_that_always_ends_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []

    def broken(work: str) -> Child:
        started.append(work)
        return Child("os:getpid")

    monkeypatch.setattr(module, "Child", broken)
    with pytest.raises(WorkError, match="has ended twice: too little memory"):
        Worlds().parts(SCENE)
    assert len(started) == 2


def test_a_process_whose_answers_nobody_reads_ends_quietly() -> None:
    """As where the window's end of the answers' pipe closes before that of the orders."""
    code = "from earthlimb.viewer.child import serve; serve(lambda: None, lambda _, order, send: send(order))"
    pipe = subprocess.PIPE
    child = subprocess.Popen([sys.executable, "-c", code], env=environment(None), stdin=pipe, stdout=pipe, stderr=pipe)
    assert child.stdin is not None and child.stdout is not None and child.stderr is not None
    child.stdout.close()
    write_message(child.stdin, "order")
    assert child.wait(20.0) == 0
    assert child.stderr.read() == b""
    child.stdin.close()
    child.stderr.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc")
def test_the_process_ends_with_a_window_that_is_killed() -> None:
    code = (
        "import time; from earthlimb.viewer.worlds import Worlds; from tests.viewer.test_worlds import SCENE\n"
        "w = Worlds(); w.start(); w._child.send((SCENE, {})); print(w.pid, flush=True); time.sleep(60)"
    )
    window = subprocess.Popen(
        [sys.executable, "-c", code], env=environment(None), stdout=subprocess.PIPE, text=True, stderr=subprocess.PIPE
    )
    assert window.stdout is not None
    child = int(window.stdout.readline())
    time.sleep(1.0)
    assert running(child)
    window.kill()
    window.communicate()
    deadline = time.monotonic() + 20.0
    while running(child):
        assert time.monotonic() < deadline, "the child lives on"
        time.sleep(0.1)


def running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
