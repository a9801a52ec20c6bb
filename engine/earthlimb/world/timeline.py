"""A scene's timeline: which exposures a video has, and the still scene of each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro import bodies, frames
from earthlimb.astro.earth_rotation import rot_itrs_from_gcrs
from earthlimb.errors import EarthlimbError, UsageError
from earthlimb.scene import Scene, utc_text
from earthlimb.scene.camera import AutoShutter
from earthlimb.scene.timeline import Video
from earthlimb.scene.tracks import Path, Track
from earthlimb.world.attitude import AttitudePlan, attitude_of, omega_body_gcrs_rad_s
from earthlimb.world.build import station_of
from earthlimb.world.course import Course, axes_point
from earthlimb.world.optics import checked_lens
from earthlimb.world.pointing import rot_cam_from_gcrs

Array = NDArray[np.float64]

MAX_FRAMES = 1_000_000
"""Most exposures of a timeline: eleven hours at 25 a second; more is a mistake in the interval."""
_TABLE_ROWS = 9
_CHECKED = 20_000
"""Most exposures that are pointed before the first is rendered; a thousand take a second."""


@dataclass(frozen=True)
class TimelineRow:
    """One exposure in the table of `check`: number, scene time [s], UTC, place below the station, Sun, attitude,
    angle of the dome's axis from the nadir, rate against the stars, keyed values."""

    frame: int
    at_s: float
    utc: datetime
    lat_deg: float
    lon_deg: float
    sun_elevation_deg: float
    attitude: str
    dome_from_nadir_deg: float
    turn_deg_s: float
    values: dict[Path, float]


