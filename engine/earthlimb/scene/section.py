"""What the parts of a scene are made of: instants, vectors, paths."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from earthlimb.schema.section import as_tuple

STATION_SINCE_YEAR, LAST_YEAR = 1998, 2100


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


Utc = Annotated[datetime, BeforeValidator(parse_utc)]
Vector = Annotated[tuple[float, float, float], BeforeValidator(as_tuple)]
ExistingPath = Annotated[Path, Field(strict=False)]
