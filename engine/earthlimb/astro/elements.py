"""Element sets of the station: from text, shipped, nearest in time, and what their age means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from earthlimb.astro.element_set import STATION_NUMBER, Elements
from earthlimb.astro.history import History
from earthlimb.astro.omm import csv_sets, json_sets, kvn_sets, omm_sets, xml_sets
from earthlimb.astro.timescale import Instant
from earthlimb.astro.tle import tle_sets
from earthlimb.errors import UsageError
from earthlimb.resources import asset

__all__ = [
    "STATION_NUMBER", "Elements", "check_age", "nearest_elements", "parse_elements", "shipped_elements",
    "shipped_history",
]  # fmt: skip

_KVN = re.compile(r"^\s*(?:CCSDS_OMM_VERS|NORAD_CAT_ID|MEAN_MOTION)\s*=", re.MULTILINE)
_CSV = re.compile(r"[^\n]*,[^\n]*(?:MEAN_MOTION|NORAD_CAT_ID)|(?:MEAN_MOTION|NORAD_CAT_ID),")

WARN_AGE_DAYS = 3.0
"""Elements further from the instant than this are worth a warning, days."""

DRIFT_KM_DAY2 = 0.3
"""Along-track error per squared day of age, km: median between shipped sets of 2021 3 to 15 days apart."""

REBOOSTS = tuple(
    (Instant.from_iso(start), Instant.from_iso(end))
    for start, end in (
        ("2021-08-30T13:27:00Z", "2021-09-02T12:53:00Z"),
        ("2021-09-12T05:03:00Z", "2021-09-15T17:49:00Z"),
        ("2021-09-24T05:11:00Z", "2021-10-01T06:11:00Z"),
        ("2021-10-08T17:32:00Z", "2021-10-15T16:50:00Z"),
        ("2021-11-03T13:13:00Z", "2021-11-12T13:59:00Z"),
    )
)
"""Spans in which the station's engines raised its orbit, between two shipped sets that do not agree."""


def parse_elements(text: str, where: str = "station.tle", any_orbit: bool = False) -> list[Elements]:
    """All element sets of a text.

    Parameters
    ----------
    text : str
        One or more sets of one format.
    where : str
        What messages begin with: a key or a file.
    any_orbit : bool
        Take any orbit round the Earth; without it only low ones as the station's.

    Raises
    ------
    UsageError
        No set, a broken set (the message names the line), or one that cannot be an orbit near the Earth.
    """
    stripped = text.lstrip("\ufeff \t\r\n").rstrip()
    if not stripped:
        raise UsageError(f"{where}: the text is empty: element sets are needed: give a TLE or an OMM")
    if stripped[0] in "[{":
        sets = omm_sets(json_sets(stripped, where), where, any_orbit)
    elif stripped[0] == "<":
        sets = omm_sets(xml_sets(stripped, where), where, any_orbit)
    elif _KVN.search(stripped):
        sets = omm_sets(kvn_sets(stripped), where, any_orbit)
    elif _CSV.match(stripped):
        sets = omm_sets(csv_sets(stripped, where), where, any_orbit)
    else:
        sets = tle_sets(text.lstrip("\ufeff"), where, any_orbit)
    if not sets:
        raise UsageError(
            f"{where}: no element set found: a TLE (lines that begin with 1 and 2) or an OMM is needed: give one"
        )
    return sets


@lru_cache(maxsize=1)
def shipped_elements() -> tuple[Elements, ...]:
    """The shipped sets of the station, 2011 to 2025, in the order of their epochs."""
    sets = parse_elements(asset("elements.txt").read_text(encoding="utf-8"), "assets/elements.txt")
    return tuple(sorted(sets, key=lambda one: one.epoch.tai1 + one.epoch.tai2))


@lru_cache(maxsize=1)
def shipped_history() -> History:
    """The shipped sets by time."""
    return History.of(shipped_elements(), "station (shipped elements)")


def nearest_elements(sets: Sequence[Elements], instant: Instant) -> Elements:
    """The set whose epoch is nearest in time; among several objects the station's sets are taken.

    Raises
    ------
    UsageError
        There is no set, or none of several objects is the station.
    """
    return History.of(sets).nearest(instant)


def check_age(elements: Elements, instant: Instant, max_age_days: float, where: str = "station") -> list[str]:
    """Warnings about elements used away from their epoch.

    Parameters
    ----------
    elements : Elements
    instant : Instant
        When they are used.
    max_age_days : float
        The limit [days], before as after the epoch.
    where : str
        What the message begins with.

    Raises
    ------
    UsageError
        The age is beyond the limit.
    """
    age_days = abs(elements.age_days(instant))
    raised = [
        (start, end)
        for start, end in REBOOSTS
        for first, last in [sorted((elements.epoch, instant), key=lambda one: one.minus(start))]
        if first.minus(end) < 0.0 and last.minus(start) > 0.0
    ]
    if age_days <= min(max_age_days, WARN_AGE_DAYS) and not raised:
        return []
    side = "before" if elements.age_days(instant) < 0.0 else "after"
    epoch = elements.epoch.utc_iso(0)
    if not age_days <= max_age_days:
        raise UsageError(
            f"{where}: {instant.utc_iso(0)} is {age_days:.1f} days {side} the elements' epoch {epoch}: "
            f"max_age_days = {max_age_days:g} is allowed: give elements closer to that time (tle or omm), "
            "or raise station.max_age_days"
        )
    warnings = []
    if age_days > WARN_AGE_DAYS:
        warnings.append(
            f"{where}: {instant.utc_iso(0)} is {age_days:.1f} days {side} the elements' epoch {epoch}: "
            f"the station may stand {DRIFT_KM_DAY2 * age_days**2:.0f} km and more away along its track"
        )
    for start, end in raised:
        warnings.append(
            f"{where}: the station's orbit was raised between {start.utc_iso(0)} and {end.utc_iso(0)}: "
            f"elements of {epoch} may be hundreds of km off at {instant.utc_iso(0)}"
        )
    return warnings
