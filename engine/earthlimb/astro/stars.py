"""The star catalogue and where its stars appear to an observer near the Earth."""

from __future__ import annotations

import lzma
import math
import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.astro.bodies import AU_KM, aberrated, earth_barycentric
from earthlimb.astro.timescale import Instant
from earthlimb.errors import UsageError
from earthlimb.resources import asset

J2000_TT_JD = 2451545.0
"""Epoch of the catalogue's positions, Julian date TT."""
UNKNOWN_BV = 0.65
"""B - V given to stars without a measured colour: the Sun's."""

_MAS_RAD = math.radians(1.0 / 3.6e6)
_CONE_MARGIN_RAD = math.radians(0.25)
"""More than proper motion (10.4" a year over 60 years) and aberration (26") move a star."""


@dataclass(frozen=True, eq=False)
class StarCatalogue:
    """Stars in the order of their magnitude, brightest first.

    Attributes
    ----------
    dirs_j2000 : ndarray (n, 3)
        Unit vectors in ICRS at the epoch J2000.0.
    pm_ra_rad_yr, pm_dec_rad_yr : ndarray (n,)
        Proper motion [rad per Julian year], in right ascension with cos(dec).
    parallax_rad : ndarray (n,)
        Annual parallax [rad]; 0 where none is known.
    vmag, bv : ndarray (n,)
        Magnitude V and colour B - V.
    hip : ndarray (n,) int
        Hipparcos number; 0 for stars that Hipparcos lacks.
    """

    dirs_j2000: NDArray[np.float64]
    pm_ra_rad_yr: NDArray[np.float64]
    pm_dec_rad_yr: NDArray[np.float64]
    parallax_rad: NDArray[np.float64]
    vmag: NDArray[np.float64]
    bv: NDArray[np.float64]
    hip: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.vmag)

    def within_cone(self, axis_gcrs: ArrayLike, half_angle_rad: float) -> NDArray[np.intp]:
        """Indices of the stars that can appear within an angle [rad] of a unit vector (3,), and some more."""
        reach_rad = min(half_angle_rad + _CONE_MARGIN_RAD, math.pi)
        along = self.dirs_j2000 @ np.asarray(axis_gcrs, dtype=np.float64)
        return np.flatnonzero(along >= math.cos(reach_rad))


@dataclass(frozen=True, slots=True)
class Star:
    """One star: place in the catalogue, name, Hipparcos number (0: none), magnitude, distance [rad]."""

    index: int
    name: str
    hip: int
    vmag: float
    separation_rad: float


@lru_cache(maxsize=8)
def load_catalogue(max_vmag: float = 9.0) -> StarCatalogue:
    """The shipped stars down to a magnitude V; the table ends at 9."""
    with np.load(asset("stars.npz")) as table:
        n = int(np.searchsorted(table["vmag"], np.float32(max_vmag), side="right"))
        ra_rad, dec_rad = (table[key][:n] * _MAS_RAD for key in ("ra_mas", "dec_mas"))
        cos_dec = np.cos(dec_rad)
        dirs = np.stack([cos_dec * np.cos(ra_rad), cos_dec * np.sin(ra_rad), np.sin(dec_rad)], axis=1)
        bv = table["bv"][:n].astype(np.float64)
        return StarCatalogue(
            dirs_j2000=dirs,
            pm_ra_rad_yr=table["pm_ra_mas_yr"][:n] * _MAS_RAD,
            pm_dec_rad_yr=table["pm_dec_mas_yr"][:n] * _MAS_RAD,
            parallax_rad=table["parallax_mas"][:n] * _MAS_RAD,
            vmag=table["vmag"][:n].astype(np.float64),
            bv=np.where(np.isnan(bv), UNKNOWN_BV, bv),
            hip=table["hip"][:n],
        )


