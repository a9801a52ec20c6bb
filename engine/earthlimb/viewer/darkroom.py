"""Exact pictures made by a process of its own, so that no exposure, however long, holds the window up."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from earthlimb.errors import EarthlimbError, WorkError
from earthlimb.scene import Scene
from earthlimb.sensor import ExposureStatistics
from earthlimb.viewer.labels import Overlays

_NICENESS = 5
"""The window's own process goes first where cores are few."""


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
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[Any] = queue.Queue()
        self._path: Path | None = None
        self.scene: Scene | None = None
        self.share = 0.0

    @property
    def busy(self) -> bool:
        """Whether a picture is being made."""
        return self.scene is not None

    def start(self) -> None:
        """Start the process, which takes a few seconds to be ready."""
        if self._process is not None:
            return
        # not `multiprocessing`: that would run the user's own main module again
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from earthlimb.viewer.darkroom import work; work()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        self._answers = queue.Queue()
        threading.Thread(target=_listen, args=(self._process.stdout, self._answers), daemon=True).start()

    def order(self, scene: Scene, path: Path | None = None, overlays: Overlays | None = None) -> None:
        """Make the picture of a scene; with a path it is saved there, with its sidecar. Not while busy.

        The labels of `overlays` are drawn into it.
        """
        assert self.scene is None, "order: a picture is being made: wait for it"
        self.start()
        assert self._process is not None and self._process.stdin is not None
        self.scene, self.share, self._path = scene, 0.0, path
        with contextlib.suppress(OSError):  # a process that has ended is noticed by `poll`
            pickle.dump((scene, path, overlays), self._process.stdin)
            self._process.stdin.flush()

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
            size, data, exposure = answer
            counted = ExposureStatistics.from_sidecar(exposure) if exposure else None
            return Print(scene, np.frombuffer(data, np.uint8).reshape(*size, 3), self._path, counted)
        return None

    def release(self) -> None:
        """End the process, whatever it does."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                with contextlib.suppress(OSError):
                    if pipe is not None:
                        pipe.close()
        self._process, self.scene = None, None


def _listen(pipe: IO[bytes], answers: queue.Queue[Any]) -> None:
    """Collect the child's answers; None when it has ended."""
    with contextlib.suppress(EOFError, OSError, ValueError, pickle.UnpicklingError):
        while True:
            answers.put(pickle.load(pipe))
    answers.put(None)


def work() -> None:
    """The child: renders what comes through its standard input until that closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the window's to answer
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    orders, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else prints does not disturb the answers

    def send(answer: object) -> None:
        pickle.dump(answer, answers)
        answers.flush()

    from earthlimb.output import save
    from earthlimb.output.integer import picture_8bit
    from earthlimb.renderer import Renderer
    from earthlimb.viewer.label_paint import with_labels

    with contextlib.suppress(EOFError, BrokenPipeError):
        try:
            renderer = Renderer()
        except EarthlimbError as error:
            while pickle.load(orders):
                send(error)
            return
        with renderer:
            while True:
                scene, path, overlays = pickle.load(orders)
                try:
                    send(0.1)
                    frame = renderer.render(scene, layers=False, stage="developed")
                    if overlays is not None:
                        frame = with_labels(frame, overlays)
                    send(0.9)
                    if path is not None:
                        save(frame, path)
                    picture = picture_8bit(frame)
                    send((picture.shape[:2], picture.tobytes(), frame.metadata.get("exposure")))
                except EarthlimbError as error:
                    send(error)
