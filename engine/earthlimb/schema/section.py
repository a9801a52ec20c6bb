"""The base of every table, what its validators raise and convert, and ranges with their words."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """Base of every part of a file: frozen, strict about types, unknown keys and non-finite numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class ConflictError(ValueError):
    """A value excludes or lacks another one; `key` is the one whose line the message shows."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def as_tuple(value: object) -> object:
    """A TOML list, and the lists in it, as the tuple that a frozen section holds."""
    return tuple(as_tuple(v) for v in value) if isinstance(value, list) else value


def number(low: float, high: float, *, default: object = ...) -> Any:
    """A number's range, and the words for it in messages."""
    what = "a number" if isinstance(low, float) else "a whole number"
    return Field(default, ge=low, le=high, description=f"{what} from {_short(low)} to {_short(high)} is wanted")


def numbers(words: str, at_least: int | None = None) -> Any:
    """What messages say of a list, and how many there are at least."""
    return Field(min_length=at_least, description=f"{words} are wanted")


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) < 1e6 and float(value).is_integer() else f"{value:g}".replace("e+0", "e")
