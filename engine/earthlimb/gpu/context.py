"""One OpenGL 4.1 context per renderer, without a screen: EGL on Linux, the platform's own elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import moderngl

from earthlimb.errors import UsageError, WorkError

_REMEDY = (
    "install a driver (Debian, Ubuntu: apt-get install libegl1 libgl1 libgl1-mesa-dri; NVIDIA containers: "
    "set NVIDIA_DRIVER_CAPABILITIES=all), then try `earthlimb doctor`"
)


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
        if self._owned:
            with self.ctx:  # names of GL objects mean other objects in another context
                while self._owned:
                    self._owned.pop()()
        self.ctx.release()
        self.released = True

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
        For another word.
    WorkError
        When no driver gives OpenGL 4.1; the message holds the remedy.
    """
    options: dict[str, Any] = {"require": 410}
    device = str(device)
    if device == "window":
        options |= {"standalone": False}
    elif device == "native":
        options |= {"standalone": True}
    elif device == "auto" or device == "egl" or device.startswith("egl:"):
        number = device.partition(":")[2] or os.environ.get("GLCONTEXT_DEVICE_INDEX", "0")
        if not number.isdigit():
            raise UsageError(f"--device: {device}: N in egl:N is a whole number: try egl:0")
        options |= {"standalone": True}
        if device != "auto" or sys.platform.startswith("linux"):
            options |= {"backend": "egl", "device_index": int(number)}
    else:
        raise UsageError(f"--device: {device}: must be auto, egl:N, native or window: leave it out for auto")
    try:
        ctx = moderngl.create_context(**options)
    except Exception as error:  # glcontext raises bare Exceptions with the driver's words
        raise WorkError(f"OpenGL: device {device}: {error}: needs OpenGL 4.1: {_REMEDY}") from error
    ctx.gc_mode = "context_gc"
    info = ctx.info
    return GpuContext(ctx, str(info["GL_RENDERER"]), str(info["GL_VENDOR"]), str(info["GL_VERSION"]))
