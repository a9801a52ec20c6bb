"""The station's attitude: of a still scene, and along a timeline with manoeuvres."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro import frames
from earthlimb.astro.manoeuvre import Turn, plan_turn
from earthlimb.astro.orbit import StationState
from earthlimb.errors import EarthlimbError, UsageError
from earthlimb.scene import Scene
from earthlimb.scene.timeline import Manoeuvre
from earthlimb.scene.tracks import Track

Array = NDArray[np.float64]
Tracks = Mapping[tuple[str, ...], Track]

_ANGLES = ("yaw_deg", "pitch_deg", "roll_deg")


def attitude_of(scene: Scene) -> frames.Attitude:
    """The station's attitude, named or by angles."""
    station = scene.station
    if station.frame is None:
        return frames.attitude_named(station.attitude or "+XVV")
    return _by_angles(station.frame, station.yaw_deg, station.pitch_deg, station.roll_deg)


def omega_body_gcrs_rad_s(scene: Scene, station: StationState, body_from_gcrs: Array) -> Array:
    """Angular velocity (3,) of the station's body in GCRS [rad s-1]: its frame's, and `station.turn_deg_s`."""
    turn: Array = body_from_gcrs.T @ np.radians(scene.station.turn_deg_s)
    if attitude_of(scene).frame == "lvlh":
        turn = turn + frames.omega_lvlh_gcrs_rad_s(station.pos_gcrs_km, station.vel_gcrs_km_s)
    return turn


def turned_scene(scene: Scene, frame: str, body_from_frame: Array, turn_rad_s: Array) -> Scene:
    """The scene with the station at an attitude (3, 3) from a frame, turning by (3,) about its axes [rad s-1]."""
    yaw, pitch, roll = (math.degrees(angle) for angle in frames.yaw_pitch_roll(body_from_frame))
    x, y, z = (math.degrees(float(part)) for part in turn_rad_s)
    change = {"attitude": None, "frame": frame, "yaw_deg": yaw, "pitch_deg": pitch, "roll_deg": roll}
    station = scene.station.model_copy(update={**change, "turn_deg_s": (x, y, z)})
    return scene.model_copy(update={"station": station})


@dataclass(frozen=True, eq=False)
class Hold:
    """An attitude that is kept: body from its frame ("lvlh" or "inertial"), and what messages call it."""

    name: str
    frame: str
    body_from_frame: Array


