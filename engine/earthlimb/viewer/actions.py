"""What keys and buttons do: one table for the loop, the help and the panel."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from earthlimb.output.atomic import atomic_paths
from earthlimb.scene import resolved, scene_text
from earthlimb.scene.views import utc_text
from earthlimb.viewer import look, station_keys
from earthlimb.viewer.labels import Overlays
from earthlimb.viewer.session import Session
from earthlimb.viewer.targets import choose_window

_BEHIND = ": the view behind the photograph, whose own scene is in its .json"
_LOOK_SHARE = 0.06
"""An arrow key turns by this share of the picture's width."""


@dataclass(frozen=True)
class Action:
    """One key: its name as glfw has it (`KEY_` left out), what it does in words, whether it repeats while held."""

    name: str
    key: str
    help: str
    do: Callable[[Session], None]
    repeats: bool = False
    group: str = "window"


def _turn(right: float, down: float) -> Callable[[Session], None]:
    def do(session: Session) -> None:
        angle = 2.0 * math.atan2(0.5 * session.size_px[0], look.lens_of(session.view_scene()).f_px) * _LOOK_SHARE
        look.turn(session, right * angle, down * angle)

    return do


def _window(number: int) -> Callable[[Session], None]:
    return lambda session: choose_window(session, number)


def _pause(session: Session) -> None:
    """A photograph, while which time stands still, is what there is to go on from."""
    if session.photo is not None:
        session.photo = None
    else:
        session.paused = not session.paused


def _forwards(session: Session) -> None:
    session.rate, session.paused = abs(session.rate), False


def _backwards(session: Session) -> None:
    session.rate, session.paused, session.photo = -session.rate, False, None


def _panel(session: Session) -> None:
    session.panel_shown = not session.panel_shown


def _help(session: Session) -> None:
    session.help_shown = not session.help_shown


def _labels(session: Session) -> None:
    on = not session.panel.overlays.any
    session.panel.overlays = Overlays(stars=on, constellations=on, towns=on, heights=on)


def _readout(session: Session) -> None:
    session.panel.readout_shown = not session.panel.readout_shown


def _about(session: Session) -> None:
    session.panel.about_shown = not session.panel.about_shown


def _close(session: Session) -> None:
    if session.photo is not None:
        session.photo = None
    elif session.help_shown or session.panel.about_shown:
        session.help_shown = session.panel.about_shown = False
    elif session.photo_wanted:
        session.photo_wanted = False
        session.say("the picture was cancelled: nothing was saved")
    elif session.taking:
        session.taking = False
    else:
        session.should_close = True


def _photo(session: Session) -> None:
    if session.photo is not None:
        session.photo = None
    else:
        session.photo_wanted = True


def _quit(session: Session) -> None:
    session.should_close = True


def has_eye(session: Session) -> bool:
    """Whether this version's scenes know `[eye]`."""
    return "enabled" in resolved(session.scene).get("eye", {})


def _eye(session: Session) -> None:
    if has_eye(session):
        session.change("eye.enabled", not resolved(session.scene)["eye"]["enabled"])


