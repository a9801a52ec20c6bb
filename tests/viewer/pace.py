"""Run the window for some seconds in this process and print how smoothly it ran, as one line of JSON.

`python -m tests.viewer.pace [RATE [SECONDS]] [--scene NAME] [--size WxH] [--no-vsync] [--headless] [--no-panel]
[--drag PX] [--vary PATH] [--card MS]`

Pictures drawn a second while time passes; the times between two frames after the first two pictures (which compile
the shaders) as percentiles, and against the 16.7 ms of a screen with 60 Hz: `late` frames came more than 1 ms after
their refresh, `refreshes_missed` is how many refreshes showed an old picture. `start` is of the time before.
Processor time is of the window's thread (`a_picture`: of drawing one, `a_frame`: of everything), which other work on
the machine does not lengthen: with LP_NUM_THREADS=0 Mesa draws in that thread. Needs a display, such as xvfb-run's, or
`--headless`: a context without any, on any driver's EGL.
With GALLIUM_NOOP=1 and `--headless` Mesa draws nothing: then the pace is what Python and the driver's front end allow,
however quick the card; `--card MS` puts a model of one in its place that takes so long for a million pixels, and 1 ms
more, and a screen of 60 Hz.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from typing import Any

import numpy as np

from earthlimb.scene import load_scene
from earthlimb.viewer import app
from earthlimb.viewer.frames import Frames
from earthlimb.viewer.input import Input
from earthlimb.viewer.session import Session
from earthlimb.viewer.window import Window
from earthlimb.viewer.worlds import Worlds
from tests.viewer.cost import reference_ms
from tests.viewer.headless import Headless, without_display
from tests.viewer.model_card import REFRESH_S, ModelCard

_LATE_S = 0.001


def main(
    rate: float,
    seconds: float,
    scene: str = "italy",
    size: tuple[int, int] = (960, 540),
    *,
    vsync: bool = True,
    headless: bool = False,
    panel: bool = True,
    drag_px: float = 0.0,
    vary: str = "",
    card_ms: float | None = None,
) -> dict[str, Any]:
    """Run it; what is printed."""
    begin_s = time.perf_counter()
    worlds = Worlds()
    worlds.start()
    times_s: list[float] = [begin_s]
    own_s: list[float] = []
    drawn_s: list[float] = []
    drawing_s, loading_s = [0.0], [0.0]
    if headless:
        without_display(None if card_ms is None else ModelCard(1.0, card_ms))
    window: Any = Headless(size) if headless else Window(size, "earthlimb", fit=False)
    if not vsync and not headless:
        window.glfw.swap_interval(0)
    session = Session(load_scene(scene), scene, size_px=window.size_px)
    session.rate, session.panel_shown = rate, panel
    advance, show, apply = Frames.advance, Frames.show, Input.apply

    def timed_advance(frames: Any) -> bool:
        start, before = time.thread_time(), frames._live.n_drawn
        drew = advance(frames)
        if len(drawn_s) > 1:
            (drawing_s if drew else loading_s).append(time.thread_time() - start)
        if frames._live.n_drawn > before:
            drawn_s.append(time.perf_counter())
        session.should_close = len(drawn_s) > 2 and time.perf_counter() > drawn_s[1] + seconds
        return drew

    def timed_show(frames: Any) -> None:
        show(frames)
        times_s.append(time.perf_counter())
        if len(drawn_s) > 1:
            own_s.append(time.thread_time())

    def dragged_apply(given: Any, passed_s: float) -> None:
        if drag_px:
            given._pulls.append(((400.0, 270.0), (400.0 + drag_px, 270.0)))
        if vary and session.world is not None:
            session.change(vary, 1.0 + 0.5 * math.sin(4.0 * time.perf_counter()))
        apply(given, passed_s)

    Frames.advance, Frames.show, Input.apply = timed_advance, timed_show, dragged_apply  # type: ignore[method-assign]
    try:
        app._run(window, session, None, None, worlds)
    finally:
        window.release()
        Frames.advance, Frames.show, Input.apply = advance, show, apply  # type: ignore[method-assign]
    gaps_s = np.diff([t for t in times_s if t > drawn_s[1]])
    start_s = np.diff([t for t in times_s if t <= drawn_s[1] + 0.5])
    drawn = [t for t in drawn_s if t > drawn_s[1]]
    between_s = np.diff(drawn)
    return {
        "scene": scene,
        "size_px": list(size),
        "rate": rate,
        "drag_px": drag_px,
        "vary": vary,
        "card_ms_a_mpx": card_ms,
        "vsync": vsync and not headless,
        "pictures_a_second": round(len(drawn) / (drawn[-1] - drawn_s[1]), 2),
        "gap_ms": _percentiles(gaps_s),
        "picture_gap_ms": _percentiles(between_s),
        "longest_gaps_ms": [round(1e3 * float(gap)) for gap in np.sort(gaps_s)[:-6:-1]],
        "over_100_ms": int(np.sum(gaps_s > 0.1)),
        "frames": len(gaps_s),
        "late": int(np.sum(gaps_s > REFRESH_S + _LATE_S)),
        "refreshes_missed": int(np.sum(np.maximum(np.ceil((gaps_s - _LATE_S) / REFRESH_S) - 1.0, 0.0))),
        "processor_ms_a_picture": round(1e3 * float(np.median(drawing_s[1:] or [0.0])), 1),
        "processor_ms_a_frame": round(1e3 * float(np.median(np.diff(own_s))), 1),
        "reference_ms": round(float(np.median([reference_ms() for _ in range(9)])), 2),
        "processor_ms_longest": [round(1e3 * max(times)) for times in (drawing_s, loading_s)],
        "start": {
            "first_picture_s": round(drawn_s[0] - begin_s, 2),
            "longest_gaps_ms": [round(1e3 * float(gap)) for gap in np.sort(start_s[1:])[:-6:-1]],
        },
        "scale": session.quality.scale,
        "frame_ms": round(session.quality.frame_ms, 1),
        "device": session.device,
    }


def _percentiles(gaps_s: Any) -> dict[str, float]:
    return {
        **{f"p{share}": round(1e3 * float(np.percentile(gaps_s, share)), 1) for share in (50, 95, 99)},
        "max": round(1e3 * float(gaps_s.max()), 1),
    }


def _arguments() -> argparse.Namespace:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("rate", type=float, nargs="?", default=1.0, help="simulated seconds a second")
    words.add_argument("seconds", type=float, nargs="?", default=15.0)
    words.add_argument("--scene", default="italy")
    words.add_argument("--size", default="960x540")
    words.add_argument("--no-vsync", action="store_true")
    words.add_argument("--headless", action="store_true")
    words.add_argument("--no-panel", action="store_true")
    words.add_argument("--drag", type=float, default=0.0, help="turn the view by so many pixels in every frame")
    words.add_argument("--vary", default="", help="a number of the scene that a slider moves in every frame")
    words.add_argument("--card", type=float, help="ms a million pixels of a model card; with --headless")
    return words.parse_args()


if __name__ == "__main__":
    given = _arguments()
    wide, high = (int(side) for side in given.size.split("x"))
    found = main(
        given.rate,
        given.seconds,
        given.scene,
        (wide, high),
        vsync=not given.no_vsync,
        headless=given.headless,
        panel=not given.no_panel,
        drag_px=given.drag,
        vary=given.vary,
        card_ms=given.card,
    )
    print(json.dumps(found))
