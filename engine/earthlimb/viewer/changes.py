"""Values of the window's scene set by dotted path, as a scene file's overrides are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from earthlimb.scene import Scene, load_scene, resolved
from earthlimb.scene.overrides import drop_keyed
from earthlimb.viewer.helm import ANGLES, STEERING
from earthlimb.viewer.optics import lens_values
from earthlimb.viewer.timeline import keyed_paths, without_timeline


def with_changes(scene: Scene, values: Mapping[str, object]) -> Scene:
    """The scene with values set, checked as a scene file is; None removes a value.

    Keys of the timeline on what is set or removed go, and so does a timeline that has nothing left.

    Raises
    ------
    UsageError
        The schema refuses it.
    """
    data: dict[str, Any] = resolved(scene)
    given = lens_values(scene, values)
    removed = {path: None for path, value in values.items() if value is None}
    for path in removed:
        del given[path]
        *tables, last = path.split(".")
        table: Any = data
        for name in tables:
            table = table.get(name, {}) if isinstance(table, dict) else {}
        if isinstance(table, dict):
            table.pop(last, None)
    if removed and "video.key" not in given:
        drop_keyed(data["video"].get("key", []), removed)
    return _tidied(scene, load_scene(data, given, labels={"": "window"}))


def _tidied(before: Scene, after: Scene) -> Scene:
    """Without keys that have lost their last value, and, when the station was steered, without its former turns."""
    old, new, steered = before.video, after.video, _steered(before, after)
    if _turns(before) and before.station.turn_deg_s == after.station.turn_deg_s and (steered or not _turns(after)):
        after = after.model_copy(update={"station": after.station.model_copy(update={"turn_deg_s": (0.0, 0.0, 0.0)})})
    update: dict[str, object] = {}
    if len(new.key) == len(old.key):
        kept = tuple(b for a, b in zip(old.key, new.key, strict=True) if b.model_extra or not a.model_extra)
        if len(kept) < len(new.key):
            update["key"] = kept
    if steered and new.event:  # turns that have begun are over, those to come begin from here
        update |= {"attitude": None, "event": tuple(event for event in new.event if event.at_s >= new.begin_s)}
    if not (update.get("key", new.key) or update.get("event", new.event)) and (old.key or old.event):
        return without_timeline(after)
    return after.model_copy(update={"video": new.model_copy(update=update)}) if update else after


def replaced_keys(before: Scene, after: Scene) -> str:
    """What to say of keys that a change has taken away; nothing where it has not."""
    gone = sorted(keyed_paths(before) - keyed_paths(after))
    whose = "its" if len(gone) == 1 else "their"
    return f"{', '.join(gone)}: your value replaces {whose} keys; U brings them back" if gone else ""


def restarts(before: Scene, after: Scene) -> bool:
    """Whether a change makes the timeline start anew from the present instant."""
    return before.video != after.video or _steered(before, after)


def _steered(before: Scene, after: Scene) -> bool:
    return any(getattr(before.station, name) != getattr(after.station, name) for name in STEERING)


def _turns(scene: Scene) -> bool:
    """Whether the timeline turns the station."""
    return bool(scene.video.event) or not keyed_paths(scene).isdisjoint(f"station.{name}" for name in ANGLES)
