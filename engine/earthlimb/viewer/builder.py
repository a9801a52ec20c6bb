"""Worlds built in the background, so that the window never waits for one."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from earthlimb.errors import EarthlimbError
from earthlimb.scene import Scene
from earthlimb.world import WorldState, build_world, same_air


class WorldBuilder:
    """One thread that builds the newest scene asked for; NumPy lets the window's thread run meanwhile.

    Attributes
    ----------
    world : the newest exact world, or None
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="world")
        self._running: Future[WorldState] | None = None
        self._scene: Scene | None = None
        self.world: WorldState | None = None

    @property
    def busy(self) -> bool:
        """Whether a world is being built."""
        return self._running is not None

    def want(self, scene: Scene) -> None:
        """Build this scene's world when nothing else is being built."""
        if self._running is not None or (self.world is not None and self.world.scene == scene):
            return
        like = self.world if self.world is not None and same_air(self.world.scene, scene) else None
        self._scene = scene
        self._running = self._pool.submit(build_world, scene, like)

    def poll(self) -> tuple[Scene, WorldState | EarthlimbError] | None:
        """What has become ready since the last call, with the scene that it belongs to."""
        if self._running is None or not self._running.done():
            return None
        done, scene = self._running, self._scene
        self._running, self._scene = None, None
        assert scene is not None
        error = done.exception()
        if error is None:
            self.world = done.result()
            return scene, self.world
        if isinstance(error, EarthlimbError):
            return scene, error
        raise error

    def release(self) -> None:
        """End the thread when its world is built."""
        self._pool.shutdown(wait=True, cancel_futures=True)
