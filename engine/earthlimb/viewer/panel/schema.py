"""The scene's keys as the panel shows them: kind, range, unit and meaning, all read from the schema and its page."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from earthlimb import resources
from earthlimb.errors import EarthlimbError
from earthlimb.scene.messages import range_text, submodel
from earthlimb.scene.model import Scene

Kind = Literal["number", "whole", "switch", "choice", "text", "time", "vector", "table", "list"]

UNITS = {
    "km": "km", "mm": "mm", "um": "µm", "nm": "nm", "px": "px", "deg": "°", "rad": "rad", "s": "s", "ms": "ms",
    "days": "days", "k": "K", "e": "e-", "hz": "Hz", "mag": "mag", "vmag": "mag", "w": "W", "mw": "mW", "j": "J",
    "mj": "mJ", "ka": "kA", "rayleigh": "R", "kr": "kR", "r": "R", "per_km": "km-1", "km_s": "km/s", "deg_s": "°/s",
    "rad_s": "rad/s", "m": "m", "kg": "kg", "g": "g", "c": "°C", "cd_m2": "cd/m2", "per_h": "1/h", "per_s": "1/s",
    "w_m2": "W/m2", "arcsec": "arcsec", "arcmin": "arcmin", "percent": "%", "min": "min", "h": "h", "mrad": "mrad",
    "urad": "µrad",
}  # fmt: skip
"""What the ending of a key stands for (CONVENTIONS, names)."""
_BARE_UNITS = {"fps": "frames/s", "f107": "sfu", "f107a": "sfu", "ev": "EV"}
_ROW = re.compile(r"^\| `([\w.]+)` \|(?: `.*?`)? \|(?: .*?)? \| ?(.*?) ?\|$", re.MULTILINE)
_CAPTIONS = {"iso": "ISO", "ev": "push or pull", "f_number": "f-number", "focal_mm": "focal length", "utc": "UTC"}
"""Where the key's own name says less than photographers do."""
_FOLDERS = {"camera.body": "bodies", "camera.lens": "lenses"}
"""Keys that name a data file of a folder of the assets."""


@dataclass(frozen=True)
class Entry:
    """One key of the scene.

    Attributes
    ----------
    path : dotted
    kind : which widget shows it
    optional : None is allowed, the key may be absent
    low, high : range of a number, None where open
    options : values of a choice
    default : None where there is none
    unit, allowed, meaning : for people
    children : of a table or of one item of a list
    """

    path: str
    kind: Kind
    optional: bool
    low: float | None
    high: float | None
    options: tuple[str, ...]
    default: Any
    required: bool
    unit: str
    allowed: str
    meaning: str
    children: tuple[Entry, ...] = ()

    @property
    def name(self) -> str:
        """The key without its table."""
        return self.path.rpartition(".")[2]

    @property
    def caption(self) -> str:
        """The name in words, without the unit.

        Examples
        --------
        >>> entry("camera.shutter_s").caption
        'shutter'
        """
        return caption(self.name)

    @property
    def tooltip(self) -> str:
        """Key, range, default and meaning."""
        lines = [self.path]
        if self.meaning:
            lines.append(self.meaning)
        if self.allowed:
            lines.append(f"{self.allowed} {self.unit}".rstrip())
        if self.default is not None and self.kind not in ("table", "list"):
            lines.append(f"default {self.default} {self.unit}".rstrip())
        return "\n".join(lines)


def unit_of(name: str) -> str:
    """The unit that the ending of a key means, empty for a bare number.

    Examples
    --------
    >>> unit_of("tangent_km"), unit_of("rate_deg_s"), unit_of("oh"), unit_of("stars_to_vmag")
    ('km', '°/s', '', 'mag')
    """
    ending = _ending(name)
    return UNITS[ending] if ending else _BARE_UNITS.get(name, "")


def caption(name: str) -> str:
    """A key's name in words, without its unit."""
    if name in _CAPTIONS:
        return _CAPTIONS[name]
    ending = _ending(name)
    bare = name[: -len(ending) - 1] if ending and name not in ("stars_to_vmag",) else name
    return bare.replace("_", " ")


def _ending(name: str) -> str:
    parts = name.split("_")
    for n in (2, 1):
        if len(parts) > n and "_".join(parts[-n:]) in UNITS:
            return "_".join(parts[-n:])
    return ""


