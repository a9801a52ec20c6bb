"""The scene as a moving view shows it."""

from __future__ import annotations

import math
from datetime import timedelta

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


def later_scene(scene: Scene, rate: float, took_s: float) -> Scene:
    """The scene in the middle of the time for which the air that is asked for now will be shown.

    It comes after `took_s`, the next one as much later: half of that is how old, or young, it is at most. Without this
    it would be between one and two times as old.

    Parameters
    ----------
    rate : simulated seconds a second
    took_s : that building a world takes
    """
    try:
        utc = scene.time.utc + timedelta(seconds=1.5 * rate * took_s)
    except OverflowError:
        return scene
    return scene.model_copy(update={"time": scene.time.model_copy(update={"utc": utc})})


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
