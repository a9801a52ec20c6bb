"""Which worker gets which frame."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

_BLOCK = 8
"""Neighbouring frames for one worker: they share the maps below the station, and the encoder does not wait long."""


class Lanes:
    """Which frame a worker gets: neighbours of its last one, whose maps it has; from others at the end.

    Examples
    --------
    >>> lanes = Lanes(range(20))
    >>> [lanes.next(worker) for worker in "abab"]
    [0, 8, 1, 9]
    """

    def __init__(self, indices: Iterable[int]) -> None:
        self._waiting = deque(indices)
        self._lanes: dict[str, deque[int]] = {}

    def next(self, worker: str) -> int | None:
        """The next frame for a worker, None when all are given."""
        lane = self._lanes.setdefault(worker, deque())
        if not lane:
            lane.extend(self._waiting.popleft() for _ in range(min(_BLOCK, len(self._waiting))))
        if lane:
            return lane.popleft()
        longest = max(self._lanes.values(), key=len)
        return longest.pop() if longest else None

    def left(self) -> int:
        """Frames that nobody has been given."""
        return len(self._waiting) + sum(map(len, self._lanes.values()))
