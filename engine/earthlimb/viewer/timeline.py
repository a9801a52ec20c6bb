"""A scene's timeline while time runs in the window: what its video would show at every instant, on either side, too."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from earthlimb.astro import frames
from earthlimb.astro.timescale import Instant
from earthlimb.scene import Scene
from earthlimb.scene.timeline import LATEST_S, Held, Video
from earthlimb.scene.tracks import leaves
from earthlimb.viewer.helm import ANGLES, ATTITUDES
from earthlimb.world.course import Course
from earthlimb.world.element_source import history_of
from earthlimb.world.timeline import MAX_FRAMES


class LiveTimeline:
    """Lays a scene's keys, manoeuvres and holds over what the window shows.

    The scenes that `at` gives say everything themselves: their `video.begin_s` is their own second, so that another
    timeline can be made of each of them, here or of its file.

    Parameters
    ----------
    scene : Scene

    Raises
    ------
    EarthlimbError
        A manoeuvre that cannot be made, elements that do not reach it.
    """

    def __init__(self, scene: Scene) -> None:
        self._course = course = Course(scene)
        video = scene.video
        counted = video.begin_s if video.attitude is None else -math.inf
        self._events = tuple(event for event in video.event if event.at_s >= counted)
        self._held = _held(course) if self._events else None
        self.exists = bool(course.tracks or self._events)
        self._moves = course.attitude.moves
        self._pinned = course.pinned if self.exists and _changes_elements(course) else None

    def at(self, scene: Scene, utc: datetime) -> Scene:
        """The window's scene at another instant."""
        if not (self.exists or self._moves or scene.camera.point.axes_gcrs):
            return scene.model_copy(update={"time": scene.time.model_copy(update={"utc": utc})})
        t_s = self._course.second(utc)
        if self._pinned is not None:
            within = self._course.begin_s <= t_s < scene.video.duration_s
            source = (self._pinned if within else self._course.scene).station
            station = scene.station.model_copy(update={"tle": source.tle, "omm": source.omm})
            scene = scene.model_copy(update={"station": station})
        moved = self._course.at(scene, t_s, utc)
        update: dict[str, object] = {}
        if self.exists:
            now = {"begin_s": t_s, "attitude": self._held, "event": self._events}
            update["video"] = scene.video.model_copy(update=now)
        name = self._course.attitude.name_at(t_s)
        if self._moves and name in ATTITUDES and name != "inertial":
            named = {"attitude": name, "frame": None, **dict.fromkeys(ANGLES, 0.0)}
            update["station"] = moved.station.model_copy(update=named)
        return moved.model_copy(update=update) if update else moved

    def turning(self, utc: datetime) -> tuple[str, datetime] | None:
        """Where the station is turning to at an instant, and until when."""
        turns = self._course.attitude.turns
        t_s = self._course.second(utc) if turns else 0.0
        for turn, hold in turns:
            if turn.start_s <= t_s < turn.end_s:
                return hold.name, utc + timedelta(seconds=turn.end_s - t_s)
        return None

    def levelled(self, utc: datetime) -> None:
        """From now on a camera on the station keeps the level of this instant: it was pointed anew."""
        self._course.level_at(self._course.second(utc))

    def to_save(self, scene: Scene) -> Scene:
        """A scene whose file goes on where the window is, without a timeline that is over or years ahead.

        Past the end of the video, with keys or a turn still to come, the file's video lasts until these are over.
        """
        if not self.exists:
            return scene
        video, turns = scene.video, self._course.attitude.turns
        ends = [video.duration_s, *(key.at_s for key in video.key), *(turn.end_s for turn, _ in turns)]
        end_s = min(max(ends), LATEST_S)
        endless = (video.duration_s - video.begin_s) / video.interval_s > MAX_FRAMES
        if endless or video.begin_s >= end_s:
            return without_timeline(scene)
        if video.begin_s >= video.duration_s:
            return scene.model_copy(update={"video": video.model_copy(update={"duration_s": end_s})})
        return scene


def without_timeline(scene: Scene) -> Scene:
    """The scene with the length and rhythm of its video alone."""
    video = scene.video
    return scene.model_copy(
        update={"video": Video(duration_s=video.duration_s, interval_s=video.interval_s, fps=video.fps)}
    )


def keyed_paths(scene: Scene) -> frozenset[str]:
    """Dotted paths of the values that keys move."""
    return frozenset(".".join(path) for key in scene.video.key for path, _ in leaves(key.model_extra or {}))


def _held(course: Course) -> Held:
    """What the station's attitude is at second 0."""
    if course.scene.video.attitude is not None:
        return course.scene.video.attitude
    first = course.attitude.first
    yaw, pitch, roll = (math.degrees(angle) for angle in frames.yaw_pitch_roll(first.body_from_frame))
    return Held.model_validate({"frame": first.frame, "yaw_deg": yaw, "pitch_deg": pitch, "roll_deg": roll})


def _changes_elements(course: Course) -> bool:
    """Whether another element set gets nearer before the timeline's end than that of its beginning."""
    scene, history = course.scene, history_of(course.scene.station)
    begin, end = (
        history.nearest(Instant.from_datetime(course.utc_at(t_s))) for t_s in (course.begin_s, scene.video.duration_s)
    )
    return begin is not end
