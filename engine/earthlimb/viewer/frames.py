"""Which picture the window shows: a quick one while anything moves, the exact one when it has settled."""

from __future__ import annotations

import time
from pathlib import Path

from PIL import Image

from earthlimb.errors import EarthlimbError
from earthlimb.output.atomic import atomic_paths
from earthlimb.scene import Scene, resized
from earthlimb.viewer.builder import WorldBuilder
from earthlimb.viewer.canvas import Canvas
from earthlimb.viewer.quality import SOFTWARE_FRAME_MS
from earthlimb.viewer.session import Session
from earthlimb.world import build_world

_MOVING_VMAG = 6.5
"""Stars of a moving picture: fainter ones cost time and are not missed for a moment."""


class Frames:
    """The pictures of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._canvas = Canvas()
        self._builder = WorldBuilder()
        self._drawn: Scene | None = None  # what the picture on the screen was drawn of
        self._frame = 0
        self._shown_s = time.perf_counter()
        session.device = self._canvas.renderer.gpu.renderer
        session.read_picture = self._canvas.read_picture
        if self._canvas.renderer.gpu.is_software:
            session.quality.target_ms = SOFTWARE_FRAME_MS

    @property
    def restless(self) -> bool:
        """Whether the next frame differs from the last without any event."""
        return self._session.running or not self._session.settled

    def advance(self) -> None:
        """Draw what is to be seen next, if it is not on the screen yet."""
        session = self._session
        wanted = session.view_scene()
        self._take_ready(wanted)
        if not session.running or self._air_is_old(wanted):
            self._builder.want(wanted)
        session.progress.pop("world", None)
        base = self._builder.world
        if base is None:
            session.progress["loading sky, maps and air"] = 0.5
            return
        session.progress.clear()
        if not session.running and base.scene == wanted:
            if self._drawn is not wanted or not session.settled:
                self._canvas.draw(base, 0)
                self._drawn, session.world, session.settled = wanted, base, True
            return
        if session.settled and self._drawn == wanted:
            return
        if self._drawn == wanted:
            return  # the quick picture stands until the exact world is there
        self._draw_quick(wanted)

    def _take_ready(self, wanted: Scene) -> None:
        ready = self._builder.poll()
        if ready is None:
            return
        outcome = ready[1]
        if isinstance(outcome, EarthlimbError):
            if self._builder.world is None:
                raise outcome
            self._session.refuse(outcome)
        elif self._session.world is None:
            self._session.world = outcome
            self._session.accept(outcome)

    def _air_is_old(self, wanted: Scene) -> bool:
        base = self._builder.world
        return base is None or base.scene != wanted

    def _draw_quick(self, wanted: Scene) -> None:
        session = self._session
        width, height = session.quality.size(*session.size_px)
        scene = resized(wanted, width, height)
        if session.quality.scale < 1.0:
            vmag = min(scene.sky.stars_to_vmag, _MOVING_VMAG)
            scene = scene.model_copy(update={"sky": scene.sky.model_copy(update={"stars_to_vmag": vmag})})
        start = time.perf_counter()
        try:
            world = build_world(scene, like=self._builder.world)
        except EarthlimbError as error:
            session.refuse(error)
            return
        self._frame += 1
        self._canvas.draw(world, self._frame)
        session.quality.drawn((time.perf_counter() - start) * 1e3)
        self._drawn, session.world, session.settled = wanted, world, False
        session.accept(world)

    def show(self) -> None:
        """Lay the picture over the window."""
        now = time.perf_counter()
        fps = 1.0 / max(now - self._shown_s, 1e-4)
        quality = self._session.quality
        quality.fps += 0.1 * (fps - quality.fps)
        self._shown_s = now
        self._canvas.show(*self._session.size_px)

    def save_screen(self, path: Path) -> None:
        """PNG of what the window shows now."""
        with atomic_paths(path) as (part,):
            Image.fromarray(self._canvas.read_screen(*self._session.size_px)).save(part, format="PNG")

    def release(self) -> None:
        """End the background thread and free every GL object."""
        self._builder.release()
        self._canvas.release()