class AttitudePlan:
    """What the station does on a timeline: its attitude at the start, and manoeuvres one after the other.

    Parameters
    ----------
    scene : Scene
        Of the first exposure, which is at `video.begin_s`; manoeuvres before it count where `video.attitude` says
        from where they began.
    station_at : callable
        The station's state at a second of the timeline.
    tracks : mapping
        The timeline's keys; those of yaw, pitch and roll turn the station, too.
    until_s : float
        What begins later is left out where the elements do not reach it [s].

    Raises
    ------
    UsageError
        A manoeuvre begins before the one before it has ended, or cannot be made.
    """

    def __init__(
        self, scene: Scene, station_at: Callable[[float], StationState], tracks: Tracks, until_s: float = math.inf
    ) -> None:
        self._station_at = station_at
        self._tracks = {name: tracks[path] for name in _ANGLES if (path := ("station", name)) in tracks}
        self._scene = scene
        attitude = attitude_of(scene)
        name = scene.station.attitude or scene.station.frame or ""
        held, begin_s = scene.video.attitude, scene.video.begin_s
        if held is not None:
            name, attitude = held.frame, _by_angles(held.frame, held.yaw_deg, held.pitch_deg, held.roll_deg)
        self.moves = bool(scene.video.event or self._tracks) or attitude.frame == "held"
        self.turns: list[tuple[Turn, Hold]] = []
        self.first = self._hold(name, attitude, begin_s)
        for index, event in enumerate(scene.video.event):
            if held is None and event.at_s < begin_s:
                continue
            if event.at_s > until_s and not self._reaches(event.at_s):
                break
            self._add(index, event.at_s, event.manoeuvre)

    def at(self, scene: Scene, t_s: float) -> Scene:
        """A scene with the attitude and the rate of a time [s]; its angles are those that keys gave it."""
        if not self.moves:
            return scene
        if self._tracks:
            return self._keyed(scene, t_s)
        hold, turn = self._phase(t_s)
        if turn is None:
            return turned_scene(scene, hold.frame, hold.body_from_frame, np.zeros(3))
        body, rate_lvlh = turn.at(t_s)
        return turned_scene(scene, "lvlh", body, body @ rate_lvlh)

    def name_at(self, t_s: float) -> str:
        """The attitude at a time [s] for people: its name, or where it is turning to."""
        if not self.moves or self._tracks:
            return self._scene.station.attitude or self._scene.station.frame or ""
        hold, turn = self._phase(t_s)
        return f"to {hold.name}" if turn else hold.name

    def _reaches(self, t_s: float) -> bool:
        try:
            self._station_at(t_s)
        except EarthlimbError:
            return False
        return True

    def _phase(self, t_s: float) -> tuple[Hold, Turn | None]:
        hold = self.first
        for turn, after in self.turns:
            if t_s < turn.start_s:
                break
            if t_s < turn.end_s:
                return after, turn
            hold = after
        return hold, None

    def _keyed(self, scene: Scene, t_s: float) -> Scene:
        """Keys on yaw, pitch and roll: the rate is what their change amounts to."""
        station = scene.station
        if station.frame is None:
            return scene
        yaw, pitch, roll = (math.radians(getattr(station, name)) for name in _ANGLES)
        rates = [math.radians(self._tracks[n].rate_at(t_s)) if n in self._tracks else 0.0 for n in _ANGLES]
        about_z = frames.rot_body_from_lvlh(0.0, pitch, roll) @ (0.0, 0.0, rates[0])
        about_y = frames.rot_body_from_lvlh(0.0, 0.0, roll) @ (0.0, rates[1], 0.0)
        turn = about_z + about_y + np.array([rates[2], 0.0, 0.0])
        own = turned_scene(scene, station.frame, frames.rot_body_from_lvlh(yaw, pitch, roll), turn)
        return scene.model_copy(update={"station": station.model_copy(update={"turn_deg_s": own.station.turn_deg_s})})

    def _lvlh(self, t_s: float) -> tuple[Array, float]:
        station = self._station_at(t_s)
        lvlh = frames.rot_lvlh_from_gcrs(station.pos_gcrs_km, station.vel_gcrs_km_s)
        omega = frames.omega_lvlh_gcrs_rad_s(station.pos_gcrs_km, station.vel_gcrs_km_s)
        return lvlh, float(np.linalg.norm(omega))

    def _hold(self, name: str, attitude: frames.Attitude, t_s: float) -> Hold:
        turn = frames.rot_body_from_lvlh(attitude.yaw_rad, attitude.pitch_rad, attitude.roll_rad)
        if attitude.frame == "held":
            return Hold(name, "inertial", turn @ self._lvlh(t_s)[0])
        return Hold(name, attitude.frame, turn)

    def _add(self, index: int, at_s: float, wanted: Manoeuvre) -> None:
        if self.turns and at_s < self.turns[-1][0].end_s:
            before = self.turns[-1][0]
            raise UsageError(
                f"video.event.at_s: event {index + 1} at {at_s:g} s: the manoeuvre that begins at {before.start_s:g} s "
                f"lasts until {before.end_s:g} s: one at a time is allowed: begin later, or make the first one faster"
            )
        hold = self.turns[-1][1] if self.turns else self.first
        leaves = hold.frame == "inertial"
        lvlh, orbit_rad_s = self._lvlh(at_s)
        body = hold.body_from_frame @ lvlh.T if leaves else hold.body_from_frame
        rate_rad_s = math.radians(wanted.rate_deg_s)
        if wanted.to == "inertial":  # stops the turn; the attitude is the one at which it comes to rest
            turn = plan_turn(at_s, body, leaves, None, True, rate_rad_s, orbit_rad_s)
            after = Hold("inertial", "inertial", turn.nodes[-1] @ self._lvlh(turn.end_s)[0])
        else:
            if wanted.to is not None:
                after = self._hold(wanted.to, frames.attitude_named(wanted.to), at_s)
            else:
                frame = wanted.frame or "lvlh"
                after = self._hold(frame, _by_angles(frame, *(getattr(wanted, n) for n in _ANGLES)), at_s)
            ends = after.frame == "inertial"

            def target(t_s: float) -> Array:
                return after.body_from_frame @ self._lvlh(t_s)[0].T if ends else after.body_from_frame

            turn = plan_turn(at_s, body, leaves, target, ends, rate_rad_s, orbit_rad_s)
        self.turns.append((turn, after))


def _by_angles(frame: str, yaw_deg: float, pitch_deg: float, roll_deg: float) -> frames.Attitude:
    return frames.Attitude(frame, math.radians(yaw_deg), math.radians(pitch_deg), math.radians(roll_deg))
