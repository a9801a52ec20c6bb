"""The scene as a moving view shows it."""

from __future__ import annotations

import math

from earthlimb.gpu.targets import off_power_of_two
from earthlimb.scene import Scene, resized

_MOVING_VMAG = 6.5
"""Stars of a live picture: through 28 mm f/1.4 one of 6.5 leaves about 30 electrons in 1/60 s, fainter ones drown in
the noise; all 19,000 of the Italy view would cost more than the rest of its picture."""
_LIVE_S = (1.0 / 60.0, 0.2)
"""Shortest and longest exposure of a live frame."""


def live_s(frame_s: float) -> float:
    """Exposure of a live frame that takes so long to draw."""
    return min(max(frame_s, _LIVE_S[0]), _LIVE_S[1])


def quick_scene(scene: Scene, scale: float, frame_s: float) -> Scene:
    """The scene as a live view shows it: coarser, fewer faint stars, exposed no longer than a frame lasts.

    The development makes up for the shorter exposure, so the brightness stays and the noise is the frame's own.
    """
    sides = (scene.image.width_px, scene.image.height_px)
    size = (max(round(side * scale), min(16, side)) for side in sides)
    live = resized(scene, *(sides if scale == 1.0 else map(off_power_of_two, size)))
    camera = live.camera
    update: dict[str, object] = {}
    own_s = live_s(frame_s)
    if isinstance(camera.shutter_s, float) and camera.shutter_s > own_s:
        ev = min(camera.ev + math.log2(camera.shutter_s / own_s), 20.0)
        update["camera"] = camera.model_copy(update={"shutter_s": own_s, "ev": ev})
    if live.sky.stars_to_vmag > _MOVING_VMAG:
        update["sky"] = live.sky.model_copy(update={"stars_to_vmag": _MOVING_VMAG})
    return live.model_copy(update=update)
