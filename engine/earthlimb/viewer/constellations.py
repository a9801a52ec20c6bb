"""The constellations' bright stars, by Hipparcos number."""

from __future__ import annotations

from functools import lru_cache

from earthlimb.resources import asset


@lru_cache(maxsize=1)
def constellations() -> dict[str, tuple[int, ...]]:
    """Latin name of each of the 88 constellations and the Hipparcos numbers of its bright stars, brightest first."""
    found: dict[str, tuple[int, ...]] = {}
    for line in asset("constellations.csv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, _, numbers = line.partition(",")
            found[name] = tuple(int(number) for number in numbers.split())
    return found


@lru_cache(maxsize=1)
def _by_hip() -> dict[int, str]:
    return {hip: name for name, hips in constellations().items() for hip in hips}


def constellation_of(hip: int) -> str | None:
    """Constellation of a bright star (V to 4, and at least three in each); None for other stars."""
    return _by_hip().get(hip)
