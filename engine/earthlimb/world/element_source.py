"""Where a scene's station has its elements from, read once and kept while the source stays as it is."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from earthlimb.astro.element_set import Elements
from earthlimb.astro.elements import parse_elements, shipped_history
from earthlimb.astro.history import History
from earthlimb.astro.plausibility import doubts
from earthlimb.astro.state_vector import elements_of_state
from earthlimb.astro.timescale import Instant
from earthlimb.errors import UsageError
from earthlimb.scene.station import StateVector, Station

ORBIT_KEYS = ("tle", "omm", "state", "max_age_days", "time_shift_s")
"""Keys of `[station]` that say where it is; the others say how it stands and what of it is seen."""


def same_orbit(a: Station, b: Station) -> bool:
    """Whether two stations are at the same place at the same time."""
    return all(getattr(a, key) == getattr(b, key) for key in ORBIT_KEYS)


def history_of(station: Station) -> History:
    """The element sets that a scene's `[station]` names.

    Raises
    ------
    UsageError
        They cannot be read, or are none of a low orbit; the message names the key or the file and its line.
    """
    if station.tle is not None:
        return _of_text(station.tle)
    if station.omm is not None:
        try:
            about = station.omm.stat()
            return _of_file(station.omm, about.st_mtime_ns, about.st_size)
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not a text file"
            where = f"station.omm = {station.omm}"
            raise UsageError(f"{where}: {reason}: a readable OMM file is wanted: check the path") from error
    return shipped_history() if station.state is None else _of_state(station.state)


@lru_cache(maxsize=16)
def doubts_of(history: History, elements: Elements) -> tuple[str, ...]:
    """Warnings about one of a history's sets; kept, as every picture asks."""
    return tuple(doubts(elements, history.around(elements.epoch), history.where))


@lru_cache(maxsize=4)
def _of_text(text: str) -> History:
    return History.of(parse_elements(text, "station.tle"), "station.tle")


@lru_cache(maxsize=2)
def _of_file(path: Path, _changed_ns: int, _size: int) -> History:
    return History.of(parse_elements(path.read_text(encoding="utf-8"), str(path)), f"station.omm = {path}")


@lru_cache(maxsize=4)
def _of_state(state: StateVector) -> History:
    where = "station.state"
    instant = Instant.from_datetime(state.utc)
    return History((elements_of_state(instant, state.pos_gcrs_km, state.vel_gcrs_km_s, where),), where)
