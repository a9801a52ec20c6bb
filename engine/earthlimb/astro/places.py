"""The world's towns and villages by name and by position (GeoNames)."""

from __future__ import annotations

import difflib
import lzma
import math
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from earthlimb.constants import EARTH_MEAN_RADIUS_KM
from earthlimb.errors import UsageError
from earthlimb.resources import asset


@dataclass(frozen=True, slots=True)
class Place:
    """A place: name, country (ISO 3166), latitude and longitude [rad], population, distance [km]."""

    name: str
    country: str
    lat_rad: float
    lon_rad: float
    population: int
    distance_km: float = 0.0


@dataclass(frozen=True, eq=False)
class _Table:
    names: list[str]
    dirs: NDArray[np.float64]
    lat_rad: NDArray[np.float64]
    lon_rad: NDArray[np.float64]
    population: NDArray[np.int32]
    country: NDArray[np.bytes_]

    def place(self, index: int, distance_km: float = 0.0) -> Place:
        return Place(
            self.names[index], self.country[index].decode("ascii"), float(self.lat_rad[index]),
            float(self.lon_rad[index]), int(self.population[index]), distance_km,
        )  # fmt: skip


def _directions(lat_rad: NDArray[np.float64], lon_rad: NDArray[np.float64]) -> NDArray[np.float64]:
    cos_lat = np.cos(lat_rad)
    return np.stack([cos_lat * np.cos(lon_rad), cos_lat * np.sin(lon_rad), np.sin(lat_rad)], axis=-1)


@lru_cache(maxsize=1)
def _table() -> _Table:
    with np.load(asset("places.npz")) as data:
        lat_rad, lon_rad = (np.radians(data[key] * 1e-5) for key in ("lat_1e5_deg", "lon_1e5_deg"))
        names = lzma.decompress(data["names_xz"].tobytes()).decode("utf-8").split("\n")
        return _Table(names, _directions(lat_rad, lon_rad), lat_rad, lon_rad, data["population"], data["country"])


_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)
"""Letters that are no letter with an accent; ß becomes ss by itself."""


def plain_name(name: str) -> str:
    """A name without case and accents, so that `sao paulo` finds São Paulo."""
    decomposed = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).strip()


@lru_cache(maxsize=1)
def _by_name() -> dict[str, int]:
    found: dict[str, int] = {}
    for index, name in enumerate(_table().names):
        found.setdefault(plain_name(name), index)  # most populous first
    return found


def find_place(name: str) -> Place:
    """The most populous place of a name; case and accents do not matter.

    Raises
    ------
    UsageError
        No place has that name.
    """
    index = _by_name().get(plain_name(name))
    if index is None:
        near = _nearly(plain_name(name))
        raise UsageError(
            f"place: {name!r}: a town or village of GeoNames is allowed: check its spelling or give LAT,LON"
            + (f"; did you mean {near}?" if near else "")
        )
    return _table().place(index)


def _nearly(plain: str) -> str:
    """The name most like another one that begins alike, or an empty text."""
    alike = [key for key in _by_name() if key[:1] == plain[:1] and abs(len(key) - len(plain)) <= 2] if plain else []
    near = difflib.get_close_matches(plain, alike, 10, 0.85) or difflib.get_close_matches(plain, alike, 1, 0.7)
    return _table().names[min(_by_name()[key] for key in near)] if near else ""  # the most populous


@lru_cache(maxsize=2)
def largest_places(n: int) -> tuple[Place, ...]:
    """The n most populous places of the world, the largest first."""
    table = _table()
    order = np.argsort(-table.population.astype(np.int64), kind="stable")[:n]
    return tuple(table.place(int(index)) for index in order)


def places_of(countries: Collection[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latitudes and longitudes [rad] of all places of countries (ISO 3166), the most populous first."""
    table = _table()
    inside = np.isin(table.country, [code.encode("ascii", "ignore") for code in countries])
    return table.lat_rad[inside], table.lon_rad[inside]


def nearest_place(lat_rad: float, lon_rad: float) -> Place:
    """The place nearest to a latitude and longitude east [rad], with the distance over a sphere [km]."""
    table = _table()
    here = _directions(np.float64(lat_rad), np.float64(lon_rad))  # type: ignore[arg-type]
    index = int(np.argmax(table.dirs @ here))
    chord = float(np.linalg.norm(table.dirs[index] - here))
    return table.place(index, 2.0 * math.asin(min(chord / 2.0, 1.0)) * EARTH_MEAN_RADIUS_KM)
