"""Former scenes of the window, for undo."""

from __future__ import annotations

import time
from dataclasses import dataclass

from earthlimb.scene import Scene

_STEPS = 200
_ONE_DRAG_S = 1.0


@dataclass(frozen=True)
class Former:
    """A scene that was left; `name` where another scene took its place, which comes back with its own time."""

    scene: Scene
    name: str | None = None

    def differs_from(self, scene: Scene) -> bool:
        """Whether going back to it would show: another name, or another value than the time's."""
        return self.name is not None or self.scene != scene.model_copy(update={"time": self.scene.time})


class History:
    """What the scene was before each change."""

    def __init__(self) -> None:
        self._former: list[Former] = []
        self._last: tuple[frozenset[str], float] = (frozenset(), 0.0)

    def remember(self, scene: Scene, paths: frozenset[str] = frozenset(), name: str | None = None) -> None:
        """Keep a scene whose values at some paths are about to change, or all of it; one drag is one step.

        `name`: its name, where another scene is about to take its place.
        """
        now = time.monotonic()
        if not paths or paths != self._last[0] or now - self._last[1] > _ONE_DRAG_S:
            self._former.append(Former(scene, name))
            del self._former[:-_STEPS]
        self._last = (paths, now)

    def back(self, now: Scene) -> Former | None:
        """What was there before the last change that has not been taken back and that shows now."""
        self._last = (frozenset(), 0.0)
        while self._former:
            former = self._former.pop()
            if former.differs_from(now):
                return former
        return None

    def __len__(self) -> int:
        return len(self._former)

    def forget_after(self, n: int) -> None:
        """Changes after the first n were refused: what they left is there again."""
        del self._former[n:]
