"""What the panel's widgets show: the scene's values by path, and which of them keys move."""

from __future__ import annotations

from typing import Any

from earthlimb.scene import Scene, resolved
from earthlimb.viewer.optics import focal_mm_of
from earthlimb.viewer.session import Session
from earthlimb.viewer.timeline import keyed_paths


class Values:
    """The scene's values by dotted path, read once for each scene."""

    def __init__(self, session: Session) -> None:
        scene, kept = session.scene, session.panel.cache.get("values")
        if kept is None or kept[0] is not scene:
            kept = session.panel.cache["values"] = (scene, _shown(scene))
        self._data = kept[1]
        keys = scene.video.key
        keyed = session.panel.cache.get("keyed")
        if keyed is None or keyed[0] is not keys:
            keyed = session.panel.cache["keyed"] = (keys, keyed_paths(scene))
        self._keyed: frozenset[str] = keyed[1]

    def keyed(self, path: str) -> bool:
        """Whether keys of the timeline move the value at a path."""
        return path in self._keyed

    def at(self, path: str) -> Any:
        """The value at a path, None where it is absent."""
        value: Any = self._data
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return value


def _shown(scene: Scene) -> dict[str, Any]:
    """The scene's values, with the focal length of the lens that is seen."""
    values = resolved(scene)
    if scene.camera.f_px is not None:
        values["camera"]["focal_mm"] = float(f"{focal_mm_of(scene):.4g}")
    return values