def free_path(session: Session, ending: str) -> Path:
    """A file in the session's folder, named after scene and instant, that does not exist yet."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", Path(session.name).name.removesuffix(".toml")).strip("-") or "scene"
    instant = re.sub(r"[-:]", "", utc_text(session.utc.replace(microsecond=0)))
    number, path = 1, session.folder / f"{stem}-{instant}{ending}"
    while path.exists():
        number += 1
        path = session.folder / f"{stem}-{instant}-{number}{ending}"
    return path


def save_scene(session: Session) -> None:
    """Write the view as a scene file in the session's folder; never over another file.

    Raises
    ------
    WorkError, UsageError
        The folder cannot be written.
    """
    path = free_path(session, ".toml")
    with atomic_paths(path) as (part,):
        part.write_text(scene_text(session.saved_scene()), encoding="utf-8")
    session.say(f"saved {path}{'' if session.photo is None else _BEHIND}")


ACTIONS: tuple[Action, ...] = (
    Action("pause", "SPACE", "pause or go on", _pause, group="time"),
    Action("faster", "PERIOD", "faster", Session.faster, group="time"),
    Action("slower", "COMMA", "slower", Session.slower, group="time"),
    Action("backwards", "B", "turn time round", _backwards, group="time"),
    Action("now", "N", "real time, now", Session.now, group="time"),
    Action("left", "LEFT", "look left", _turn(-1.0, 0.0), True, group="look"),
    Action("right", "RIGHT", "look right", _turn(1.0, 0.0), True, group="look"),
    Action("up", "UP", "look up", _turn(0.0, -1.0), True, group="look"),
    Action("down", "DOWN", "look down", _turn(0.0, 1.0), True, group="look"),
    Action("left_a", "A", "look left", _turn(-1.0, 0.0), True, group="look"),
    Action("right_d", "D", "look right", _turn(1.0, 0.0), True, group="look"),
    Action("up_w", "W", "look up", _turn(0.0, -1.0), True, group="look"),
    Action("down_c", "C", "look down", _turn(0.0, 1.0), True, group="look"),
    Action("roll_left", "Z", "roll left", lambda s: look.roll(s, -math.radians(2.0)), True, group="look"),
    Action("roll_right", "X", "roll right", lambda s: look.roll(s, math.radians(2.0)), True, group="look"),
    Action("closer", "EQUAL", "longer lens", lambda s: look.zoom(s, 1.0), True, group="look"),
    Action("wider", "MINUS", "shorter lens", lambda s: look.zoom(s, -1.0), True, group="look"),
    Action("limb", "L", "follow the limb", look.follow_limb, group="follow"),
    Action("velocity", "V", "look where the station flies", look.follow_velocity, group="follow"),
    Action("place", "G", "follow the place in the middle", look.follow_place, group="follow"),
    Action("star", "T", "follow the stars in the middle", look.follow_star, group="follow"),
    Action("free", "F", "free camera: nothing is level", look.free, group="follow"),
    Action("level", "H", "level again, fixed to the station", look.level, group="follow"),
    *(Action(f"window_{i}", str(i), f"the cupola's window {i}", _window(i), group="cupola") for i in range(1, 8)),
    Action("mount", "0", "into the cupola, or free before it", station_keys.mount, group="cupola"),
    Action("shutters", "K", "the shutters close or open", station_keys.shutters, group="cupola"),
    Action("interior", "I", "light inside: off, dim, lit", station_keys.interior, group="cupola"),
    Action("manoeuvre", "M", "turn the station slowly to the next attitude", station_keys.manoeuvre, group="station"),
    Action("attitude", "Y", "the next attitude at once", station_keys.next_attitude, group="station"),
    Action("outside", "P", "the station outside, seen or not", station_keys.outside, group="station"),
    Action("vehicle", "J", "the next visiting vehicle", station_keys.vehicle, group="station"),
    Action("arrays_back", "LEFT_BRACKET", "turn the solar arrays", station_keys.arrays(-5.0), True, group="station"),
    Action("arrays_on", "RIGHT_BRACKET", "turn the solar arrays", station_keys.arrays(5.0), True, group="station"),
    Action("arrays_follow", "BACKSLASH", "the arrays follow the Sun", station_keys.arrays_follow, group="station"),
    Action("save", "S", "save this view as a scene file", save_scene),
    Action("photo", "ENTER", "take the picture: the long exposure, saved as a file", _photo),
    Action("undo", "U", "undo", Session.undo),
    Action("eye", "E", "what the eye would see", _eye),
    Action("panel", "TAB", "panel", _panel),
    Action("labels", "O", "labels of stars, towns and heights", _labels),
    Action("readout", "R", "read-out under the cursor", _readout),
    Action("full_screen", "F11", "full screen, or back", lambda s: s.full_screen()),
    Action("help", "F1", "help", _help),
    Action("about", "F2", "about: versions, data and credits", _about),
    Action("close", "ESCAPE", "close what is open, cancel the picture being taken, then close the window", _close),
    Action("quit", "Q", "quit", _quit),
)


def bind(session: Session) -> dict[str, Action]:
    """Put every action into the session; returns them by key."""
    by_key: dict[str, Action] = {}
    for action in ACTIONS:
        session.actions[action.name] = lambda do=action.do: do(session)  # type: ignore[misc]
        by_key[action.key] = action
    return by_key
