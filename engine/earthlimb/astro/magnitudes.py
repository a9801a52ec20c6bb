"""Standard magnitudes of satellites that observers know, by catalogue number or by name."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from earthlimb.resources import asset


@lru_cache(maxsize=1)
def magnitude_table() -> dict[str, Any]:
    """The tables `object` and `family` of assets/satellites/magnitudes.toml."""
    return tomllib.loads(asset("satellites/magnitudes.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _by_number() -> dict[int, float]:
    return {int(one["number"]): float(one["std_mag"]) for one in magnitude_table()["object"]}


@lru_cache(maxsize=65536)
def standard_magnitude(name: str, catalogue_number: int) -> float | None:
    """V at 1000 km, half lit, or None where neither the number nor the name is known.

    Examples
    --------
    >>> standard_magnitude("HST", 20580), standard_magnitude("STARLINK-1007", 44713), standard_magnitude("X", 1)
    (3.0, 6.8, None)
    """
    known = _by_number().get(catalogue_number)
    if known is not None:
        return known
    plain = name.strip().upper()
    fitting = (float(one["std_mag"]) for one in magnitude_table()["family"] if fnmatchcase(plain, one["pattern"]))
    return next(fitting, None)
