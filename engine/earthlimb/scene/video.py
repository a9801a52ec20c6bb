"""Keys of a timeline: from `[[video.key]]` to one track for each value that moves, with every mistake named."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from earthlimb.errors import UsageError
from earthlimb.scene.messages import describe, field_at, submodel
from earthlimb.scene.model import Scene
from earthlimb.scene.overrides import drop_keyed
from earthlimb.scene.timeline import Key
from earthlimb.scene.tracks import Path, Track, leaves, with_values
from earthlimb.schema.text import dotted, toml_text

Where = Callable[[tuple[str | int, ...]], str]

_LIST = "[[video.key]]"
_PX = (("camera", "f_px"), ("camera", "cx_px"), ("camera", "cy_px"))


def check_lists(data: Mapping[str, Any], where: Where) -> None:
    """Refuse a `key` or an `event` that is no list of tables; raises UsageError."""
    video = data.get("video")
    if not isinstance(video, dict):
        return
    for name in ("event", "key"):
        given = video.get(name, [])
        if not isinstance(given, list | tuple) or not all(isinstance(entry, dict) for entry in given):
            raise UsageError(
                f"{where(('video', name))}: video.{name} = {toml_text(given)}: a list of tables is wanted: "
                f"write [[video.{name}]] above each"
            )


_TURNED = tuple(("station", name) for name in ("yaw_deg", "pitch_deg", "roll_deg"))


def check_events(scene: Scene, where: Where) -> None:
    """Refuse events out of order, and manoeuvres beside keys that turn the station; raises UsageError."""
    last_s = 0.0
    for index, event in enumerate(scene.video.event):
        if event.at_s < last_s:
            raise UsageError(
                f"{where(('video', 'event', index, 'at_s'))}: [[video.event]] at_s = {event.at_s:g}: earlier than the "
                f"event before it ({last_s:g}): events stand in the order of time: move it up"
            )
        last_s = event.at_s
    for index, key in enumerate(scene.video.key if scene.video.event else ()):
        for path, value in leaves(key.model_extra or {}):
            if path in _TURNED:
                raise UsageError(
                    f"{where(('video', 'key', index, *path))}: {_LIST} {dotted(path)} = {toml_text(value)}: "
                    "[[video.event]] turns the station, too: one of both is allowed: remove one of them"
                )


def scaled_keys(keys: tuple[Key, ...], scale: float, shift_px: tuple[float, float]) -> tuple[Key, ...]:
    """Keys for a picture of another size: `f_px` times scale, `cx_px` and `cy_px` times scale plus a shift [px]."""

    if not any(path[1] in (key.model_extra or {}).get("camera", {}) for key in keys for path in _PX):
        return keys

    def scaled(table: dict[str, Any], prefix: Path) -> dict[str, Any]:
        new = {}
        for name, value in table.items():
            path = (*prefix, name)
            if isinstance(value, dict):
                value = scaled(value, path)
            elif path in _PX:
                value = value * scale + (0.0, *shift_px)[_PX.index(path)]
            new[name] = value
        return new

    return tuple(Key.model_validate(scaled(key.model_dump(), ())) for key in keys)


def without_keys(scene: Scene, path: Path) -> Scene:
    """The scene without what its keys say of one value."""
    keys = [key.model_dump() for key in scene.video.key]
    drop_keyed(keys, {dotted(path): None})
    kept = tuple(Key.model_validate(key) for key in keys if set(key) - {"at_s", "ease"})
    return scene.model_copy(update={"video": scene.video.model_copy(update={"key": kept})})


def _refuse_path(path: Path, value: Any, place: str) -> None:
    """Refuse what cannot be keyed: unknown values, whole numbers, texts, choices, vectors, the timeline itself."""
    if path[0] == "video":
        raise UsageError(
            f"{place}: {_LIST} {dotted(path)} = {toml_text(value)}: the timeline itself cannot be keyed: remove it"
        )
    if len(path) == 1 and path[0] not in Scene.model_fields:
        near = difflib.get_close_matches(path[0], [*Key.model_fields, *Scene.model_fields], 1, 0.6)
        if near and near[0] in Key.model_fields:
            raise UsageError(f"{place}: {_LIST} {path[0]} = {toml_text(value)}: unknown key; did you mean {near[0]}?")
    for n in range(1, len(path)):
        above = field_at(path[:n])
        if above is not None and submodel(above) is None:
            raise UsageError(f"{place}: {_LIST} {dotted(path)}: {dotted(path[:n])} is a value, not a table: change it")
        if above is None:  # the outermost unknown name is the one to mend
            path = path[:n]
            break
    field = field_at(path)
    if field is None:
        unknown = ErrorDetails(type="extra_forbidden", loc=path, msg="", input=value)
        raise UsageError(f"{place}: {_LIST} {describe(unknown)[1]}")
    if field.annotation not in (float, float | None):
        raise UsageError(
            f"{place}: {_LIST} {dotted(path)} = {toml_text(value)}: only numbers with a unit or a factor can be keyed, "
            "no whole numbers, choices, texts, vectors: remove it"
        )
    if value is None:  # a lens in pixels may be absent from a scene, but not from a key
        absent = ErrorDetails(type="float_type", loc=path, msg="", input=value)
        raise UsageError(f"{place}: {_LIST} {describe(absent)[1]}")


def tracks_of(scene: Scene, where: Where = lambda key: "video") -> dict[Path, Track]:
    """The course of every value that the scene's keys name.

    Parameters
    ----------
    scene : Scene
    where : callable
        First part of a message, from the key's path in the scene file.

    Raises
    ------
    UsageError
        Keys out of order, two values at one time, and whatever is wrong with a value: it does not exist,
        is no number that can move, is out of its range, or does not go with the scene's own values. Every
        value between two keys lies between theirs, so checking the keys checks the whole way.
    """
    found: dict[Path, list[tuple[float, float, str]]] = {}
    last_s = 0.0
    for index, key in enumerate(scene.video.key):
        at = ("video", "key", index)
        if key.at_s < last_s:
            raise UsageError(
                f"{where((*at, 'at_s'))}: {_LIST} at_s = {key.at_s:g}: earlier than the key before it ({last_s:g}): "
                "keys stand in the order of time: move it up"
            )
        last_s = key.at_s
        values = list(leaves(key.model_extra or {}))
        for path, value in values:
            place = where((*at, *path))
            _refuse_path(path, value, place)
            track = found.setdefault(path, [])
            if track and track[-1][0] == key.at_s:
                raise UsageError(
                    f"{place}: {_LIST} {dotted(path)} = {toml_text(value)}: it has another key at at_s = {key.at_s:g}: "
                    "one value at one time is allowed: remove one of them"
                )
            track.append((key.at_s, value, key.ease))
        try:
            with_values(scene, values)
        except ValidationError as failed:
            location, message = describe(failed.errors(include_url=False)[0])
            raise UsageError(f"{where((*at, *location))}: {_LIST} {message}") from None
        for path, value in values:
            if isinstance(value, str):  # "auto", which the still scene may have
                raise UsageError(
                    f"{where((*at, *path))}: {_LIST} {dotted(path)} = {toml_text(value)}: only numbers can be keyed: "
                    "give one, or set it for the whole scene"
                )
    return {
        path: Track(tuple(k[0] for k in track), tuple(float(k[1]) for k in track), tuple(k[2] for k in track))
        for path, track in found.items()
    }
