"""Worlds built in the background, so that the window never waits for one: a thread that another process works for."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Protocol, cast

import numpy as np

from earthlimb.errors import EarthlimbError
from earthlimb.scene import Scene
from earthlimb.viewer.quick import quick_scene
from earthlimb.viewer.worlds import Parts, Worlds
from earthlimb.world import WorldState, build_world, same_air
from earthlimb.world.build import HasAir

_LOADING_S = 0.006
"""How long one frame may upload parts of a new world."""
_FIRST_LOADING_S = 0.02
"""And of the first, when there is no picture beside it."""
_AIR = ("emission", "composition_source", "unit_columns_rayleigh", "earth")
_COS_NEAR = 0.99939
"""2 degrees."""


class Stage(Protocol):
    """Where worlds are drawn."""

    def warm(self, world: WorldState) -> None:
        """Compute what every world in this one's response needs but air and maps, which are missing; in the thread."""

    def prepare(self, world: WorldState, parts: Parts | None) -> None:
        """Compute what drawing this world needs of what GL does not; called in the thread."""

    def load(self, world: WorldState) -> Iterator[None]:
        """Then what it needs of GL, in pieces that `poll` does, a few at a time."""

    def has_loaded(self, world: WorldState, scene: Scene) -> bool:
        """Whether a scene in the air of this world can be drawn without loading first."""

    def has_maps(self, world: WorldState, scene: Scene) -> bool:
        """Whether a world's maps are there as a scene's drawing needs them."""


class WorldBuilder:
    """One thread that builds the newest scene asked for; it waits for the process of `worlds` and does the rest.

    Attributes
    ----------
    world : the newest world, or None
    exact : whether it is what `build_world` makes of its scene; else its maps are those of a place nearby
    took_s : from the wish to a world of other air, the last time; of the first, which waits for shaders, the thread's

    Parameters
    ----------
    worlds : the process
    stage : where the worlds are drawn
    also : what else is slow and better done in the thread before there is a picture, whose frames it would hold up
    """

    def __init__(self, worlds: Worlds, stage: Stage, also: Callable[[], None] = lambda: None) -> None:
        self._worlds, self._stage, self._also = worlds, stage, also
        self._loading: Iterator[None] | None = None
        self.exact = False
        self.took_s, self._worked_s, self._asked_s = 1.0, 1.0, 0.0
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="world")
        self._running: Future[WorldState] | None = None
        self._scene: Scene | None = None
        self._wanted_exact = True
        self.world: WorldState | None = None

    @property
    def busy(self) -> bool:
        """Whether a world is being built."""
        return self._running is not None

    @property
    def loading(self) -> bool:
        """Whether `poll` has more to do at once."""
        return self._loading is not None

    def want(self, scene: Scene, *, exact: bool = True) -> None:
        """Build this scene's world when nothing else is being built.

        A world that need not be exact keeps the former maps while they reach its horizon: uploading others takes long.
        """
        old = self.world
        if self._running is not None or (old is not None and old.scene == scene and self.exact >= exact):
            return
        self._scene, self._wanted_exact, self._asked_s = scene, exact, time.perf_counter()
        self._running = self._pool.submit(self._build, scene, old, exact)

    def _build(self, scene: Scene, old: WorldState | None, exact: bool) -> WorldState:
        if (
            old is not None
            and self.exact >= exact
            and same_air(old.scene, scene)
            and self._stage.has_loaded(old, scene)
        ):
            world = build_world(scene, like=old)
            self._stage.prepare(world, None)
            return world
        parts = self._worlds.parts(scene, (lambda: None) if old is not None else partial(self._warm, scene))
        world = build_world(scene, like=parts.air)
        if old is not None and not exact and _near(world, old) and self._stage.has_maps(old, scene):
            world = replace(world, earth=old.earth)
        self._stage.prepare(world, parts)
        self._worked_s = time.perf_counter() - self._asked_s
        return world

    def _warm(self, scene: Scene) -> None:
        """Before the first world: what its building and drawing read once and then keep."""
        nothing = cast("HasAir", SimpleNamespace(**dict.fromkeys(_AIR)))
        with contextlib.suppress(EarthlimbError):  # the process's answer will say it
            build_world(quick_scene(scene, 0.5, 0.1), like=nothing)
            self._stage.warm(build_world(scene, like=nothing))
        self._also()

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
            if self.world is None:
                self.took_s = self._worked_s
            elif done.result().emission is not self.world.emission:
                self.took_s = time.perf_counter() - self._asked_s
            self.world, self.exact = done.result(), self._wanted_exact
            return scene, self.world
        if isinstance(error, EarthlimbError):
            return scene, error
        raise error

    def _loaded(self, world: WorldState) -> bool:
        """Load some more of it; whether that was all."""
        if self._loading is None:
            self._loading = self._stage.load(world)
        start, most_s = time.perf_counter(), _LOADING_S if self.world is not None else _FIRST_LOADING_S
        for _ in self._loading:
            if time.perf_counter() - start > most_s:
                return False
        self._loading = None
        return True

    def release(self) -> None:
        """End process and thread."""
        self._worlds.release()
        self._pool.shutdown(wait=True, cancel_futures=True)


def _near(a: WorldState, b: WorldState) -> bool:
    """Whether the maps below b reach a's horizon: they are 2.9 degrees wider than that of 420 km."""
    up_a, up_b = (w.pos_iss_itrs_km / np.linalg.norm(w.pos_iss_itrs_km) for w in (a, b))
    return float(up_a @ up_b) > _COS_NEAR and abs(a.alt_km - b.alt_km) < 20.0
