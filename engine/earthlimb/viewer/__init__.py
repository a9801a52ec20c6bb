"""The interactive renderer in a window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from earthlimb.scene import Scene
    from earthlimb.viewer.quality import Quality

__all__ = ["view"]


def view(
    scene: Scene,
    name: str = "scene",
    *,
    size: tuple[int, int] | None = None,
    n_frames: int | None = None,
    screenshot: Path | None = None,
) -> Quality:
    """Open the window and run until it is closed; see `earthlimb.viewer.app.view`.

    The process that works out air and maps is started before anything else is imported: each needs a second.
    """
    from earthlimb.viewer.child import Child
    from earthlimb.viewer.glfw_library import display_missing, load_glfw, wayland_wanted

    child = None
    if not display_missing():
        child = Child("earthlimb.viewer.worlds:work")
        load_glfw(wayland=wayland_wanted())
    from earthlimb.viewer import app

    return app.view(scene, name, size=size, n_frames=n_frames, screenshot=screenshot, child=child)
