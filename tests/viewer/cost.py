"""Processor time of Python for one quick picture of a moving view: `python tests/viewer/cost.py SCENE [--profile]`.

Time of the calling thread alone, so that neither other programs nor Mesa's own threads count: the building of the
picture's world and the issue of its draws at a window of 960 x 540, halved as on a slow machine. Needs no display.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import moderngl
import numpy as np

from earthlimb.renderer import Renderer
from earthlimb.scene import Scene, load_scene, resized
from earthlimb.scene.camera import Camera
from earthlimb.scene.point import Point, PointBody
from earthlimb.viewer.quick import quick_scene
from earthlimb.world import build_world

_STEP_S = 0.05
_WARM_UP = 5


def reference_ms() -> float:
    """Thread's time of a piece of work of the same kind: a thousand small steps of NumPy, 1 ms on a free machine."""
    turn, at = np.eye(3), np.array([1.0, 2.0, 3.0])
    start = time.thread_time()
    for _ in range(500):
        at = turn @ at
        at = at * 1.0
    return 1e3 * (time.thread_time() - start)


@contextmanager
def _driver_time() -> Iterator[list[float]]:
    """Seconds that the calling thread spends in GL's draws, in the list's only element."""
    spent, render = [0.0], moderngl.VertexArray.render

    def timed(self: Any, *args: Any, **kwargs: Any) -> None:
        start = time.thread_time()
        render(self, *args, **kwargs)
        spent[0] += time.thread_time() - start

    moderngl.VertexArray.render = timed  # type: ignore[method-assign]
    try:
        yield spent
    finally:
        moderngl.VertexArray.render = render  # type: ignore[method-assign]


def _turned(camera: Camera, azimuth_deg: float) -> Camera:
    point = Point(body=PointBody(azimuth_deg=azimuth_deg, elevation_deg=-22.0))
    return camera.model_copy(update={"point": point, "roll_deg": 0.0})


def moving_cost_ms(
    scene: Scene,
    n: int = 50,
    *,
    scale: float = 0.5,
    turning: bool = False,
    profile: cProfile.Profile | None = None,
) -> dict[str, float]:
    """Medians over n pictures, a twentieth of a second of flight apart, ms of the calling thread by part.

    `turning`: as if the mouse dragged the view, half a degree a picture.
    """
    wanted = resized(scene, 960, 540)
    base = former = build_world(wanted)
    samples: dict[str, list[float]] = {"scene": [], "world": [], "draw": [], "driver": []}
    reference: list[float] = []
    with Renderer() as renderer, renderer.gpu.use(), _driver_time() as spent:
        renderer.drawing.moving = True
        for i in range(_WARM_UP + n):
            if i == _WARM_UP and profile is not None:
                profile.enable()
            utc = wanted.time.utc + timedelta(seconds=_STEP_S * (i % 40))
            now = wanted.model_copy(update={"time": wanted.time.model_copy(update={"utc": utc})})
            if turning:
                now = now.model_copy(update={"camera": _turned(now.camera, 20.0 + 0.5 * i)})
            marks = [time.thread_time()]
            quick = quick_scene(now, scale, 0.05)
            marks.append(time.thread_time())
            world = build_world(quick, like=base, former=former)
            former = world
            marks.append(time.thread_time())
            spent[0] = 0.0
            renderer.photographer.draw(world, i)
            marks.append(time.thread_time())
            renderer.ctx.finish()
            marks[-1] -= spent[0]
            marks.append(marks[-1] + spent[0])
            if i >= _WARM_UP:
                reference.append(reference_ms())
                for name, start, end in zip(samples, marks, marks[1:], strict=False):
                    samples[name].append(1e3 * (end - start))
        if profile is not None:
            profile.disable()
    found = {name: statistics.median(times) for name, times in samples.items()}
    found["python"] = found["scene"] + found["world"] + found["draw"]
    found["reference"] = statistics.median(reference)
    found["python_over_reference"] = found["python"] / found["reference"]
    return {name: round(ms, 2) for name, ms in found.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("scene")
    parser.add_argument("--profile", default="")
    parser.add_argument("--turning", action="store_true")
    parser.add_argument("--scale", type=float, default=0.5)
    given = parser.parse_args()
    record = cProfile.Profile(time.thread_time) if given.profile else None
    found = moving_cost_ms(load_scene(given.scene), scale=given.scale, turning=given.turning, profile=record)
    print(json.dumps(found))
    if record is not None:
        pstats.Stats(record).sort_stats(given.profile).print_stats(70)
