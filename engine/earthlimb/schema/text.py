"""TOML read from a file, and values and keys written in messages as they stand in one."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from earthlimb.errors import UsageError


def parse_toml(name: str, text: str) -> dict[str, Any]:
    """The tables of a text.

    Raises
    ------
    UsageError
        With line and column of what is no TOML; `name` is what the message calls the file.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise UsageError(f"{name}: lists in lists without end: this is no file of earthlimb's: mend it") from None
    except tomllib.TOMLDecodeError as error:
        reason, _, at = str(error).partition(" (at ")
        numbers = [int(word) for word in at.replace(",", " ").replace(")", " ").split() if word.isdigit()]
        if len(numbers) == 2:
            place = f"{name}:{numbers[0]}:{numbers[1]}"
        else:
            place = f"{name}:{text.count(chr(10)) + 1}"
        raise UsageError(f"{place}: {reason}: this is not valid TOML: mend this line") from None


def toml_text(value: object, longest: int = 60) -> str:
    """The value about as the user wrote it, cut where it gets long."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, str):
        text = '"' + value.strip().replace("\n", "\\n") + '"'
    elif isinstance(value, datetime):
        text = value.isoformat()
    elif isinstance(value, dict):
        text = "{ " + ", ".join(f"{k} = {toml_text(v)}" for k, v in value.items()) + " }" if value else "{}"
    elif isinstance(value, list | tuple):
        text = "[" + ", ".join(toml_text(v) for v in value) + "]"
    else:
        text = str(value)
    return text if len(text) <= longest else text[: longest - 3] + "..."


def dotted(key: Sequence[str | int]) -> str:
    """`("camera", "point")` -> `camera.point`, list indices in brackets."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else part)
    return text
