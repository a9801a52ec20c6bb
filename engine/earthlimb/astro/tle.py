"""Two-line element sets (TLE): the lines, their checksums and their fields."""

from __future__ import annotations

import math
import re

from earthlimb.astro.element_set import Elements, implausible
from earthlimb.astro.timescale import Instant
from earthlimb.errors import UsageError

_ALPHA5 = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""First figure of a five-place catalogue number; I and O are left out."""


def tle_sets(text: str, where: str, any_orbit: bool = False) -> list[Elements]:
    """Element sets of a text of TLEs with or without name lines; `#` begins a comment."""
    sets = []
    name = ""
    first: tuple[int, str] | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.rstrip()
        if not line or line.startswith("#"):
            continue
        if first is not None:
            if not line.startswith("2 "):
                raise UsageError(
                    f"{where}: line {number}: {line[:24]!r}: line 2 of the set must follow line 1: give both"
                )
            sets.append(_from_tle(name, first, (number, line), where, any_orbit))
            name, first = "", None
        elif line.startswith("1 "):
            first = (number, line)
        elif line.startswith("2 "):
            raise UsageError(f"{where}: line {number}: {line[:24]!r}: line 1 of the set must precede it: give both")
        else:
            name = line.split("#")[0].removeprefix("0 ").strip()
    if first is not None:
        raise UsageError(f"{where}: line {first[0]}: line 1 of a set without its line 2: give both")
    return sets


def _checked(number: int, line: str, where: str) -> str:
    """A TLE line whose length and checksum are right."""
    if len(line) != 69 or not line.isascii():
        raise UsageError(
            f"{where}: line {number}: {len(line)} characters: a TLE line has 69 in plain ASCII: copy the set again"
        )
    expected = sum(int(c) if c.isdigit() else c == "-" for c in line[:68]) % 10
    if line[68] != str(expected):
        raise UsageError(
            f"{where}: line {number}: checksum {line[68]}: {expected} is what its figures add up to: "
            "a character is wrong, copy the set again"
        )
    return line


def _from_tle(name: str, first: tuple[int, str], second: tuple[int, str], where: str, any_orbit: bool) -> Elements:
    line1, line2 = _checked(*first, where), _checked(*second, where)
    if line1[2:7] != line2[2:7]:
        raise UsageError(
            f"{where}: line {second[0]}: catalogue number {line2[2:7].strip()}: "
            f"line 1 has {line1[2:7].strip()}: give both lines of one set"
        )
    number = first[0]
    try:
        catalogue = _alpha5(line1[2:7])
        epoch = _tle_epoch(line1[18:32])
        bstar = _exponent_field(line1[53:61])
        number = second[0]
        angles = [math.radians(float(line2[a:b])) for a, b in ((8, 16), (17, 25), (34, 42), (43, 51))]
        eccentricity = float("0." + line2[26:33].replace(" ", "0"))
        mean_motion = float(line2[52:63])
    except ValueError as error:
        raise UsageError(f"{where}: line {number}: {error}: a field cannot be read: copy the set again") from None
    elements = Elements(
        name, catalogue, epoch, angles[0], angles[1], eccentricity, angles[2], angles[3], mean_motion, bstar,
        line1, line2,
    )  # fmt: skip
    fault = implausible(elements, any_orbit)
    if fault:
        raise UsageError(
            f"{where}: line {second[0]}: {fault}: give elements of {'a satellite' if any_orbit else 'the station'}"
        )
    return elements


def _alpha5(field: str) -> int:
    """Catalogue number of five places, the first perhaps a letter (A = 10)."""
    head, tail = field[0].replace(" ", "0"), field[1:].replace(" ", "0")
    if head not in _ALPHA5 or not tail.isdigit():
        raise ValueError(f"catalogue number {field!r}")
    return _ALPHA5.index(head) * 10000 + int(tail)


def _tle_epoch(field: str) -> Instant:
    """Epoch YYDDD.DDDDDDDD, UTC; years 57 to 99 are 1957 to 1999."""
    year, day = int(field[:2]), float(field[2:])
    if not 1.0 <= day < 367.0:
        raise ValueError(f"day of year {field[2:]}")
    start = Instant.from_iso(f"{year + (1900 if year >= 57 else 2000)}-01-01T00:00:00Z").utc
    return Instant.from_utc_jd(start[0] + math.floor(day - 1.0), start[1] + (day - 1.0) % 1.0)


def _exponent_field(field: str) -> float:
    """Number written as 36756-4 for 0.36756e-4."""
    match = re.fullmatch(r"\s*([+-]?)\.?(\d+)([+-]\d)\s*", field)
    if match is None:
        raise ValueError(f"number {field!r}")
    sign, digits, exponent = match.groups()
    return float(f"{sign}0.{digits}e{exponent}")
