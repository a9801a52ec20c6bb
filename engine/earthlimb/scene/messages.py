"""One plain message from a failed validation: which key, what was given, what is allowed, what to do."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from earthlimb.scene.model import Scene
from earthlimb.schema.section import ConflictError
from earthlimb.schema.text import dotted, toml_text


def submodel(field: FieldInfo) -> type[BaseModel] | None:
    """The table or list of tables that a key stands for, None for a plain value."""
    several = _is_union(field.annotation) or typing.get_origin(field.annotation) is tuple
    options = typing.get_args(field.annotation) if several else (field.annotation,)
    return next((t for t in options if isinstance(t, type) and issubclass(t, BaseModel)), None)


def _is_union(annotation: object) -> bool:
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def _model_at(key: Sequence[str | int]) -> type[BaseModel] | None:
    model: type[BaseModel] | None = Scene
    for part in key:
        if isinstance(part, int):  # a table of a list
            continue
        field = model.model_fields.get(part) if model else None
        model = submodel(field) if field else None
    return model


def field_at(key: Sequence[str | int]) -> FieldInfo | None:
    """The schema of a key, None for an unknown one."""
    model = _model_at(key[:-1])
    return model.model_fields.get(str(key[-1])) if model and key else None


def all_keys(model: type[BaseModel] = Scene, prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key of the scene file, tables included."""
    for name, field in model.model_fields.items():
        yield (*prefix, name)
        if sub := submodel(field):
            yield from all_keys(sub, (*prefix, name))


def _unknown(key: Sequence[str | int]) -> str:
    name, parent = str(key[-1]), key[:-1]
    model = _model_at(parent)
    siblings = list(model.model_fields) if model else []
    if near := difflib.get_close_matches(name, siblings, 1, 0.6):
        return f"unknown key; did you mean {dotted([*parent, near[0]])}?"
    # a bare quantity finds its key with the unit, and a key in the wrong table its own table
    if starts := [s for s in siblings if s.startswith(f"{name}_")]:
        return f"unknown key; did you mean {dotted([*parent, starts[0]])}?"
    elsewhere = {path[-1]: path for path in all_keys()}
    if near := difflib.get_close_matches(name, elsewhere, 1, 0.8):
        return f"unknown key; did you mean {dotted(elsewhere[near[0]])}?"
    table = f"[{dotted(parent)}]" if parent else "a scene"
    return f"unknown key; {table} has {', '.join(siblings)}: rename or remove it"


def range_text(key: Sequence[str | int]) -> str:
    """The numbers that a key may have, empty where it is no number."""
    field = field_at(key)
    bounds: dict[str, Any] = {}
    for constraint in field.metadata if field else ():
        for name in ("ge", "gt", "le", "lt"):
            if (value := getattr(constraint, name, None)) is not None:
                bounds[name] = value
    low = bounds.get("ge", bounds.get("gt"))
    high = bounds.get("le", bounds.get("lt"))
    if low is None or high is None:
        return ""
    above = "above " if "gt" in bounds else ""
    below = "below " if "lt" in bounds else ""
    return f"{above}{_short(low)} to {below}{_short(high)}"


def _short(number: float) -> str:
    return str(int(number)) if float(number).is_integer() and abs(number) < 1e10 else f"{number:g}"


def _options(key: Sequence[str | int]) -> str:
    field = field_at(key)
    found: list[str] = []

    def collect(annotation: object) -> None:
        if typing.get_origin(annotation) is typing.Literal:
            found.extend(toml_text(v) for v in typing.get_args(annotation))
        for inner in typing.get_args(annotation) if _is_union(annotation) else ():
            collect(inner)

    collect(field.annotation if field else None)
    return ", ".join(found)


def _near_option(given: object, options: str) -> str:
    near = difflib.get_close_matches(toml_text(given), options.split(", "), 1, 0.6)
    return f"; did you mean {near[0]}?" if near else ""


def describe(error: ErrorDetails) -> tuple[tuple[str | int, ...], str]:
    """Key whose line the message shows, and `key = value: what is allowed: what to do`."""
    key, kind, given = tuple(error["loc"]), error["type"], error["input"]
    if key and isinstance(key[-1], int):  # a component of a vector: the message is about the vector
        if kind == "missing":
            reason = "three numbers are wanted: write [x, y, z]"
            return key[:-1], f"{dotted(key[:-1])} = {toml_text(given)}: {reason}"
        return key[:-1], f"{dotted(key)} = {toml_text(given)}: not a finite number: write a number"
    if kind == "missing":
        holder = f"[{dotted(key[:-1])}]" if key[:-1] else "the scene"
        hint = {
            ("time",): 'add a [time] table with utc = "2021-09-09T22:42:40.05Z"',
            ("camera",): "add a [camera] table with a way to point, for example "
            "point.limb = { azimuth_deg = 0.0, tangent_km = 90.0 }",
            ("camera", "point"): "add a way to point, for example point.limb = { azimuth_deg = 0.0, "
            "tangent_km = 90.0 }",
        }.get(tuple(str(part) for part in key), f"add it to {holder}")
        return key, f"{dotted(key)}: missing: it has no default: {hint}"
    if kind == "extra_forbidden":
        name = dotted(key) if isinstance(given, dict) else f"{dotted(key)} = {toml_text(given)}"
        return key, f"{name}: {_unknown(key)}"
    if kind == "value_error":
        cause = error["ctx"]["error"]
        reason = str(cause)
        if isinstance(given, dict):
            at = (*key, cause.key) if isinstance(cause, ConflictError) else key
            return at, f"{dotted(key)}: {reason}" if key else reason
        return key, f"{dotted(key)} = {toml_text(given)}: {reason}"
    if kind in ("greater_than_equal", "greater_than", "less_than_equal", "less_than"):
        reason = f"must be {range_text(key)}: change it"
    elif kind == "finite_number":
        reason = f"not a finite number: must be {range_text(key)}: change it"
    elif kind.startswith(("float_", "decimal_")):
        reason = f"not a number: must be {range_text(key)}: write a number"
    elif kind.startswith("int_"):
        reason = f"not a whole number: must be {range_text(key)}: write it without a point"
    elif kind.startswith("bool_"):
        reason = "neither true nor false: write true or false"
    elif kind == "literal_error":
        options = _options(key)
        reason = f"must be one of {options}{_near_option(given, options) or ': choose one'}"
    elif kind in ("model_type", "dict_type", "model_attributes_type"):
        model = _model_at(key)
        names = ", ".join(model.model_fields) if model else ""
        reason = f"a table is wanted: it has {names}: write [{dotted(key)}]"
    elif kind in ("tuple_type", "too_long", "too_short"):
        reason = "three numbers are wanted: write [x, y, z]"
    elif kind.startswith(("string_", "path_")):
        reason = "a text is wanted: put it in quotation marks"
    else:
        reason = f"{error['msg']}: change it"
    return key, f"{dotted(key)} = {toml_text(given)}: {reason}"
