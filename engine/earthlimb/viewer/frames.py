"""Which picture the window shows: a quick one while anything moves, the exact one when it has settled."""

from __future__ import annotations

import math
import time
from pathlib import Path

from PIL import Image

from earthlimb.errors import EarthlimbError
from earthlimb.output.atomic import atomic_paths
from earthlimb.scene import Scene
from earthlimb.scene.camera import AutoShutter
from earthlimb.viewer.builder import WorldBuilder
from earthlimb.viewer.canvas import Canvas, Unfinished
from earthlimb.viewer.counter import Counter
from earthlimb.viewer.darkroom import Darkroom, Print
from earthlimb.viewer.kiln import Kiln
from earthlimb.viewer.live import LivePictures
from earthlimb.viewer.panel.seek import warm
from earthlimb.viewer.photo import Photo
from earthlimb.viewer.quality import LADDER, SOFTWARE_FRAME_MS
from earthlimb.viewer.quick import later_scene
from earthlimb.viewer.session import Session
from earthlimb.viewer.worlds import Worlds
from earthlimb.world import WorldState, same_air
from earthlimb.world.shutter import slices

_BLOCKING_MS = 70.0
"""A picture that takes longer is not drawn in one go by the window's own process."""
_LOADING_S = 3.0
_DARKROOM_AFTER_S = 2.0
"""So long after the first picture the process for exact ones starts, unless one is wanted before."""
_PATIENT_S = 1.5
"""So long an exact picture is waited for without being told how far it is."""
_AIR_LASTS_S = 2.0
"""Simulated time for which a moving view uses the same air: 15 km of flight, a fortieth of the shortest wave."""


