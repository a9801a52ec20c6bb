"""Which of glfw's libraries opens the window on Linux: imgui's own, for X11, or the one for Wayland."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def display_missing(system: str = sys.platform, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether this is a Linux process without any display to open a window on."""
    return system.startswith("linux") and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def wayland_wanted(system: str = sys.platform, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the window is to be Wayland's own: where there is no X server, or `PYGLFW_LIBRARY_VARIANT` says so."""
    if not system.startswith("linux") or not environ.get("WAYLAND_DISPLAY"):
        return False
    return not environ.get("DISPLAY") or environ.get("PYGLFW_LIBRARY_VARIANT", "").lower() == "wayland"


def load_glfw(*, wayland: bool) -> Any:
    """glfw; what imgui draws the panel with must be the same copy of its library.

    imgui brings one without Wayland. Where that is needed glfw's own is loaded first: both call themselves
    libglfw.so.3, so imgui's module is bound to it. The two functions for X11 that it lacks are looked up when they
    are called, which nothing here does.
    """
    given = os.environ.get("PYGLFW_LIBRARY")
    path = _wayland_library() if wayland and not given else None
    flags = sys.getdlopenflags()
    if path is not None and "imgui_bundle" not in sys.modules:
        ctypes.CDLL(str(path))
        os.environ["PYGLFW_LIBRARY"] = str(path)
        sys.setdlopenflags(os.RTLD_LAZY)
    try:
        import imgui_bundle  # noqa: F401  says where its copy is, unless another has been named
    finally:
        sys.setdlopenflags(flags)
    import glfw

    if given is None:
        os.environ.pop("PYGLFW_LIBRARY", None)  # not for the processes that this one starts
    return glfw


def start_crashes(glfw: Any) -> bool:
    """Whether glfw's start kills a process, as 3.4's does where the compositor has neither keyboard nor mouse."""
    code = "import ctypes, sys; ctypes.CDLL(sys.argv[1]).glfwInit()"
    tried = subprocess.run([sys.executable, "-I", "-S", "-c", code, glfw._glfw._name], capture_output=True, check=False)
    return tried.returncode < 0


def compositor_gone(glfw: Any) -> bool:
    """Whether the connection to the Wayland compositor has broken."""
    try:
        client = ctypes.CDLL("libwayland-client.so.0")
    except OSError:
        return False
    return bool(client.wl_display_get_error(ctypes.c_void_p(glfw.get_wayland_display())))


def _wayland_library() -> Path | None:
    """The library with Wayland in glfw's package, if this one has it."""
    package = importlib.util.find_spec("glfw")
    if package is None or package.origin is None:
        return None
    path = Path(package.origin).parent / "wayland" / "libglfw.so"
    return path if path.exists() else None
