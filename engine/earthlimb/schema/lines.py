"""In which line of a TOML text each key stands: tomllib keeps no positions, and messages need them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence

Key = tuple[str | int, ...]

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_TABLE = re.compile(rf"^\s*(\[\[?)\s*({_DOTTED})\s*\]\]?")
_ASSIGN = re.compile(rf"^\s*({_DOTTED})\s*=")


def _parts(dotted: str) -> tuple[str, ...]:
    keys: list[str] = []
    table: object = tomllib.loads(f"{dotted} = 0")
    while isinstance(table, dict):
        (key, table) = next(iter(table.items()))
        keys.append(key)
    return tuple(keys)


def _skip_value(text: str, at: int) -> int:
    """Position behind the value that starts at `at`: strings and brackets may run over many lines."""
    depth = 0
    while at < len(text):
        char = text[at]
        if char in "\"'":
            fence = char * 3 if text.startswith(char * 3, at) else char
            at += len(fence)
            while at < len(text) and not text.startswith(fence, at):
                at += 2 if char == '"' and text[at] == "\\" else 1
            at += len(fence)
            continue
        if char == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
            continue
        if char in "[{":
            depth += 1
        elif char in "]}":
            depth -= 1
        elif char == "\n" and depth <= 0:
            return at
        at += 1
    return at


def key_lines(text: str) -> dict[Key, int]:
    """Line number (from 1) of every table header and `key =` of a valid TOML text.

    Keys inside an inline table stand under the key that holds it; `line_of` finds it.
    """
    lines: dict[Key, int] = {}
    counts: dict[Key, int] = {}
    table: Key = ()
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line, number = text[at:end], text.count("\n", 0, at) + 1
        if header := _TABLE.match(line):
            table = _parts(header[2])
            if header[1] == "[[":
                index = counts.get(table, 0)
                counts[table] = index + 1
                lines.setdefault(table, number)
                table = (*table, index)
            lines.setdefault(table, number)
        elif assign := _ASSIGN.match(line):
            key = (*table, *_parts(assign[1]))
            for n in range(len(table) + 1, len(key) + 1):
                lines.setdefault(key[:n], number)
            end = _skip_value(text, at + assign.end())
        at = end + 1
    return lines


def line_of(lines: dict[Key, int], key: Sequence[str | int]) -> int | None:
    """Line of the key, else of the nearest table or key that holds it; None where nothing is known."""
    for n in range(len(key), 0, -1):
        if (number := lines.get(tuple(key[:n]))) is not None:
            return number
    return None
