"""What turns the station by hand: named attitudes, angles from the present one, a manoeuvre that begins now."""

from __future__ import annotations

import math

import numpy as np

from earthlimb.astro import frames
from earthlimb.errors import UsageError
from earthlimb.scene import Scene
from earthlimb.scene.overrides import drop_keyed
from earthlimb.scene.timeline import LATEST_S, Event, Key, Manoeuvre
from earthlimb.world import attitude_of, station_of
from earthlimb.world.element_source import ORBIT_KEYS

ATTITUDES = ("+XVV", "docking-pitch-90", "inertial", "-XVV")
"""Named attitudes in the order in which keys go through them."""
ANGLES = ("yaw_deg", "pitch_deg", "roll_deg")
STEERING = frozenset({"attitude", "frame", *ANGLES, "turn_deg_s", *ORBIT_KEYS})
"""Keys of `[station]` after whose change the timeline starts anew."""


_TURNED = frozenset(("station", name) for name in ANGLES)


def manoeuvre_scene(scene: Scene, to: str, rate_deg_s: float) -> Scene:
    """The scene with a turn to a named attitude that begins now, in place of what its timeline would do.

    Raises
    ------
    UsageError
        The rate is out of its range.
    """
    if not 0.01 <= rate_deg_s <= 2.0:
        raise UsageError(f"manoeuvre: rate_deg_s = {rate_deg_s:g}: must be 0.01 to 2: change it")
    keys = [key.model_dump() for key in scene.video.key]
    drop_keyed(keys, {".".join(path): None for path in _TURNED})
    kept = tuple(Key.model_validate(key) for key in keys if set(key) - {"at_s", "ease"})
    now_s = scene.video.begin_s if kept else 0.0
    if now_s < 0.0:  # what is to come begins from now
        kept = tuple(key.model_copy(update={"at_s": key.at_s - now_s}) for key in kept)
        now_s = 0.0
    elif now_s > LATEST_S:  # all of it is over
        kept, now_s = (), 0.0
    event = Event(at_s=now_s, manoeuvre=Manoeuvre.model_validate({"to": to, "rate_deg_s": rate_deg_s}))
    update = {"event": (event,), "key": kept, "begin_s": now_s, "attitude": None}
    return scene.model_copy(update={"video": scene.video.model_copy(update=update)})


def angles_from(scene: Scene, frame: str) -> dict[str, object]:
    """Values of `[station]` that say the present attitude by yaw, pitch and roll from a frame."""
    station = station_of(scene)[3]
    lvlh = frames.rot_lvlh_from_gcrs(station.pos_gcrs_km, station.vel_gcrs_km_s)
    body = frames.rot_body_from_gcrs(attitude_of(scene), lvlh)
    angles = frames.yaw_pitch_roll(body if frame == "inertial" else np.asarray(body @ lvlh.T))
    values: dict[str, object] = {"station.frame": frame}
    return values | {f"station.{name}": round(math.degrees(a), 6) for name, a in zip(ANGLES, angles, strict=True)}


def next_attitude(scene: Scene) -> str:
    """The named attitude after that of the scene; the first where it has angles in the local frame."""
    named = scene.station.attitude or scene.station.frame
    return ATTITUDES[(ATTITUDES.index(named) + 1) % len(ATTITUDES)] if named in ATTITUDES else ATTITUDES[0]
