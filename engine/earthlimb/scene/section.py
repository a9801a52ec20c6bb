"""What every part of a scene is made of: the base class, instants, vectors, paths, conflicts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

STATION_SINCE_YEAR, LAST_YEAR = 1998, 2100


class Section(BaseModel):
    """Base of every part of a scene: frozen, strict about types, unknown keys and non-finite numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class ConflictError(ValueError):
    """A value excludes or lacks another one; `key` is the one whose line the message shows."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def parse_utc(value: object) -> datetime:
    """Instant in UTC from a TOML time or an ISO 8601 text; a time without a zone is refused.

    Raises
    ------
    ValueError
        When it is no time, has no zone, or lies outside the years of the station.
    """
    example = 'for example "2021-09-09T22:42:40.05Z"'
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(f"not a time: date, time and zone are wanted: write it {example}") from None
    if not isinstance(value, datetime):
        raise ValueError(f"not a time: date, time and zone are wanted: write it {example}")
    offset = value.utcoffset()
    if offset is None:
        raise ValueError("a time without a zone: add Z for UTC or an offset such as +02:00")
    instant = (value.replace(tzinfo=None) - offset) if offset else value.replace(tzinfo=None)
    if not STATION_SINCE_YEAR <= instant.year <= LAST_YEAR:
        raise ValueError(f"the year must be {STATION_SINCE_YEAR} to {LAST_YEAR}: the station flies since November 1998")
    return instant.replace(tzinfo=UTC)


def as_tuple(value: object) -> object:
    """A TOML list as the tuple that a frozen section holds."""
    return tuple(value) if isinstance(value, list) else value


Utc = Annotated[datetime, BeforeValidator(parse_utc)]
Vector = Annotated[tuple[float, float, float], BeforeValidator(as_tuple)]
ExistingPath = Annotated[Path, Field(strict=False)]