class Frames:
    """The pictures of one session.

    Attributes
    ----------
    failed : why there is no exact picture of the scene that was wanted last; it is not tried again until that changes
    """

    def __init__(self, session: Session, worlds: Worlds | None = None) -> None:
        self._session = session
        self._canvas = Canvas()
        self._live = LivePictures(session, self._canvas)
        self._counter = Counter(session, self._canvas)
        self._builder = WorldBuilder(worlds or Worlds(), self._canvas, warm)
        self._darkroom = Darkroom()
        gpu = self._canvas.renderer.gpu
        self._kiln = Kiln(f"{gpu.vendor}, {gpu.renderer}, {gpu.version}", session.view_scene())
        self._drawn: Scene | None = None  # what the picture on the screen was drawn of
        self._refined = False
        self._ordered: Scene | None = None  # what the exact picture was ordered of
        self._ordered_s = 0.0
        self.failed: EarthlimbError | None = None
        self._foreseen: Scene | None = None  # a scene of later, whose air was asked for
        self._blind = False  # nothing could be made of the last one
        self._photo = Photo(session, self._darkroom)
        self._began_s = self._shown_s = time.perf_counter()
        session.device = self._canvas.renderer.gpu.renderer
        session.read_picture = self._canvas.read_picture
        session.read_statistics = self._canvas.read_statistics
        self._software = self._canvas.renderer.gpu.is_software
        if self._software:
            session.quality.target_ms, session.quality.scale = SOFTWARE_FRAME_MS, LADDER[0]

    @property
    def restless(self) -> bool:
        """Whether the next frame differs from the last without any event."""
        return self._session.running or not self._session.settled or self._photo.busy

    @property
    def loading(self) -> bool:
        """Whether the next frame has something to upload, or a picture to go on with, at once."""
        return self._builder.loading or self._live.marching

    def advance(self) -> bool:
        """Draw what is to be seen next, if it is not on the screen yet; whether anything was drawn."""
        session = self._session
        wanted = session.view_scene()
        session.progress.clear()
        compiling = self._kiln.wait()  # then the first world waits, too: its loading draws
        if not compiling:
            self._take_ready()
        if session.photo is None:
            self._canvas.forget_photo()
        self._photo.advance(ready=self._builder.world is not None)
        if not self._builder.busy and (not session.running or self._air_is_old(wanted)):
            self._builder.want(self._of_air(wanted), exact=not session.running)
        if compiling:
            session.progress["compiling shaders, the first time only"] = self._kiln.share
            return False
        if self._builder.world is None:
            share = 1.0 - math.exp((self._began_s - time.perf_counter()) / _LOADING_S)
            session.progress["loading sky, maps and air"] = share
            return False
        if self._software and self._counter.instead():
            return True
        ready = self._loadable(wanted)
        if self._drawn != ready:
            self._draw_live(ready, session.quality.scale)
            return True
        return ready is wanted and not session.running and not session.settled and self._settle(wanted)

    def _loadable(self, wanted: Scene) -> Scene:
        """The scene, with the former body and eye while the background loads what others need."""
        world = self._builder.world
        assert world is not None
        if self._canvas.has_loaded(world, wanted):
            return wanted
        self._session.progress["loading what this view needs"] = 0.5
        had = world.scene
        camera = wanted.camera.model_copy(update={"body": had.camera.body})
        eye = wanted.eye.model_copy(update={"enabled": had.eye.enabled})
        return wanted.model_copy(update={"camera": camera, "eye": eye})

    def _air_is_old(self, wanted: Scene) -> bool:
        """Whether a moving view needs the air and maps of a newer instant or of other values."""
        base = self._builder.world
        if base is None:
            return True
        old, now = base.scene, wanted
        if not same_air(old.model_copy(update={"time": now.time}), now):
            return True
        if not self._canvas.has_loaded(base, now):
            return True
        return abs((now.time.utc - old.time.utc).total_seconds()) > _AIR_LASTS_S

    def _of_air(self, wanted: Scene) -> Scene:
        """What air and maps to ask for: where time is fast, those of the moments when they will be shown."""
        self._foreseen = None
        session, took_s = self._session, self._builder.took_s
        if not session.running or self._blind or abs(session.rate) * took_s < _AIR_LASTS_S:
            return wanted
        self._foreseen = later_scene(wanted, session.rate, took_s)
        return self._foreseen

    def _settle(self, wanted: Scene) -> bool:
        """Nothing moves: a finer quick picture, live frames averaged, at last the exact one; whether one was drawn."""
        session, world = self._session, self._builder.world
        assert world is not None
        quality = session.quality
        if not self._refined:
            per_px = quality.frame_ms / quality.scale**2
            fine = max((s for s in LADDER if per_px * s * s <= _BLOCKING_MS), default=0.0)
            if fine > quality.scale:
                self._refined = self._draw_live(wanted, fine)
                return True
            self._refined = True
        if world.scene != wanted or not self._builder.exact:
            return self._live.average(wanted)
        if not self._software and self._exact_ms(world) < _BLOCKING_MS:
            try:
                self._canvas.draw(world, 0)
            except Unfinished:
                return True
            session.world, session.exact_of = world, wanted
            return True
        if not self._darkroom.busy and (self.failed is None or self._ordered != wanted):
            self._darkroom.order(wanted)
            self._ordered, self.failed, self._ordered_s = wanted, None, time.perf_counter()
        if self._darkroom.busy and not self._darkroom.saves and time.perf_counter() - self._ordered_s > _PATIENT_S:
            session.progress["the exact picture"] = self._darkroom.share
        return self._live.average(wanted)

    def _exact_ms(self, world: WorldState) -> float:
        """What the exact picture will about cost a card: that of a live one for each instant of the exposure."""
        pieces = slices(world)[0]
        if len(pieces) > 1 or isinstance(world.scene.camera.shutter_s, AutoShutter):
            return math.inf  # air and maps of several moments have to be built, or nobody knows yet of how many
        instants = max(len(times) for times in (pieces[0].ground_s, pieces[0].limb_s, pieces[0].sky_s))
        return instants * self._session.quality.frame_ms / self._session.quality.scale**2

    def _take_ready(self) -> None:
        """Worlds and pictures that the background has finished."""
        session = self._session
        ready = self._builder.poll()
        if ready is not None:
            scene, outcome = ready
            self._blind = isinstance(outcome, EarthlimbError) and scene is self._foreseen
            if self._blind:  # it was never asked for: the present's is next
                pass
            elif isinstance(outcome, EarthlimbError):
                if self._builder.world is None:
                    raise outcome
                if scene.image == session.view_scene().image:  # else of a shape that the window had
                    session.refuse(outcome)
            elif session.world is None:
                session.world = outcome
                session.accept(outcome)
        if self._software and self._live.n_drawn and time.perf_counter() - self._live.first_s > _DARKROOM_AFTER_S:
            self._darkroom.start()
        made = self._darkroom.poll()
        if made is not None and self._darkroom.saves:
            self._photo.take(made)
        elif isinstance(made, Print):
            self._hang_up(made)
        elif made is not None:
            self.failed = made
            session.say(str(made), "error")

    def _hang_up(self, made: Print) -> None:
        """Show an exact picture if it is still what is wanted."""
        session, world = self._session, self._builder.world
        if session.running or made.scene != session.view_scene() or world is None or world.scene != made.scene:
            return
        self._canvas.develop(made.picture, made.statistics)
        self._drawn = session.exact_of = made.scene
        session.world = world

    def _draw_live(self, wanted: Scene, scale: float) -> bool:
        """Draw a live picture, or go on with one; whether the screen shows `wanted` now."""
        assert self._builder.world is not None
        drawn = self._live.draw(wanted, scale, self._builder.world)
        if drawn is not None:
            self._drawn, self._refined = drawn, False
            if not self._software and self._session.running:
                self._counter.beside(self._live.n_drawn)
        return drawn == wanted

    def show(self) -> None:
        """Lay the picture over the window."""
        now = time.perf_counter()
        session = self._session
        session.quality.shown(now - self._shown_s)
        self._shown_s = now
        self._canvas.show(*session.size_px, session.photo)

    def save_screen(self, path: Path) -> None:
        """PNG of what the window shows now."""
        with atomic_paths(path) as (part,):
            Image.fromarray(self._canvas.read_screen(*self._session.size_px)).save(part, format="PNG")

    def release(self) -> None:
        """End the background's thread and process and free every GL object."""
        self._kiln.release()
        self._darkroom.release()
        self._builder.release()
        self._canvas.release()
