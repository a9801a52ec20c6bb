"""Single values laid over a scene: `--set path.to.key=VALUE`, and the mapping given to `load_scene`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from earthlimb.errors import UsageError
from earthlimb.scene.point import POINTINGS

_CHOICES: tuple[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]], ...] = (
    (("camera", "point"), tuple((name,) for name in POINTINGS)),
    (("station",), (("tle",), ("omm",), ("state",))),
    (("station",), (("attitude",), ("frame", "yaw_deg", "pitch_deg", "roll_deg"))),
    (("atmosphere",), (("profile",), ("uniform",))),
)
"""Tables in which groups of keys exclude each other: an override of one removes the file's others."""


def parse_override(text: str) -> tuple[str, object]:
    """Path and value of one `path.to.key=VALUE`.

    Parameters
    ----------
    text : str
        VALUE is a TOML value; what TOML cannot read is taken as a string.

    Raises
    ------
    UsageError
        Without `=` or without a path.

    Examples
    --------
    >>> parse_override("camera.iso=800")
    ('camera.iso', 800)
    >>> parse_override("camera.track=none")
    ('camera.track', 'none')
    """
    path, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not path or not value or not all(path.split(".")):
        raise UsageError(f"--set: {text}: path.to.key=VALUE is wanted: write it for example --set camera.iso=800")
    try:
        table = tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError:
        return path, value
    return path, table["value"] if set(table) == {"value"} else value


def apply_overrides(data: dict[str, Any], overrides: Mapping[str, object], where: str) -> None:
    """Lay overrides over the scene's dict in place; tables that do not exist are made.

    Raises
    ------
    UsageError
        When a path runs through a value that is no table.
    """
    paths = [tuple(path.split(".")) for path in overrides]
    for table_path, groups in _CHOICES:
        depth = len(table_path)
        names = {path[depth] for path in paths if path[:depth] == table_path and len(path) > depth}
        chosen = {group for group in groups if names & set(group)}
        table: Any = data
        for name in table_path:
            table = table.get(name) if isinstance(table, dict) else None
        if chosen and isinstance(table, dict):
            for group in set(groups) - chosen:
                for key in group:
                    table.pop(key, None)
    for path, value in zip(paths, overrides.values(), strict=True):
        table = data
        for depth, name in enumerate(path[:-1], start=1):
            table = table.setdefault(name, {})
            if not isinstance(table, dict):
                raise UsageError(
                    f"{where}: {'.'.join(path)}: {'.'.join(path[:depth])} is a value, not a table: "
                    "remove what follows it"
                )
        table[path[-1]] = value


def brings_profile(overrides: Mapping[str, object]) -> bool:
    """Whether overrides give emission rates of the user's own."""
    whole = overrides.get("atmosphere")
    return "atmosphere.profile" in overrides or (isinstance(whole, Mapping) and whole.get("profile") is not None)


def drop_factors(data: dict[str, Any], overrides: Mapping[str, object]) -> str:
    """Take the scene's own `[airglow]` out, in place, where an override brings a profile.

    They are factors on the emissions that the profile replaces, and stand already in what `earthlimb profile` writes.

    Returns
    -------
    str
        What of it the profile would have been changed by, empty where nothing is.

    Examples
    --------
    >>> drop_factors({"airglow": {"oh": 1.2, "o2": 1.0, "na589": 2.0}}, {"atmosphere.profile": "x", "airglow.na589": 3})
    'oh = 1.2'
    """
    table = data.get("airglow")
    if not brings_profile(overrides) or not isinstance(table, dict) or "airglow" in overrides:
        return ""
    del data["airglow"]
    given = {name: value for name, value in table.items() if f"airglow.{name}" not in overrides}
    return ", ".join(f"{name} = {value}" for name, value in given.items() if value != (0 if name == "shift_km" else 1))


def drop_keyed(keys: list[dict[str, Any]], overrides: Mapping[str, object]) -> None:
    """Take out of `[[video.key]]` tables, in place, what an override sets for the whole timeline.

    Examples
    --------
    >>> keys = [{"at_s": 0.0, "camera": {"iso": 800, "ev": 1.0}}]
    >>> drop_keyed(keys, {"camera.iso": 400})
    >>> keys
    [{'at_s': 0.0, 'camera': {'ev': 1.0}}]
    """
    gone = [tuple(path.split(".")) for path in overrides]
    if brings_profile(overrides):
        gone.append(("airglow",))
    for path in tuple(gone):
        for table_path, groups in _CHOICES:
            depth = len(table_path)
            if path[:depth] == table_path and len(path) > depth and any(path[depth] in group for group in groups):
                gone += [(*table_path, name) for group in groups if path[depth] not in group for name in group]

    def prune(table: dict[str, Any], prefix: tuple[str, ...]) -> None:
        for name in list(table):
            path = (*prefix, name)
            if any(path[: len(given)] == given for given in gone):
                del table[name]
            elif isinstance(table[name], dict):
                prune(table[name], path)
                if not table[name]:
                    del table[name]

    for key in keys:
        prune(key, ())