@lru_cache(maxsize=1)
def sections() -> dict[str, tuple[Entry, ...]]:
    """Every key of a scene by its top table, in the schema's order; keys outside of a table under ``""``."""
    found: dict[str, tuple[Entry, ...]] = {}
    for one in _entries(Scene, ""):
        if one.kind == "table":
            found[one.path] = one.children
        else:
            found[""] = (*found.get("", ()), one)
    return found


@lru_cache(maxsize=1)
def by_path() -> dict[str, Entry]:
    """Every key of a scene by its dotted path, tables and keys inside of lists included."""

    def walk(entries: tuple[Entry, ...]) -> Iterator[Entry]:
        for one in entries:
            yield one
            yield from walk(one.children)

    return {one.path: one for one in walk(tuple(_entries(Scene, "")))}


def entry(path: str) -> Entry:
    """The entry of a dotted path; KeyError where the schema has none."""
    return by_path()[path]


@lru_cache(maxsize=1)
def meanings() -> dict[str, str]:
    """What docs/SCENE.md says of every key; empty where the page is not installed."""
    try:
        text = resources.document("SCENE.md").read_text(encoding="utf-8")
    except (EarthlimbError, OSError):
        return {}
    return {found[1]: re.sub(r"[`*]", "", found[2]) for found in _ROW.finditer(text)}


def _entries(model: type[BaseModel], prefix: str) -> Iterator[Entry]:
    for name, field in model.model_fields.items():
        yield _entry(f"{prefix}.{name}".lstrip("."), name, field)


def _entry(path: str, name: str, field: FieldInfo) -> Entry:
    kind, options, optional = _kind(field)
    low = _bound(field, "ge", "gt")
    high = _bound(field, "le", "lt")
    sub = submodel(field)
    if path in _FOLDERS and (files := _files(_FOLDERS[path])):
        kind, options = "choice", files
    default = None if field.default is PydanticUndefined else field.default
    doc = ((sub.__doc__ or "").strip().split("\n")[0] if sub else "") or field.description or ""
    return Entry(
        path=path,
        kind=kind,
        optional=optional,
        low=low,
        high=high,
        options=options,
        default=default,
        required=field.is_required(),
        unit=unit_of(name),
        allowed=range_text(tuple(path.split("."))) or ", ".join(options),
        meaning=meanings().get(path) or re.sub(r"[`*]", "", doc),
        children=tuple(_entries(sub, path)) if sub else (),
    )


def _kind(field: FieldInfo) -> tuple[Kind, tuple[str, ...], bool]:
    """Widget, options and whether None is allowed, of an annotation."""
    parts = list(_parts(field.annotation))
    optional = type(None) in parts
    options = tuple(str(v) for part in parts if typing.get_origin(part) is Literal for v in typing.get_args(part))
    if options:
        return "choice", options, optional
    for part in parts:
        origin = typing.get_origin(part)
        if origin in (tuple, list):
            inner = typing.get_args(part)
            table = any(isinstance(i, type) and issubclass(i, BaseModel) for i in inner)
            return ("list" if table else "vector"), (), optional
        if isinstance(part, type):
            if issubclass(part, BaseModel):
                return "table", (), optional
            if issubclass(part, bool):
                return "switch", (), optional
            if issubclass(part, float):
                return "number", (), optional
            if issubclass(part, int):
                return "whole", (), optional
            if issubclass(part, datetime):
                return "time", (), optional
            if issubclass(part, str | Path):
                return "text", (), optional
    return "text", (), optional


def _parts(annotation: Any) -> Iterator[Any]:
    """Members of a union, unwrapped from Annotated."""
    import types

    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _parts(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for part in typing.get_args(annotation):
            yield from _parts(part)
    else:
        yield annotation


def _bound(field: FieldInfo, *names: str) -> float | None:
    for constraint in field.metadata:
        for name in names:
            if (value := getattr(constraint, name, None)) is not None:
                return float(value)
    return None


def _files(folder: str) -> tuple[str, ...]:
    try:
        return tuple(sorted(path.stem for path in resources.asset(folder).glob("*.toml")))
    except EarthlimbError:
        return ()
