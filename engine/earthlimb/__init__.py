"""Earth's night limb as photographed from the Space Station, rendered from physics in physical units.

The names below are imported when they are first used, so `import earthlimb` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from earthlimb.errors import EarthlimbError as EarthlimbError
    from earthlimb.errors import UsageError as UsageError
    from earthlimb.errors import WorkError as WorkError
    from earthlimb.renderer import Frame as Frame
    from earthlimb.renderer import Renderer as Renderer
    from earthlimb.renderer import render as render
    from earthlimb.scene import Scene as Scene
    from earthlimb.scene import load_scene as load_scene

    __version__: str

_HOMES = {
    "load_scene": "earthlimb.scene",
    "Scene": "earthlimb.scene",
    "Renderer": "earthlimb.renderer",
    "Frame": "earthlimb.renderer",
    "render": "earthlimb.renderer",
    "EarthlimbError": "earthlimb.errors",
    "UsageError": "earthlimb.errors",
    "WorkError": "earthlimb.errors",
}

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("earthlimb")
        except PackageNotFoundError:
            return "0+unknown"
    if name in _HOMES:
        if _HOMES[name] == "earthlimb.renderer":
            importlib.import_module("earthlimb.output")  # gives Frame.save its writers, from above the renderer
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'earthlimb' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
