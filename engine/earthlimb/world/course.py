"""What a scene's timeline makes of it at any second: keyed values, the attitude, a camera that the station carries."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro import frames
from earthlimb.astro.omm import omm_text
from earthlimb.astro.orbit import StationState
from earthlimb.astro.timescale import Instant, tai_minus_utc_s
from earthlimb.errors import EarthlimbError
from earthlimb.scene import Scene
from earthlimb.scene.point import Point, PointAxesGcrs, PointBody
from earthlimb.scene.station import Station
from earthlimb.scene.tracks import Path, Track, laid
from earthlimb.scene.video import tracks_of
from earthlimb.world.attitude import AttitudePlan, attitude_of
from earthlimb.world.build import station_of
from earthlimb.world.element_source import history_of
from earthlimb.world.pointing import orthonormal

Array = NDArray[np.float64]

_MICROSECONDS = 6
"""Decimals of a second that an instant of a scene has."""


class Course:
    """A scene's keys, its manoeuvres and holds, and what they do to a camera on the station.

    Parameters
    ----------
    scene : Scene
        Its `time.utc` is at second `video.begin_s`, most often 0.
    until_s : float
        Manoeuvres that begin later are left out where the elements do not reach them [s].

    Raises
    ------
    UsageError
        A key that is none.
    """

    def __init__(self, scene: Scene, until_s: float = math.inf) -> None:
        self.scene, self.begin_s = scene, scene.video.begin_s
        self.tracks: dict[Path, Track] = tracks_of(scene) if scene.video.key else {}
        self._until_s = until_s
        self._start = Instant.from_datetime(scene.time.utc)
        self._level_s = self.begin_s
        self._level: dict[str, tuple[float, float, float]] | None = None
        self._body: tuple[float, Station, Array] | None = None

    def utc_at(self, t_s: float) -> datetime:
        """The instant of a second."""
        return self.scene.time.utc if t_s == self.begin_s else self._start.shifted(t_s - self.begin_s).datetime

    def second(self, utc: datetime) -> float:
        """The second of an instant."""
        start = self.scene.time.utc
        leaps_s = tai_minus_utc_s(utc.year, utc.month) - tai_minus_utc_s(start.year, start.month)
        return round((utc - start).total_seconds() + leaps_s + self.begin_s, _MICROSECONDS)

    def values_at(self, t_s: float) -> Mapping[Path, float]:
        """Every keyed value, in the scene file's units."""
        return {path: track.at(t_s) for path, track in self.tracks.items()}

    def at(self, scene: Scene, t_s: float, utc: datetime | None = None) -> Scene:
        """A scene as the timeline has it at a second [s]; what nothing moves stays as it is.

        Parameters
        ----------
        scene : Scene
            That of the course, perhaps changed, or what this made of it for another second.
        utc : datetime, optional
            The instant of the second, where it is known.

        Returns
        -------
        Scene
            Manoeuvres, and an `inertial` that holds the attitude of the first exposure, become `frame`, angles and
            `turn_deg_s`. `point.axes_gcrs` are turned with the station's body. `point.body` gets the `up` and
            `ahead` that keep it as level to the body as it was in the first exposure, if the body turns.

        Raises
        ------
        EarthlimbError
            A manoeuvre that cannot be, elements that do not reach one.
        """
        moved = self._turned(scene, t_s, utc or self.utc_at(t_s))
        point = moved.camera.point
        try:
            if point.axes_gcrs is not None:
                carried = self._carried(point.axes_gcrs, scene, moved, t_s)
            elif point.body is not None and self.attitude.moves:
                carried = Point(body=self._levelled(point.body, t_s))
            else:
                return moved
        except EarthlimbError:  # where the elements end; the world, which is built of it, says so
            return moved
        return moved.model_copy(update={"camera": moved.camera.model_copy(update={"point": carried})})

    def level_at(self, t_s: float) -> None:
        """From now on a camera on the body keeps the level of another second than that of the first exposure."""
        self._level_s, self._level = t_s, None

    @cached_property
    def attitude(self) -> AttitudePlan:
        """What the station's attitude does."""

        def station_at(t_s: float) -> StationState:
            moved = {"time": self.scene.time.model_copy(update={"utc": self.utc_at(t_s)})}
            return station_of(self.pinned.model_copy(update=moved))[3]

        first = laid(self.scene, self.values_at(self.begin_s))
        return AttitudePlan(first, station_at, self.tracks, self._until_s)

    @cached_property
    def pinned(self) -> Scene:
        """The scene with the element set of its own instant written out, where its source holds several."""
        station = self.scene.station
        if len(history_of(station).sets) == 1:
            return self.scene
        one = {"tle": omm_text(station_of(self.scene)[1]), "omm": None}
        return self.scene.model_copy(update={"station": station.model_copy(update=one)})

    def _turned(self, scene: Scene, t_s: float, utc: datetime) -> Scene:
        """Without the pointing."""
        moved = laid(scene, self.values_at(t_s))
        moved = moved.model_copy(update={"time": moved.time.model_copy(update={"utc": utc})})
        return self.attitude.at(moved, t_s)

    def _body_from_gcrs(self, turned: Scene, t_s: float) -> Array:
        """The station's attitude (3, 3) in a scene of that second."""
        if self._body is None or self._body[:2] != (t_s, turned.station):
            self._body = (t_s, turned.station, _body(turned)[0])
        return self._body[2]

    def _carried(self, axes: PointAxesGcrs, scene: Scene, moved: Scene, t_s: float) -> Point:
        """Axes of a scene's own second, turned with the body."""
        before_s = self.second(scene.time.utc)
        if before_s == t_s:
            return moved.camera.point
        before = self._body_from_gcrs(self._turned(scene, before_s, scene.time.utc), before_s)
        rows = np.array([axes.right, axes.down, axes.forward])
        return axes_point(rows @ before.T @ self._body_from_gcrs(moved, t_s))

    def _levelled(self, body: PointBody, t_s: float) -> PointBody:
        """With the level of `_level_s`, unless the scene says its own."""
        if body.up is not None and (self._level is None or body.up != self._level["up"]):
            return body
        if t_s == self._level_s:
            return body if body.up is None else body.model_copy(update={"up": None, "ahead": None})
        if self._level is None:
            body_from_gcrs, lvlh_from_gcrs = _body(self._turned(self.scene, self._level_s, self.utc_at(self._level_s)))
            body_from_lvlh = body_from_gcrs @ lvlh_from_gcrs.T
            self._level = {"up": _three(-body_from_lvlh[:, 2]), "ahead": _three(body_from_lvlh[:, 0])}
        return body.model_copy(update=self._level)


def axes_point(axes: Array) -> Point:
    """The pointing of a camera with these right, down and forward rows (3, 3) in GCRS, made orthonormal."""
    right, down, forward = (_three(row) for row in orthonormal(axes))
    return Point(axes_gcrs=PointAxesGcrs(right=right, down=down, forward=forward))


def _three(row: Array) -> tuple[float, float, float]:
    return float(row[0]), float(row[1]), float(row[2])


def _body(scene: Scene) -> tuple[Array, Array]:
    """Body and LVLH from GCRS (3, 3)."""
    station = station_of(scene)[3]
    lvlh = frames.rot_lvlh_from_gcrs(station.pos_gcrs_km, station.vel_gcrs_km_s)
    return np.asarray(frames.rot_body_from_gcrs(attitude_of(scene), lvlh)), lvlh
