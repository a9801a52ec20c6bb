"""How the station turns while time runs in the window: holds among the stars, manoeuvres, keys on its angles."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import numpy as np

from earthlimb.astro import frames
from earthlimb.astro.orbit import StationState
from earthlimb.errors import UsageError
from earthlimb.scene import Scene
from earthlimb.scene.overrides import drop_keyed
from earthlimb.scene.timeline import Event, Key, Manoeuvre
from earthlimb.scene.video import Track, tracks_of
from earthlimb.world import attitude_of, station_of
from earthlimb.world.attitude import AttitudePlan
from earthlimb.world.element_source import ORBIT_KEYS

ATTITUDES = ("+XVV", "docking-pitch-90", "inertial", "-XVV")
"""Named attitudes in the order in which keys go through them."""
_ANGLES = ("yaw_deg", "pitch_deg", "roll_deg")
STEERING = frozenset({"attitude", "frame", *_ANGLES, "turn_deg_s", *ORBIT_KEYS})
"""Keys of `[station]` after whose change the helm starts anew."""


class Helm:
    """What a scene says about the station's attitude from its instant on, as its video would have it.

    Parameters
    ----------
    scene : Scene
        Its `time.utc` is second 0 of its events and of its keys on the station's angles.

    Raises
    ------
    UsageError
        A manoeuvre that cannot be made.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene, self.start = scene, scene.time.utc
        self._tracks: dict[tuple[str, ...], Track] = {}
        if scene.video.key:
            self._tracks = {path: track for path, track in tracks_of(scene).items() if path in _TURNED}
        self.plan = AttitudePlan(self._with(0.0), self._station_at, self._tracks)

    @property
    def moves(self) -> bool:
        """Whether the scene says more than one attitude that stays."""
        return self.plan.moves

    def at(self, scene: Scene) -> Scene:
        """A scene of the window with the station's attitude and rate of its instant, and the events still to come."""
        if not self.moves:
            return scene
        t_s = self._seconds(scene.time.utc)
        found = self.plan.at(self._with(t_s), t_s).station
        name = self.plan.name_at(t_s)
        change: dict[str, object] = {key: getattr(found, key) for key in ("attitude", "frame", *_ANGLES, "turn_deg_s")}
        if name in ATTITUDES and name != "inertial":
            change |= {"attitude": name, "frame": None, **dict.fromkeys(_ANGLES, 0.0)}
        update: dict[str, object] = {"station": scene.station.model_copy(update=change)}
        if self._scene.video.event:
            coming = tuple(
                one.model_copy(update={"at_s": one.at_s - t_s}) for one in self._scene.video.event if one.at_s >= t_s
            )
            update["video"] = scene.video.model_copy(update={"event": coming})
        return scene.model_copy(update=update)

    def turning(self, utc: datetime) -> tuple[str, datetime] | None:
        """Where the station is turning to at an instant, and until when."""
        t_s = self._seconds(utc)
        for turn, hold in self.plan.turns if self.moves else ():
            if turn.start_s <= t_s < turn.end_s:
                return hold.name, self.start + timedelta(seconds=turn.end_s)
        return None

    def _seconds(self, utc: datetime) -> float:
        return (utc - self.start).total_seconds()

    def _station_at(self, t_s: float) -> StationState:
        moved = self._scene.time.model_copy(update={"utc": self.start + timedelta(seconds=t_s)})
        return station_of(self._scene.model_copy(update={"time": moved}))[3]

    def _with(self, t_s: float) -> Scene:
        """The scene with the station's angles as its keys have them."""
        angles = {path[1]: track.at(t_s) for path, track in self._tracks.items()}
        return self._scene.model_copy(update={"station": self._scene.station.model_copy(update=angles)})


_TURNED = frozenset(("station", name) for name in _ANGLES)


def manoeuvre_scene(scene: Scene, to: str, rate_deg_s: float) -> Scene:
    """The scene with a turn to a named attitude that begins now, in place of what its timeline would do.

    Raises
    ------
    UsageError
        The rate is out of its range.
    """
    if not 0.01 <= rate_deg_s <= 2.0:
        raise UsageError(f"manoeuvre: rate_deg_s = {rate_deg_s:g}: must be 0.01 to 2: change it")
    event = Event(at_s=0.0, manoeuvre=Manoeuvre.model_validate({"to": to, "rate_deg_s": rate_deg_s}))
    keys = [key.model_dump() for key in scene.video.key]
    drop_keyed(keys, {".".join(path): None for path in _TURNED})
    update = {"event": (event,), "key": tuple(Key.model_validate(key) for key in keys)}
    return scene.model_copy(update={"video": scene.video.model_copy(update=update)})


def angles_from(scene: Scene, frame: str) -> dict[str, object]:
    """Values of `[station]` that say the present attitude by yaw, pitch and roll from a frame."""
    station = station_of(scene)[3]
    lvlh = frames.rot_lvlh_from_gcrs(station.pos_gcrs_km, station.vel_gcrs_km_s)
    body = frames.rot_body_from_gcrs(attitude_of(scene), lvlh)
    angles = frames.yaw_pitch_roll(body if frame == "inertial" else np.asarray(body @ lvlh.T))
    values: dict[str, object] = {"station.frame": frame}
    return values | {f"station.{name}": round(math.degrees(a), 6) for name, a in zip(_ANGLES, angles, strict=True)}


def next_attitude(scene: Scene) -> str:
    """The named attitude after that of the scene; the first where it has angles in the local frame."""
    named = scene.station.attitude or scene.station.frame
    return ATTITUDES[(ATTITUDES.index(named) + 1) % len(ATTITUDES)] if named in ATTITUDES else ATTITUDES[0]
