"""Exact pictures made by a process of its own, so that no exposure, however long, holds the window up."""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from earthlimb.errors import EarthlimbError, WorkError
from earthlimb.output.sidecar import sidecar_path
from earthlimb.scene import Scene
from earthlimb.sensor import ExposureStatistics
from earthlimb.viewer.child import Child, Send, serve
from earthlimb.viewer.labels import Overlays

if TYPE_CHECKING:
    from earthlimb.renderer import Renderer

_NICENESS = 5
_BEGUN, _SAVING = 0.1, 0.9
"""How far a picture is when it is begun, and when its file is."""
_TOLD_S = 0.2
"""How often the window hears how far a picture is."""


@dataclass(frozen=True)
class Print:
    """A finished picture (h, w, 3) uint8, the scene that it shows, the file that it was saved to, its histogram."""

    scene: Scene
    picture: NDArray[np.uint8]
    path: Path | None
    statistics: ExposureStatistics | None = None


class Darkroom:
    """Renders scenes one after the other in a child process, started with the first.

    Attributes
    ----------
    scene : what is being made now, None when idle
    share : how far it is, 0 to 1
    """

    def __init__(self) -> None:
        self._child: Child | None = None
        self._answers: queue.Queue[Any] = queue.Queue()
        self._path: Path | None = None
        self.scene: Scene | None = None
        self.share = 0.0

    @property
    def busy(self) -> bool:
        """Whether a picture is being made."""
        return self.scene is not None

    @property
    def saves(self) -> bool:
        """Whether the last picture was ordered for a file, not for the window."""
        return self._path is not None

    def start(self) -> None:
        """Start the process, which takes a few seconds to be ready."""
        if self._child is not None and self._child.ended:
            self.release()
        if self._child is None:
            self._child = Child("earthlimb.viewer.darkroom:work", _NICENESS)
            self._answers = queue.Queue()
            threading.Thread(target=_listen, args=(self._child, self._answers), daemon=True).start()

    def order(
        self,
        scene: Scene,
        path: Path | None = None,
        overlays: Overlays | None = None,
        within_px: tuple[int, int] | None = None,
    ) -> None:
        """Make the picture of a scene; with a path it is saved there, with its sidecar. Not while busy.

        The labels of `overlays` are drawn into it. What comes back is made smaller where it is larger than `within_px`.
        """
        assert self.scene is None, "order: a picture is being made: wait for it"
        self.start()
        assert self._child is not None
        self.scene, self.share, self._path = scene, 0.0, path
        self._child.send((scene, path, overlays, within_px))

    def cancel(self) -> bool:
        """Give up the picture that is being made, with the process; False where it is being saved already."""
        if self.share >= _SAVING or self._child is None:
            return False
        pid, path = self._child.pid, self._path
        self.release()
        if path is not None:  # it may have begun to save since it last said how far it is
            for leftover in path.parent.glob(f".*.partial-{pid}-*"):
                leftover.unlink(missing_ok=True)
            if not sidecar_path(path).exists():
                path.unlink(missing_ok=True)
        return True

    def poll(self) -> Print | EarthlimbError | None:
        """What has been finished since the last call, or why it could not be."""
        while self.scene is not None and not self._answers.empty():
            answer = self._answers.get()
            if isinstance(answer, float):
                self.share = answer
                continue
            if answer is None:
                self.release()
                return WorkError(
                    "view: the process that makes exact pictures has ended: too little memory? try a smaller window"
                )
            scene, self.scene = self.scene, None
            if isinstance(answer, EarthlimbError):
                return answer
            picture, exposure = answer
            counted = ExposureStatistics.from_sidecar(exposure) if exposure else None
            return Print(scene, picture, self._path, counted)
        return None

    def release(self) -> None:
        """End the process, whatever it does."""
        if self._child is not None:
            self._child.release()
        self._child, self.scene = None, None


def _listen(child: Child, answers: queue.Queue[Any]) -> None:
    """Collect the child's answers; None when it has ended."""
    try:
        while True:
            answers.put(child.receive())
    except EOFError:
        answers.put(None)


def _within(picture: NDArray[np.uint8], most_px: tuple[int, int] | None) -> NDArray[np.uint8]:
    """A picture (h, w, 3), made smaller where it is larger than a window."""
    height, width = picture.shape[:2]
    fit = 1.0 if most_px is None else min(most_px[0] / width, most_px[1] / height)
    if fit >= 1.0:
        return picture
    size = max(round(width * fit), 1), max(round(height * fit), 1)
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))


class _Teller:
    """Sends how far a picture is, now and then, when the card has come so far."""

    def __init__(self, renderer: Renderer, send: Send) -> None:
        self._renderer, self._send = renderer, send
        self._furthest, self._last_s = 0.0, time.perf_counter()

    def __call__(self, share: float) -> None:
        now = time.perf_counter()
        if share > self._furthest and now - self._last_s > _TOLD_S:
            self._renderer.ctx.finish()
            self._furthest, self._last_s = share, time.perf_counter()
            self._send(_BEGUN + share * (_SAVING - _BEGUN))


def work() -> None:
    """The child: renders what comes through its standard input until that closes."""
    from earthlimb.output import save
    from earthlimb.output.integer import picture_8bit
    from earthlimb.renderer import Renderer
    from earthlimb.viewer.label_paint import with_labels

    def prepare() -> Renderer | EarthlimbError:
        try:
            return Renderer()
        except EarthlimbError as error:
            return error

    def answer(renderer: Renderer | EarthlimbError, order: Any, send: Send) -> None:
        if isinstance(renderer, EarthlimbError):
            send(renderer)
            return
        scene, path, overlays, within_px = order
        try:
            send(_BEGUN)
            renderer.drawing.tell = _Teller(renderer, send)
            frame = renderer.render(scene, layers=False, stage="developed")
            if overlays is not None:
                frame = with_labels(frame, overlays)
            send(_SAVING)
            if path is not None:
                save(frame, path)
            send((_within(picture_8bit(frame), within_px), frame.metadata.get("exposure")))
        except EarthlimbError as error:
            send(error)

    serve(prepare, answer)
