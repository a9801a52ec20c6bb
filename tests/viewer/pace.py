"""Run the window for some seconds in this process and print how smoothly it ran: `python tests/viewer/pace.py RATE S`.

One line of JSON: pictures drawn a second while time passes, the longest time between two frames after the first
two pictures (which compile the shaders), and processor time of the window's thread, which other work on the machine
does not lengthen: with LP_NUM_THREADS=0 Mesa draws in that thread. Needs a display.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np

from earthlimb.scene import load_scene
from earthlimb.viewer import app
from earthlimb.viewer.frames import Frames
from earthlimb.viewer.session import Session
from earthlimb.viewer.window import Window


def main(rate: float, seconds: float, size: tuple[int, int] = (960, 540)) -> None:
    times_s: list[float] = []
    drawn_s: list[float] = []
    drawing_s, loading_s = [0.0], [0.0]
    window = Window(size, "earthlimb", fit=False)
    session = Session(load_scene("italy"), "italy", size_px=window.size_px)
    session.rate = rate
    advance, show = Frames.advance, Frames.show

    def timed_advance(frames: Any) -> bool:
        start = time.thread_time()
        drew = advance(frames)
        if len(drawn_s) > 1:
            (drawing_s if drew else loading_s).append(time.thread_time() - start)
        if drew:
            drawn_s.append(time.perf_counter())
        session.should_close = len(drawn_s) > 2 and time.perf_counter() > drawn_s[1] + seconds
        return drew

    def timed_show(frames: Any) -> None:
        show(frames)
        times_s.append(time.perf_counter())

    Frames.advance, Frames.show = timed_advance, timed_show  # type: ignore[method-assign]
    try:
        app._run(window, session, None, None)
    finally:
        window.release()
    gaps_s = np.diff([t for t in times_s if t > drawn_s[1]])
    drawn = [t for t in drawn_s if t > drawn_s[1]]
    result = {
        "pictures_a_second": round(len(drawn) / (drawn[-1] - drawn_s[1]), 2),
        "median_gap_ms": round(1e3 * float(np.median(gaps_s)), 1),
        "longest_gaps_ms": [round(1e3 * float(gap)) for gap in np.sort(gaps_s)[:-6:-1]],
        "processor_ms_a_picture": round(1e3 * float(np.median(drawing_s[1:] or [0.0])), 1),
        "processor_ms_longest": [round(1e3 * max(times)) for times in (drawing_s, loading_s)],
        "scale": session.quality.scale,
        "device": session.device,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main(float(sys.argv[1]), float(sys.argv[2]))
