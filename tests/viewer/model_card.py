"""A model of a graphics card and its screen, for Mesa's driver that draws nothing (GALLIUM_NOOP=1).

The card does one picture after another: it begins with the first command, when it is free, and ends no sooner than
the last command came. The screen shows 60 pictures a second; with two buffers, a swap waits until the former picture
is on the screen. So the window meets what a card does to it: times that come late, and swaps that wait.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

from earthlimb.viewer.gpu_clock import IN_FLIGHT

REFRESH_S = 1.0 / 60.0


class ModelCard:
    """Stands for `GpuClock` and for the swap of buffers.

    Parameters
    ----------
    fixed_ms, ms_a_mpx : a picture keeps the card busy for so long, and longer for each million pixels
    """

    def __init__(self, fixed_ms: float, ms_a_mpx: float) -> None:
        self._fixed_ms, self._ms_a_mpx = fixed_ms, ms_a_mpx
        self._free_s = self._shown_s = 0.0
        self._times_ms: list[tuple[float, float]] = []
        self.size_px = (0, 0)

    @contextmanager
    def timed(self, tag: float) -> Iterator[None]:
        """As the clock's: the card is busy for what is drawn inside."""
        begin_s = time.perf_counter()
        yield
        start_s = max(begin_s, self._free_s)
        work_ms = self._fixed_ms + self._ms_a_mpx * math.prod(self.size_px) * 1e-6
        self._free_s = max(time.perf_counter(), start_s + 1e-3 * work_ms)
        self._times_ms.append((tag, 1e3 * (self._free_s - start_s)))

    def taken(self) -> list[tuple[float, float]]:
        """As the clock's: times of the pictures before the last ones."""
        known, self._times_ms = self._times_ms[:-IN_FLIGHT], self._times_ms[-IN_FLIGHT:]
        return known

    def swap(self) -> None:
        """Wait until the former picture is on the screen; this one follows when the card has it."""
        time.sleep(max(self._shown_s - time.perf_counter(), 0.0))
        ready_s = max(self._free_s, time.perf_counter())
        self._shown_s = max(math.ceil(ready_s / REFRESH_S), round(self._shown_s / REFRESH_S) + 1) * REFRESH_S