def directions_at(
    catalogue: StarCatalogue, instant: Instant, subset: NDArray[np.intp] | slice | None = None
) -> NDArray[np.float64]:
    """Barycentric directions (n, 3) of stars at an instant: proper motion alone, ICRS axes, unit vectors."""
    pick = slice(None) if subset is None else subset
    up = catalogue.dirs_j2000[pick]
    years = (instant.tt[0] - J2000_TT_JD + instant.tt[1]) / 365.25
    cos_dec = np.hypot(up[:, 0], up[:, 1])
    east = np.stack([-up[:, 1] / cos_dec, up[:, 0] / cos_dec, np.zeros_like(cos_dec)], axis=1)
    north = np.stack([-up[:, 2] * east[:, 1], up[:, 2] * east[:, 0], cos_dec], axis=1)
    moved = up + years * (east * catalogue.pm_ra_rad_yr[pick, None] + north * catalogue.pm_dec_rad_yr[pick, None])
    directions: NDArray[np.float64] = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    return directions


def apparent_directions(
    catalogue: StarCatalogue,
    instant: Instant,
    vel_observer_gcrs_km_s: ArrayLike = (0.0, 0.0, 0.0),
    subset: NDArray[np.intp] | slice | None = None,
) -> NDArray[np.float64]:
    """Unit vectors (n, 3), GCRS axes, at which an observer near the Earth sees the stars.

    Parameters
    ----------
    catalogue : StarCatalogue
    instant : Instant
    vel_observer_gcrs_km_s : array_like (3,)
        The observer's geocentric velocity [km s-1], for the orbital part of aberration (5" for the station).
    subset : indices or slice, optional
        Stars to take, for example from `StarCatalogue.within_cone`; all when left out.

    Notes
    -----
    In order: straight proper motion to the date, annual parallax, aberration (relativistic) by the
    Earth's and the observer's velocity. Left out: radial motion (0.2" for the fastest stars in 25
    years), deflection by the Sun (4 mas at 90 degrees from it, 0.1" at 5), refraction.
    """
    pick = slice(None) if subset is None else subset
    earth_km, earth_km_s, sun_km = earth_barycentric(instant)
    seen = directions_at(catalogue, instant, subset) - catalogue.parallax_rad[pick, None] * (earth_km / AU_KM)
    seen /= np.linalg.norm(seen, axis=1, keepdims=True)
    velocity_km_s = earth_km_s + np.asarray(vel_observer_gcrs_km_s, dtype=np.float64)
    return aberrated(seen, velocity_km_s, float(np.linalg.norm(earth_km - sun_km)))


@lru_cache(maxsize=1)
def star_names() -> dict[int, str]:
    """Proper names of the IAU Catalog of Star Names by Hipparcos number."""
    with np.load(asset("stars.npz")) as table:
        names = lzma.decompress(table["names_xz"].tobytes()).decode("utf-8").split("\n")
        return dict(zip(table["name_hip"].tolist(), names, strict=True))


def star_of(catalogue: StarCatalogue, index: int, separation_rad: float) -> Star:
    """A row of the catalogue by name; a star without a Hipparcos number has an empty one."""
    hip = int(catalogue.hip[index])
    name = star_names().get(hip) or (f"HIP {hip}" if hip else "")
    return Star(index, name, hip, round(float(catalogue.vmag[index]), 3), separation_rad)


def find_star(catalogue: StarCatalogue, name: str) -> Star:
    """The star of a proper name, upper or lower case, or of `HIP 32349`.

    Raises
    ------
    UsageError
        No star of that name stands in the catalogue.
    """
    match = re.fullmatch(r"\s*HIP\s*(\d+)\s*", name, re.IGNORECASE)
    wanted = name.strip().casefold()
    hips = [int(match[1])] if match else [hip for hip, one in star_names().items() if one.casefold() == wanted]
    found = np.flatnonzero(np.isin(catalogue.hip, [hip for hip in hips if hip > 0]))
    if not found.size:
        raise UsageError(
            f"star: {name!r}: not in the catalogue: a proper name of the IAU's list, as Sirius, "
            "or HIP 32349 is allowed: choose one"
        )
    return star_of(catalogue, int(found[0]), 0.0)
