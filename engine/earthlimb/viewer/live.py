"""Live pictures: a coarse one of the moment while anything moves, the mean of several while nothing does."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from earthlimb.errors import EarthlimbError
from earthlimb.scene import Scene
from earthlimb.viewer.canvas import Canvas, Unfinished
from earthlimb.viewer.quick import live_s, quick_scene
from earthlimb.viewer.session import Session
from earthlimb.world import WorldState, build_world

_PROGRAMS = 18
"""Of a live view, about."""
_STACK = 64
"""Most live frames that are averaged while nothing moves."""


@dataclass(frozen=True, eq=False)
class _Begun:
    """A picture that takes several frames."""

    scene: Scene
    scale: float
    base: WorldState
    world: WorldState
    compiling: bool


class LivePictures:
    """Draws them for a session and tells its quality what they cost.

    Attributes
    ----------
    n_drawn : how many there were
    first_s : `time.perf_counter` after the first
    """

    def __init__(self, session: Session, canvas: Canvas) -> None:
        self._session, self._canvas = session, canvas
        self._software = canvas.renderer.gpu.is_software
        self._former: WorldState | None = None  # what the last one was drawn of
        self._begun: _Begun | None = None
        self._stacked = 0
        self._submitted: dict[int, tuple[float, float]] = {}
        self.n_drawn, self.first_s = 0, 0.0

    @property
    def marching(self) -> bool:
        """Whether a picture waits for nothing but the next frame."""
        return self._begun is not None and not self._begun.compiling

    def draw(self, wanted: Scene, scale: float, base: WorldState) -> Scene | None:
        """Draw a live picture in the air of a world; the scene that was drawn.

        One that takes several frames is finished before another is begun: until then, and where the scene asks for
        something impossible, None is returned.
        """
        start = time.perf_counter()
        begun, self._begun = self._begun, None
        whole = begun is None or begun.base is not base or begun.scene.image != wanted.image
        if begun is None or whole:
            try:
                quick = quick_scene(wanted, scale, self._session.quality.frame_ms * 1e-3)
                world = build_world(quick, like=base, former=self._former or base)
            except EarthlimbError as error:
                self._session.refuse(error)
                return None
        else:
            wanted, scale, world = begun.scene, begun.scale, begun.world
        sent = time.perf_counter()
        self._session.exact_of = None
        try:
            self._canvas.draw(world, self.n_drawn + 1, moving=True, spent_s=sent - start)
        except Unfinished as pause:
            self._begun = _Begun(wanted, scale, base, world, pause.compiling)
            if pause.compiling:
                share = self._canvas.renderer.shaders.n_programs / _PROGRAMS
                self._session.progress["compiling shaders"] = min(share, 0.95)
            return None
        now = time.perf_counter()
        self._drawn(world, scale, 1e3 * (now - start if self._software else now - sent), whole=whole)
        return wanted

    def _drawn(self, world: WorldState, scale: float, took_ms: float, *, whole: bool) -> None:
        session, quality = self._session, self._session.quality
        self._former, self._stacked = world, 0
        self.n_drawn += 1
        if self.n_drawn == 1:
            self.first_s = time.perf_counter()
        if self.n_drawn <= 2:
            quality.longest_s = 0.0  # what came before the first picture compiled the shaders
        elif not self._software:
            self._learn(scale, took_ms)
        elif scale == quality.scale and whole:
            quality.drawn(took_ms)
        session.world = world
        session.accept(world)

    def _learn(self, scale: float, submit_ms: float) -> None:
        """Tell the quality what former pictures cost the card."""
        self._submitted[self.n_drawn] = scale, submit_ms
        for picture, ms in self._canvas.clock.taken():
            of_scale, sent_ms = self._submitted.pop(int(picture), (0.0, 0.0))
            if of_scale == self._session.quality.scale:
                self._session.quality.drawn_on_card(ms, sent_ms)

    def average(self, wanted: Scene) -> bool:
        """One more live frame into their mean, until as long as the exposure was collected; whether one was."""
        own_s, shutter_s = live_s(self._session.quality.frame_ms * 1e-3), wanted.camera.shutter_s
        asked = math.ceil(shutter_s / own_s) if isinstance(shutter_s, float) else 1
        if self._stacked >= min(asked, _STACK) or asked == 1:
            return False
        try:
            taken = self._canvas.again(self._stacked + 1)
        except Unfinished:
            return False
        self._stacked += 1
        return taken