class Timeline:
    """The exposures of a scene's `[video]`, numbered from 0.

    Parameters
    ----------
    scene : Scene
        Its `time.utc` is the middle of exposure 0, which is at second `video.begin_s`.

    Raises
    ------
    UsageError
        The timeline begins after its end, the interval is shorter than the shutter somewhere on it, there are more
        than MAX_FRAMES exposures, or the first or last of them cannot be pointed or has a lens that folds.

    Examples
    --------
    >>> from earthlimb.scene import load_scene
    >>> timeline = Timeline(load_scene("italy", {"video.duration_s": 1.1, "video.interval_s": 0.2}))
    >>> timeline.n_frames, timeline.scene_at(5).time.utc.isoformat()
    (6, '2021-09-09T22:42:41.050000+00:00')
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        video = scene.video
        # as the user wrote them: 1.1 s every 0.1 s are 11 exposures, in binary floating point they would be 12
        self._interval_s = Fraction(repr(video.interval_s))
        self._begin_s = Fraction(repr(video.begin_s))
        left_s = Fraction(repr(video.duration_s)) - self._begin_s
        if left_s <= 0:
            raise UsageError(
                f"video.begin_s = {video.begin_s:g}: no exposure is left, video.duration_s = {video.duration_s:g} is "
                "the end: an earlier second is wanted: make it smaller, or video.duration_s longer"
            )
        self.n_frames: int = math.ceil(left_s / self._interval_s)
        self.course = Course(scene, self.at_s(self.n_frames - 1))
        self._still = self.course.pinned.model_copy(update={"video": Video()})
        self._check_shutter()
        if self.n_frames > MAX_FRAMES:
            raise UsageError(
                f"video.interval_s = {video.interval_s:g}: {self.n_frames} exposures in {float(left_s):g} s: "
                f"{MAX_FRAMES} are allowed: make it longer"
            )
        for i in sorted({0, self.n_frames - 1}):
            self._check_pointing(i)

    def at_s(self, i: int) -> float:
        """Second of the timeline of exposure i [s]; exposure 0 is at `begin_s`."""
        return float(self._begin_s + i * self._interval_s)

    def values_at(self, i: int) -> dict[Path, float]:
        """Every keyed value in exposure i, in the scene file's units."""
        return dict(self.course.values_at(self.at_s(i)))

    def scene_at(self, i: int) -> Scene:
        """The still scene of exposure i.

        Parameters
        ----------
        i : int
            0 to n_frames - 1.

        Returns
        -------
        Scene
            Time and keyed values are those of the exposure. Pointing by `limb`, `ground` and `sky` stays as it
            is, to be solved at that time; `body` and `axes_gcrs` become the `axes_gcrs` that keep the
            orientation to the station's body that they have in exposure 0. Of several element sets that of
            exposure 0 is used throughout, so that the station does not jump where another one gets nearer.
            Manoeuvres, and an `inertial` that holds the attitude of exposure 0, become `frame`, angles and
            `turn_deg_s`.
        """
        if not 0 <= i < self.n_frames:
            raise IndexError(f"exposure {i} of {self.n_frames}")
        scene = self.course.at(self._still, self.at_s(i))
        if i == 0 or scene.camera.point.kind != "body":
            return scene
        point = axes_point(_Solved(scene, scene).cam_from_gcrs)
        return scene.model_copy(update={"camera": scene.camera.model_copy(update={"point": point})})

    def check_pointing(self, n_most: int = _CHECKED) -> None:
        """Point the camera of all exposures, or of so many that are evenly spread; no world is built.

        Raises
        ------
        EarthlimbError
            One of them cannot be pointed or has a lens that folds; from the second on with its number and UTC.
        """
        step = math.ceil(self.n_frames / n_most)
        for i in range(0, self.n_frames, step):
            self._check_pointing(i)

    def rows(self, n_rows: int = _TABLE_ROWS) -> list[TimelineRow]:
        """Evenly spread exposures, the first and the last among them.

        Raises
        ------
        UsageError
            One of them cannot be pointed.
        """
        return [self._row(i) for i in np.unique(np.linspace(0, self.n_frames - 1, n_rows).round().astype(int)).tolist()]

    @property
    def tracks(self) -> dict[Path, Track]:
        """The course of every keyed value."""
        return self.course.tracks

    @property
    def attitude(self) -> AttitudePlan:
        """What the station's attitude does."""
        return self.course.attitude

    def _check_shutter(self) -> None:
        last_s, interval_s = self.at_s(self.n_frames - 1), self.scene.video.interval_s
        track = self.tracks.get(("camera", "shutter_s"))
        if track is None and isinstance(self.scene.camera.shutter_s, AutoShutter):
            return  # the meter keeps to the interval
        # between two keys a value never leaves their range
        first_s = self.at_s(0)
        times = (first_s, *(t for t in track.at_s if first_s < t < last_s), last_s) if track else (first_s,)
        longest_s, at_s = max((track.at(t) if track else self.scene.camera.shutter_s, -t) for t in times)
        if longest_s > interval_s and self.n_frames > 1:
            when = f" at {-at_s:g} s" if track else ""
            raise UsageError(
                f"video.interval_s = {interval_s:g}: the shutter is open for {longest_s:g} s{when}: an interval at "
                "least as long is wanted: make it longer, or camera.shutter_s shorter"
            )

    def _check_pointing(self, i: int) -> _Solved:
        scene = self.scene_at(i)
        try:
            checked_lens(scene)
            return _Solved(scene, scene)
        except EarthlimbError as error:
            if i == 0:
                raise
            raise type(error)(f"{error} (exposure {i}, {utc_text(scene.time.utc)})") from error

    def _row(self, i: int) -> TimelineRow:
        solved = self._check_pointing(i)
        station = solved.station
        sun = rot_itrs_from_gcrs(station.instant) @ bodies.sun_gcrs_km(
            station.instant, station.pos_gcrs_km, station.vel_gcrs_km_s
        )
        c = math.cos(station.lat_rad)
        up = np.array([c * math.cos(station.lon_rad), c * math.sin(station.lon_rad), math.sin(station.lat_rad)])
        return TimelineRow(
            frame=i,
            at_s=self.at_s(i),
            utc=station.instant.datetime,
            lat_deg=math.degrees(station.lat_rad),
            lon_deg=(math.degrees(station.lon_rad) + 180.0) % 360.0 - 180.0,
            sun_elevation_deg=math.degrees(math.asin(float(up @ sun) / float(np.linalg.norm(sun)))),
            attitude=self.attitude.name_at(self.at_s(i)),
            dome_from_nadir_deg=math.degrees(math.acos(min(max(float(solved.nadir_body[2]), -1.0), 1.0))),
            turn_deg_s=math.degrees(float(np.linalg.norm(solved.omega_body_gcrs_rad_s))),
            values=self.values_at(i),
        )


class _Solved:
    """Station, body and camera at the time of one scene, pointed as another one says."""

    def __init__(self, at: Scene, pointed: Scene) -> None:
        instant, _, _, self.station = station_of(at)
        lvlh_from_gcrs = frames.rot_lvlh_from_gcrs(self.station.pos_gcrs_km, self.station.vel_gcrs_km_s)
        self.body_from_gcrs: Array = frames.rot_body_from_gcrs(attitude_of(at), lvlh_from_gcrs)
        self.cam_from_gcrs: Array = rot_cam_from_gcrs(
            pointed.camera.point,
            math.radians(pointed.camera.roll_deg),
            self.station,
            rot_itrs_from_gcrs(instant),
            lvlh_from_gcrs,
            self.body_from_gcrs,
        )
        self.nadir_body: Array = self.body_from_gcrs @ lvlh_from_gcrs[2]
        self.omega_body_gcrs_rad_s: Array = omega_body_gcrs_rad_s(at, self.station, self.body_from_gcrs)
