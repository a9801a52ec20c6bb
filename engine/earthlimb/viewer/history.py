"""Former scenes of the window, for undo."""

from __future__ import annotations

import time

from earthlimb.scene import Scene

_STEPS = 200
_ONE_DRAG_S = 1.0


class History:
    """What the scene was before each change."""

    def __init__(self) -> None:
        self._former: list[Scene] = []
        self._last: tuple[frozenset[str], float] = (frozenset(), 0.0)

    def remember(self, scene: Scene, paths: frozenset[str] = frozenset()) -> None:
        """Keep a scene whose values at some paths are about to change, or all of it; one drag is one step."""
        now = time.monotonic()
        if not paths or paths != self._last[0] or now - self._last[1] > _ONE_DRAG_S:
            self._former.append(scene)
            del self._former[:-_STEPS]
        self._last = (paths, now)

    def back(self) -> Scene | None:
        """The scene before the last change that has not been taken back."""
        return self._former.pop() if self._former else None
