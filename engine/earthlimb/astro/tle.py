"""Two-line element sets (TLE): the lines, their checksums and their fields."""

from __future__ import annotations

import math
import re
from datetime import date

from earthlimb.astro.element_set import Elements, refuse_implausible
from earthlimb.astro.timescale import Instant
from earthlimb.errors import UsageError

_ALPHA5 = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""First figure of a five-place catalogue number; I and O are left out."""
_BEGINS = re.compile(r"([12]) [ \dA-HJ-NP-Z][ \d]{4}")
"""Lines 1 and 2; a name line may begin with a figure, too."""
_WEIGHTS = bytes(c - 48 if 48 <= c < 58 else int(c == ord("-")) for c in range(256))
_EXPONENT = re.compile(r"\s*([+-]?)\.?(\d+)([+-]\d)\s*")
_ORDINAL_JD = 1721424.5
"""Julian date of day 0 of `date.toordinal`."""

_Lines = tuple[str, tuple[int, str], tuple[int, str]]
_Fields = tuple[int, tuple[float, float], float, list[float], float, float]


def tle_sets(text: str, where: str, any_orbit: bool = False) -> list[Elements]:
    """Element sets of a text of TLEs with or without name lines; `#` begins a comment.

    Raises
    ------
    UsageError
        A line is missing, cut or wrong, or it is no orbit near the Earth; the message names the line.
    """
    found = _pairs(text, where)
    fields = [_read(first, second, where) for _, first, second in found]
    epochs = Instant.many_from_utc_jd([one[1][0] for one in fields], [one[1][1] for one in fields]) if fields else []
    sets = []
    for (name, (_, line1), (number, line2)), one, epoch in zip(found, fields, epochs, strict=True):
        catalogue, _, bstar, angles, eccentricity, mean_motion = one
        elements = Elements(
            name, catalogue, epoch, angles[0], angles[1], eccentricity, angles[2], angles[3], mean_motion, bstar,
            line1, line2,
        )  # fmt: skip
        refuse_implausible(elements, f"{where}: line {number}", any_orbit)
        sets.append(elements)
    return sets


def _pairs(text: str, where: str) -> list[_Lines]:
    """Name, line 1 and line 2 of every set, the lines with their numbers in the text."""
    found: list[_Lines] = []
    name = ""
    first: tuple[int, str] | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        begins = _BEGINS.match(line)
        if first is not None:
            if begins is None or begins[1] != "2":
                raise UsageError(
                    f"{where}: line {number}: {line[:24]!r}: line 2 of the set must follow line 1: give both"
                )
            found.append((name, first, (number, line)))
            name, first = "", None
        elif begins is None:
            name = line.split("#")[0].removeprefix("0 ").strip()
        elif begins[1] == "1":
            first = (number, line)
        else:
            raise UsageError(f"{where}: line {number}: {line[:24]!r}: line 1 of the set must precede it: give both")
    if first is not None:
        raise UsageError(f"{where}: line {first[0]}: line 1 of a set without its line 2: give both")
    return found


def _check(number: int, line: str, where: str) -> None:
    """Refuse a TLE line whose length or checksum is wrong."""
    if not line.isascii():
        odd = next(c for c in line if not c.isascii())
        raise UsageError(f"{where}: line {number}: {odd!r}: a TLE line is plain ASCII: copy the set again")
    if len(line) != 69:
        raise UsageError(f"{where}: line {number}: {len(line)} characters: a TLE line has 69: copy the set again")
    expected = sum(line[:68].encode("ascii").translate(_WEIGHTS)) % 10
    if line[68] != str(expected):
        raise UsageError(
            f"{where}: line {number}: checksum {line[68]}: {expected} is what its figures add up to: "
            "a character is wrong, copy the set again"
        )


def _read(first: tuple[int, str], second: tuple[int, str], where: str) -> _Fields:
    """Catalogue number, epoch (quasi-JD, UTC), drag, angles [rad], eccentricity and mean motion of a checked set."""
    _check(*first, where)
    _check(*second, where)
    line1, line2 = first[1], second[1]
    if line1[2:7] != line2[2:7]:
        raise UsageError(
            f"{where}: line {second[0]}: catalogue number {line2[2:7].strip()}: "
            f"line 1 has {line1[2:7].strip()}: give both lines of one set"
        )
    if line1[62] == "4":
        raise UsageError(
            f"{where}: line {first[0]}: ephemeris type 4 (SGP4-XP): 0 is allowed: give mean elements for SGP4"
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
    return catalogue, epoch, bstar, angles, eccentricity, mean_motion


def _alpha5(field: str) -> int:
    """Catalogue number of five places, the first perhaps a letter (A = 10)."""
    head, tail = field[0].replace(" ", "0"), field[1:].replace(" ", "0")
    if head not in _ALPHA5 or not tail.isdigit():
        raise ValueError(f"catalogue number {field!r}")
    return _ALPHA5.index(head) * 10000 + int(tail)


def _tle_epoch(field: str) -> tuple[float, float]:
    """Epoch YYDDD.DDDDDDDD as a two-part quasi-JD, UTC [days]; years 57 to 99 are 1957 to 1999."""
    year, day = int(field[:2]), float(field[2:])
    if not 1.0 <= day < 367.0:
        raise ValueError(f"day of year {field[2:]}")
    start = _ORDINAL_JD + date(year + (1900 if year >= 57 else 2000), 1, 1).toordinal()
    return start + math.floor(day - 1.0), (day - 1.0) % 1.0


def _exponent_field(field: str) -> float:
    """Number written as 36756-4 for 0.36756e-4."""
    match = _EXPONENT.fullmatch(field)
    if match is None:
        raise ValueError(f"number {field!r}")
    sign, digits, exponent = match.groups()
    return float(f"{sign}0.{digits}e{exponent}")
