"""Reading the file of a body or a lens; whatever is wrong with it becomes one message with its line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from earthlimb.errors import UsageError
from earthlimb.schema.body import BodyFile
from earthlimb.schema.lens import LensFile
from earthlimb.schema.lines import Key, key_lines, line_of
from earthlimb.schema.section import ConflictError
from earthlimb.schema.text import dotted, parse_toml, toml_text

_LARGEST_BYTES = 1_000_000
"""Such a file is a page of text; a larger one is something else given by mistake."""

_RANK = {"extra_forbidden": 0, "missing": 2}
"""Of several mistakes a misspelt key is reported first: what it stands for then seems to be missing."""

File = TypeVar("File", BodyFile, LensFile)


def read_body(path: Path, where: str | None = None) -> BodyFile:
    """Read and check a body's file; `where` is the first part of a message that it cannot be read, else its path.

    Raises
    ------
    UsageError
    """
    return _checked(str(path), _text(path, where or str(path)), BodyFile)


def read_lens(path: Path, where: str | None = None) -> LensFile:
    """Read and check a lens's file, as `read_body`."""
    return _checked(str(path), _text(path, where or str(path)), LensFile)


def _text(path: Path, where: str) -> str:
    try:
        if path.is_file() and (size := path.stat().st_size) > _LARGEST_BYTES:
            raise UsageError(f"{where}: {size} bytes: a file of at most {_LARGEST_BYTES} is wanted: check the path")
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise UsageError(f"{where}: {error.strerror}: a readable file is wanted at {path}: correct the path") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{where}: not UTF-8 text at byte {error.start}: a TOML file is wanted: mend it") from None


@lru_cache(maxsize=64)
def _checked(name: str, text: str, model: type[File]) -> File:
    """The file's values; the same text is read for every frame."""
    data = parse_toml(name, text)
    try:
        return model.model_validate(data)
    except ValidationError as failed:
        lines = key_lines(text)
        found = [(_RANK.get(error["type"], 1), _message(error, data, model)) for error in failed.errors()]
        _, (key, message) = min(found, key=lambda one: (one[0], line_of(lines, one[1][0]) or 0))
        line = line_of(lines, key)
        raise UsageError(f"{name}:{line}: {message}" if line else f"{name}: {message}") from None


def _message(error: ErrorDetails, data: dict[str, Any], model: type[BaseModel]) -> tuple[Key, str]:
    """Key whose line the message shows, and `key = value: what is allowed: what to do`."""
    key, kind = tuple(error["loc"]), error["type"]
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, ConflictError):
        key = (*key, *cause.key.split("."))
    elif kind == "missing" and isinstance(key[-1], int):
        key = key[:-1]  # a list is too short
        kind = "too_short"
    while key and isinstance(key[-1], int) and not isinstance(_value(data, key[:-1]), list):
        key = key[:-1]
    value = _value(data, key)
    given = dotted(key) if value is None or isinstance(value, dict) else f"{dotted(key)} = {toml_text(value)}"
    if isinstance(cause, ConflictError):
        return key, f"{given}: {cause}"
    if kind == "extra_forbidden":
        return key, f"{given}: {_unknown(key, model)}"
    name_at = len(key) - sum(isinstance(part, int) for part in key)
    holder = _table(model, key[: name_at - 1])
    field = holder.model_fields[str(key[name_at - 1])]
    table = _table(model, key[:name_at])
    if table is not holder:
        wanted = f"a table with {', '.join(table.model_fields)} is wanted"
        return key, f"{given}: {'missing: ' if kind == 'missing' else ''}{wanted}: write [{dotted(key)}]"
    if kind == "missing":
        return key, f"{given}: missing: {field.description}: add it"
    return key, f"{given}: {field.description}: change it"


def _value(data: Any, key: Key) -> Any:
    for part in key:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _table(model: type[BaseModel], key: Key) -> type[BaseModel]:
    """The innermost table on the way to a key."""
    for part in key:
        model = dict(_tables(model)).get(str(part), model)
    return model


def _tables(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    for name, field in model.model_fields.items():
        for option in getattr(field.annotation, "__args__", (field.annotation,)):
            if isinstance(option, type) and issubclass(option, BaseModel):
                yield name, option


def _keys(model: type[BaseModel], holder: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name in model.model_fields:
        yield (*holder, name)
    for name, table in _tables(model):
        yield from _keys(table, (*holder, name))


def _unknown(key: Key, model: type[BaseModel]) -> str:
    name, parent = str(key[-1]), key[:-1]
    siblings = list(_table(model, parent).model_fields)
    if near := difflib.get_close_matches(name, siblings, 1, 0.6) or [s for s in siblings if s.startswith(name)]:
        return f"unknown key; did you mean {dotted([*parent, near[0]])}?"
    elsewhere = {path[-1]: path for path in _keys(model)}
    if near := difflib.get_close_matches(name, elsewhere, 1, 0.8):
        return f"unknown key; did you mean {dotted(elsewhere[near[0]])}?"
    table = f"[{dotted(parent)}]" if parent else "the file"
    return f"unknown key; {table} has {', '.join(siblings)}: rename or remove it"
