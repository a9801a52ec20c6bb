"""One OpenGL 4.1 context per renderer, without a screen: EGL on Linux, the platform's own elsewhere."""

from __future__ import annotations

import os
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import moderngl

from earthlimb.errors import UsageError, WorkError

_REMEDY = (
    "install a driver (Debian, Ubuntu: apt-get install libegl1 libgl1 libgl1-mesa-dri; NVIDIA containers: "
    "set NVIDIA_DRIVER_CAPABILITIES=all), then try `earthlimb doctor`"
)
_NO_WINDOW = (
    "it draws in a window's own OpenGL 4.1 context, which must be current in this thread: open the window first, "
    "or leave device out for pictures without one"
)
_REFUSED = (
    "it needs memory for the picture and a context that no other thread holds: choose a smaller size, "
    "or make a renderer in each thread"
)
_AFTER_A_FORK = (
    "OpenGL: a forked process: its parent had opened OpenGL before, and the driver's threads do not live on in a fork: "
    'start processes by "spawn" or "forkserver", or fork before the first Renderer: '
    'multiprocessing.get_context("spawn").Pool(2), or '
    'ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn"))'
)

_opened = False
"""Whether this process, or one that it was forked from, has opened a context."""
_inherited = False
"""Whether that was before the fork: drivers wait for ever for their threads, then."""


def _in_a_fork() -> None:
    global _inherited
    _inherited = _opened


_abandoned: list[GpuContext] = []
"""Whose owner nobody holds any more; freed before the next use of any, not where Python happens to collect."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_a_fork)


def _check_process() -> None:
    if _inherited:
        raise UsageError(_AFTER_A_FORK)


def _free_abandoned() -> None:
    while True:
        try:
            gpu = _abandoned.pop()
        except IndexError:  # also where another thread was quicker
            return
        gpu.release()


@dataclass
class GpuContext:
    """A moderngl context and what it owns; `release()` frees everything that was registered.

    Attributes
    ----------
    ctx : moderngl.Context
    renderer, vendor, version : str
        What the driver calls itself.
    released : bool
        Whether `release` was called.
    """

    ctx: moderngl.Context
    renderer: str
    vendor: str
    version: str
    _owned: list[Callable[[], None]] = field(default_factory=list)
    _standalone: bool = True
    _depth: int = 0
    _one_at_a_time: threading.RLock = field(default_factory=threading.RLock)
    released: bool = False

    @property
    def is_software(self) -> bool:
        """True on Mesa's software rasteriser."""
        return "llvmpipe" in self.renderer or "softpipe" in self.renderer

    def own(self, release: Callable[[], None]) -> None:
        """Register a `release` function to be called, newest first, when the context closes."""
        self._owned.append(release)

    def release(self) -> None:
        """Free every owned GL object, then the context itself. Calling it twice is harmless."""
        if _inherited:  # all of it is the parent's
            self.released = True
            return
        with self._one_at_a_time:
            if self._owned:
                with self.ctx:  # names of GL objects mean other objects in another context
                    while self._owned:
                        self._owned.pop()()
            self.ctx.release()
            self.released = True

    @contextmanager
    def use(self) -> Iterator[None]:
        """Make the context this thread's for a while; other threads wait. Calls may be nested.

        Raises
        ------
        UsageError
            As `check`.
        WorkError
            The driver refuses an object.
        """
        self.check()  # before the lock: a fork may have copied it held
        _free_abandoned()
        with self._one_at_a_time:
            self.check()
            self._depth += 1
            try:
                self.ctx.__enter__()
                yield
            except moderngl.Error as error:
                raise WorkError(f"OpenGL: {self.renderer}: {error}: {_REFUSED}") from error
            finally:
                self._depth -= 1
                if not self._depth and not self.released:  # in EGL none is current afterwards
                    self.ctx.__exit__(None, None, None)

    def belongs_to(self, owner: object) -> None:
        """Free the context also where its owner is forgotten without `release`."""
        if self._standalone:
            weakref.finalize(owner, _abandoned.append, self).atexit = False

    def let_go(self) -> None:
        """Leave a context that has just been opened to whichever thread uses it first."""
        if self._standalone:
            with self.ctx:
                pass

    def check(self) -> None:
        """Raise UsageError where nothing can be drawn any more: released, or a fork of the process that opened it."""
        _check_process()
        if self.released:
            raise UsageError("Renderer: released: it renders before release() and inside its `with`: make a new one")

    def __enter__(self) -> GpuContext:
        return self

    def __exit__(self, *exc: object) -> None:
        self.release()


def open_context(device: str = "auto") -> GpuContext:
    """Open an off-screen context.

    Parameters
    ----------
    device : str
        `auto` (EGL on Linux, the platform's own elsewhere), `egl:N`, `native`, or `window` (a context that is
        already current, for the viewer).

    Raises
    ------
    UsageError
        For another word, a number that no device has, `window` without a window's context, and
        in a process that was forked after its parent had opened a context.
    WorkError
        When no driver gives OpenGL 4.1; the message holds the remedy.
    """
    _check_process()
    _free_abandoned()
    options: dict[str, Any] = {"require": 410}
    device = str(device)
    if device == "window":
        options |= {"standalone": False}
    elif device == "native":
        options |= {"standalone": True}
    elif device == "auto" or device == "egl" or device.startswith("egl:"):
        number = device.partition(":")[2] or os.environ.get("GLCONTEXT_DEVICE_INDEX", "0")
        if not number.isdigit():
            raise UsageError(f"device: {device}: N in egl:N is a whole number: try egl:0")
        options |= {"standalone": True}
        if device != "auto" or sys.platform.startswith("linux"):
            options |= {"backend": "egl", "device_index": int(number)}
    else:
        raise UsageError(f"device: {device}: must be auto, egl:N, native or window: leave it out for auto")
    try:
        ctx = moderngl.create_context(**options)
    except Exception as error:  # glcontext raises bare Exceptions with the driver's words
        if device == "window":
            raise UsageError(f"device: window: {error}: {_NO_WINDOW}") from error
        if "device index" in str(error):
            raise UsageError(f"device: {device}: {error}: they count from egl:0: leave it out for auto") from error
        raise WorkError(f"OpenGL: device {device}: {error}: needs OpenGL 4.1: {_REMEDY}") from error
    global _opened
    _opened = True
    ctx.gc_mode = "context_gc"
    info = ctx.info
    renderer, vendor, version = (str(info[name]) for name in ("GL_RENDERER", "GL_VENDOR", "GL_VERSION"))
    return GpuContext(ctx, renderer, vendor, version, _standalone=device != "window")
