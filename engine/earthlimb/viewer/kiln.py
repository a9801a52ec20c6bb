"""Compiles the shaders of live views once for a version and a driver, in a process of its own: drivers keep the result.

Some programs take a driver half a second, which no window may stand still for; taken from the driver's own cache on
the disk they take a hundredth. An empty file in the user's cache folder tells that this was done.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import queue
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from earthlimb import resources
from earthlimb.errors import EarthlimbError
from earthlimb.renderer import Renderer
from earthlimb.scene import Scene, load_scene, resized
from earthlimb.viewer.child import Child, Send, serve
from earthlimb.viewer.quick import quick_scene
from earthlimb.world import build_world

_SCALES = (0.25, 0.35, 0.5, 1.0)
"""Scales of live pictures that together have all of their programs."""
_DOWN, _ASIDE = ({"body": {"azimuth_deg": 60.0, "elevation_deg": e}} for e in (-90.0, -17.0))
_OTHERS: tuple[tuple[str, dict[str, object]], ...] = (
    ("italy", {}),
    ("cupola", {}),
    ("cupola", {"camera.focal_mm": 400.0}),
    ("cupola", {"camera.focal_mm": 400.0, "camera.window": 7, "camera.point": _DOWN}),
    ("cupola", {"camera.focal_mm": 400.0, "camera.window": 2, "camera.point": _ASIDE}),
    ("italy", {"camera.focal_mm": 400.0, "camera.f_px": 11142.0}),
    ("nauka", {}),
    ("italy", {"time.utc": "2021-09-09T23:49:20Z"}),  # its limb map closes all around: another kind of texture
    ("italy", {"eye.enabled": True}),
)
"""Views that are likely to come next, for which no window waits."""
_NICENESS, _LATER_NICENESS = 10, 19
_LONG_PX = 960.0


def mark_of(driver: str) -> Path:
    """The file that tells that the shaders of this installation are compiled for a driver, by its name and version."""
    digest = hashlib.sha256(driver.encode())
    root = resources.shader_root()
    for path in sorted(root.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return cache_folder() / f"shaders-{digest.hexdigest()[:24]}"


def cache_folder() -> Path:
    """Where this user's programs keep what can be made again."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "earthlimb"
    if sys.platform.startswith("win"):
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "earthlimb"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "earthlimb"


class Kiln:
    """The window's end: starts the process where the shaders were not compiled before.

    Attributes
    ----------
    share : how far it is, 0 to 1
    """

    def __init__(self, driver: str, scene: Scene) -> None:
        self.share = 0.0
        self._child: Child | None = None
        self._answers: queue.Queue[Any] = queue.Queue()
        with contextlib.suppress(OSError, RuntimeError):  # a user without a folder has no driver's cache either
            mark = mark_of(driver)
            mark.parent.mkdir(parents=True, exist_ok=True)
            if not mark.exists() and os.access(mark.parent, os.W_OK):
                self._child = Child("earthlimb.viewer.kiln:work", _NICENESS)
                self._child.send((scene, mark))
                threading.Thread(target=_listen, args=(self._child, self._answers), daemon=True).start()

    def wait(self) -> bool:
        """Whether the scene's programs are still being compiled; never waits itself."""
        while self._child is not None and not self._answers.empty():
            answer = self._answers.get()
            if answer is None or isinstance(answer, EarthlimbError):
                self.release()
            else:
                self.share = answer
        return self._child is not None and self.share < 1.0

    def release(self) -> None:
        """End the process."""
        if self._child is not None:
            self._child.release()
        self._child = None


def _listen(child: Child, answers: queue.Queue[Any]) -> None:
    with contextlib.suppress(EOFError):
        while True:
            answers.put(child.receive())
    answers.put(None)


def work() -> None:
    """The child: draws what a window draws first, small, then other views, and ends."""

    def answer(_: None, order: tuple[Scene, Path], send: Send) -> None:
        scene, mark = order
        with contextlib.suppress(EarthlimbError), Renderer() as renderer:
            send(0.2)
            for share in _draws(renderer, scene):
                send(0.2 + 0.8 * share)
            if hasattr(os, "nice"):
                os.nice(_LATER_NICENESS)
            for name, changes in _OTHERS:
                for _share in _draws(renderer, load_scene(name, changes)):
                    pass
            with contextlib.suppress(OSError):
                mark.touch()
        os._exit(0)

    serve(lambda: None, answer)


def _with_a_factor(scene: Scene) -> Scene:
    """The scene while someone moves the factor of an emission: its limb map keeps all six."""
    airglow = scene.airglow
    return scene.model_copy(update={"airglow": airglow.model_copy(update={"oi558": airglow.oi558 + 1.0})})


def _draws(renderer: Renderer, scene: Scene) -> Iterator[float]:
    """Draw a scene as a window does; the share of it that is done."""
    image = scene.image
    side = _LONG_PX / max(image.width_px, image.height_px)
    sized = resized(scene, max(round(image.width_px * side), 1), max(round(image.height_px * side), 1))
    air = build_world(sized)
    yield 0.1
    for turn, scale in enumerate(_SCALES):
        renderer.drawing.moving = True
        with renderer.ctx:
            renderer.photographer.draw(build_world(quick_scene(sized, scale, 0.1), like=air))
            renderer.photographer.again(1)
            renderer.photographer.again(2)
            counting = renderer.photographer.start_statistics()
            if counting is not None:
                counting.finish()
            if turn == 0:
                renderer.photographer.draw(build_world(quick_scene(_with_a_factor(sized), scale, 0.1), like=air))
        yield 0.1 + 0.9 * (turn + 1) / len(_SCALES)
