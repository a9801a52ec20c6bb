"""What pictures cost a graphics card, asked for late enough that neither side waits for the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import moderngl

IN_FLIGHT = 3
"""Pictures whose times are not known yet: the processor may be so far ahead of the card."""


class GpuClock:
    """Timer queries around the drawing of pictures.

    Attributes
    ----------
    times_ms : of the pictures that became known since the list was emptied, each with what it was tagged with
    """

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._free: list[moderngl.Query] = []
        self._asked: deque[tuple[float, moderngl.Query]] = deque()
        self.times_ms: list[tuple[float, float]] = []

    @contextmanager
    def timed(self, tag: float) -> Iterator[None]:
        """Time what is drawn inside; takes the time of the picture before the last two, which the card has done."""
        while len(self._asked) >= IN_FLIGHT:
            self._take()
        query = self._free.pop() if self._free else self._ctx.query(time=True)
        with query:
            yield
        self._asked.append((tag, query))

    def _take(self) -> None:
        tag, query = self._asked.popleft()
        self.times_ms.append((tag, query.elapsed * 1e-6))
        self._free.append(query)

    def taken(self) -> list[tuple[float, float]]:
        """(tag, ms) of the pictures whose times became known since the last call."""
        known, self.times_ms = self.times_ms, []
        return known
