"""Worlds built in the background, so that the window never waits for one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from earthlimb.errors import EarthlimbError
from earthlimb.scene import Scene
from earthlimb.world import WorldState, build_world, same_air

_LOADING_S = 0.012
"""How long one frame may upload parts of a new world."""
_COS_NEAR = 0.99939
"""2 degrees."""


class WorldBuilder:
    """One thread that builds the newest scene asked for; NumPy lets the window's thread run meanwhile.

    Attributes
    ----------
    world : the newest world, or None
    exact : whether it is what `build_world` makes of its scene; else its maps are those of a place nearby

    Parameters
    ----------
    prepare : called in the thread with each new world: what can be computed for drawing it without GL
    load : then what it needs of GL, in pieces that `poll` does, a few at a time
    """

    def __init__(self, prepare: Callable[[WorldState], None], load: Callable[[WorldState], Iterator[None]]) -> None:
        self._prepare, self._load = prepare, load
        self._loading: Iterator[None] | None = None
        self.exact = False
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="world")
        self._running: Future[WorldState] | None = None
        self._scene: Scene | None = None
        self._wanted_exact = True
        self.world: WorldState | None = None

    @property
    def busy(self) -> bool:
        """Whether a world is being built."""
        return self._running is not None

    def want(self, scene: Scene, *, exact: bool = True) -> None:
        """Build this scene's world when nothing else is being built.

        A world that need not be exact keeps the former maps while they reach its horizon: uploading others takes long.
        """
        old = self.world
        if self._running is not None or (old is not None and old.scene == scene and self.exact >= exact):
            return
        self._scene, self._wanted_exact = scene, exact
        self._running = self._pool.submit(self._build, scene, old, exact)

    def _build(self, scene: Scene, old: WorldState | None, exact: bool) -> WorldState:
        like = old if old is not None and self.exact >= exact and same_air(old.scene, scene) else None
        world = build_world(scene, like)
        if old is not None and not exact and _near(world, old):
            world = replace(world, earth=old.earth)
        self._prepare(world)
        return world

    def poll(self) -> tuple[Scene, WorldState | EarthlimbError] | None:
        """What has become ready since the last call, with the scene that it belongs to."""
        if self._running is None or not self._running.done():
            return None
        if self._running.exception() is None and not self._loaded(self._running.result()):
            return None
        done, scene = self._running, self._scene
        self._running, self._scene = None, None
        assert scene is not None
        error = done.exception()
        if error is None:
            self.world, self.exact = done.result(), self._wanted_exact
            return scene, self.world
        if isinstance(error, EarthlimbError):
            return scene, error
        raise error

    def _loaded(self, world: WorldState) -> bool:
        """Load some more of it; whether that was all."""
        if self._loading is None:
            self._loading = self._load(world)
        start = time.perf_counter()
        for _ in self._loading:
            if time.perf_counter() - start > _LOADING_S:
                return False
        self._loading = None
        return True

    def release(self) -> None:
        """End the thread when its world is built."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _near(a: WorldState, b: WorldState) -> bool:
    """Whether the maps below b reach a's horizon: they are 2.9 degrees wider than that of 420 km."""
    up_a, up_b = (w.pos_iss_itrs_km / np.linalg.norm(w.pos_iss_itrs_km) for w in (a, b))
    return float(up_a @ up_b) > _COS_NEAR and abs(a.alt_km - b.alt_km) < 20.0
