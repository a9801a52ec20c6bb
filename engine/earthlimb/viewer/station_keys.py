"""What keys do to the station: attitude, manoeuvres, shutters, light, arrays, visitors."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import get_args

from earthlimb.scene.messages import field_at
from earthlimb.viewer import helm
from earthlimb.viewer.session import Session
from earthlimb.viewer.timeline import LiveTimeline
from earthlimb.world.outside import array_angle_rad

_ARRAYS = "station.arrays_deg"


def next_attitude(session: Session) -> None:
    """The next named attitude at once."""
    session.change("station.attitude", helm.next_attitude(session.scene))


def manoeuvre(session: Session) -> None:
    """Turn slowly to the next named attitude."""
    turn_to(session, helm.next_attitude(session.scene))


def turn_to(session: Session, name: str) -> None:
    """Turn the station to a named attitude from now on, at the panel's rate; one manoeuvre at a time.

    Raises
    ------
    UsageError
        It cannot be made.
    """
    turning = session.timeline.turning(session.utc) if session.timeline is not None else None
    if turning is not None:
        session.say(f"the station turns to {turning[0]} until {turning[1]:%H:%M:%S}: one manoeuvre at a time")
        return
    rate_deg_s, before = session.panel.turn_rate_deg_s, session.scene
    scene = helm.manoeuvre_scene(before, name, rate_deg_s)
    turning = LiveTimeline(scene).turning(session.utc)
    until = f" until {turning[1]:%H:%M:%S}" if turning is not None else ""
    if turning is not None:
        end_s = scene.video.begin_s + (turning[1] - session.utc).total_seconds()
        video = scene.video.model_copy(update={"duration_s": max(scene.video.duration_s, math.ceil(end_s))})
        scene = scene.model_copy(update={"video": video})
    session.replace(scene)
    session.say_replaced(before)
    waits = "; time stands still, go on with Space" if session.paused else ""
    session.say(f"the station turns to {name}{until}, at most {rate_deg_s:g}°/s{waits}")


def mount(session: Session) -> None:
    """Into the cupola, or out of it."""
    wanted = "free" if session.scene.camera.mount == "cupola" else "cupola"
    if session.change("camera.mount", wanted):
        session.say(f"camera.mount = {wanted}")


def _in_cupola(session: Session, path: str, value: object) -> None:
    if session.scene.camera.mount != "cupola":
        session.say("outside of the cupola: 0 goes in")
    elif session.change(path, value):
        session.say(f"{path} = {value}")


def shutters(session: Session) -> None:
    """Close or open them."""
    _in_cupola(session, "cupola.shutters", 0.0 if session.scene.cupola.shutters > 0.5 else 1.0)


def interior(session: Session) -> None:
    """The next level of the light inside."""
    levels = entry_options("cupola.interior")
    now = levels.index(session.scene.cupola.interior)
    _in_cupola(session, "cupola.interior", levels[(now + 1) % len(levels)])


def outside(session: Session) -> None:
    """Show the station outside, or hide it."""
    scene = session.scene
    shown = scene.station.visible if scene.station.visible is not None else scene.camera.mount == "cupola"
    if session.change("station.visible", not shown):
        session.say(f"the station outside: {'hidden' if shown else 'seen'}")


def vehicle(session: Session) -> None:
    """The next visitor."""
    kinds = entry_options("station.vehicle")
    chosen = kinds[(kinds.index(session.scene.station.vehicle) + 1) % len(kinds)]
    if session.change("station.vehicle", chosen):
        session.say(f"visiting vehicle: {chosen}{_unseen(session)}")


def _unseen(session: Session) -> str:
    return "" if session.world is None or session.world.station is not None else ": P shows the station"


def arrays(by_deg: float) -> Callable[[Session], None]:
    """Turn the solar arrays by an angle [deg], from where they are."""

    def do(session: Session) -> None:
        now = session.scene.station.arrays_deg
        if now is None:
            world = session.world
            now = 0.0 if world is None else math.degrees(array_angle_rad(world.rot_body_from_gcrs @ world.sun_dir_gcrs))
        wanted = round((now + by_deg + 180.0) % 360.0 - 180.0, 3)
        if session.change("station.arrays_deg", wanted):
            session.say(f"{_ARRAYS} = {wanted:g}{_unseen(session)}", instead=_ARRAYS)

    return do


def arrays_follow(session: Session) -> None:
    """Let them follow the Sun again."""
    if session.change("station.arrays_deg", None):
        session.say(f"{_ARRAYS}: they follow the Sun{_unseen(session)}", instead=_ARRAYS)


def entry_options(path: str) -> tuple[str, ...]:
    """What a key of the scene that is a choice may be."""
    field = field_at(tuple(path.split(".")))
    assert field is not None
    return tuple(str(value) for value in get_args(field.annotation))
