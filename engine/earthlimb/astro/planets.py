"""The planets that the eye sees, Mercury to Saturn: where they stand and how bright, for an observer near the Earth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import erfa
import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.astro.bodies import AU_KM, Vector, apparent_km, earth_barycentric
from earthlimb.astro.timescale import Instant

NAMES = ("Mercury", "Venus", "Mars", "Jupiter", "Saturn")
COLOUR_BV = (0.97, 0.81, 1.43, 0.87, 1.09)
"""Colour index B - V of the whole planets (Mallama, Krobusek and Pavlov 2017, Icarus 282)."""
_PLAN94 = (1, 2, 4, 5, 6)
_SATURN_POLE = np.array([0.085478883, 0.073239575, 0.993644505])
"""Of Saturn's rings, GCRS: RA 40.589, Dec 83.537 deg (IAU 2015)."""


@dataclass(frozen=True)
class Planets:
    """The five planets of `NAMES`, in this order.

    Attributes
    ----------
    dir_gcrs : (5, 3), apparent unit directions: light-time and aberration in, no refraction
    vmag : (5,), apparent Johnson V
    """

    dir_gcrs: NDArray[np.float64]
    vmag: NDArray[np.float64]


def planets(instant: Instant, observer_gcrs_km: ArrayLike, vel_observer_gcrs_km_s: ArrayLike) -> Planets:
    """Directions and magnitudes of the planets.

    Parameters
    ----------
    instant : Instant
    observer_gcrs_km, vel_observer_gcrs_km_s : array_like (3,)
        The observer's geocentric position [km] and velocity [km s-1].

    Notes
    -----
    ERFA `plan94` (Simon et al. 1994). Against DE421 at 40 instants between 2001 and 2035: Mercury within 1.2",
    Venus 5", Mars 49", Jupiter 50", Saturn 88", all 0.01 mag of the same formulae; a pixel of the Italy view is
    260". The turning face of Mars is left out (0.06 mag).
    Magnitudes by Mallama and Hilton (2018), Astronomy and Computing 25.
    """
    directions, magnitudes = [], []
    for name, number in zip(NAMES, _PLAN94, strict=True):
        where = partial(_barycentric_km, number)
        vector = apparent_km(instant, observer_gcrs_km, vel_observer_gcrs_km_s, where)
        distance_au = float(np.linalg.norm(vector)) / AU_KM
        from_sun = np.asarray(erfa.plan94(*instant.tt, number)["p"], np.float64)
        sun_au = float(np.linalg.norm(from_sun))
        directions.append(vector / np.linalg.norm(vector))
        to_planet = directions[-1]
        cos_phase = float(from_sun @ to_planet) / sun_au
        phase_deg = math.degrees(math.acos(min(max(cos_phase, -1.0), 1.0)))
        tilt = 0.0
        if name == "Saturn":
            by_sun, by_earth = float(_SATURN_POLE @ from_sun) / sun_au, float(_SATURN_POLE @ to_planet)
            tilt = math.degrees(math.asin(math.sqrt(max(by_sun * by_earth, 0.0))))
        magnitudes.append(magnitude(name, sun_au, distance_au, phase_deg, tilt))
    return Planets(np.array(directions), np.array(magnitudes))


def magnitude(name: str, sun_au: float, distance_au: float, phase_deg: float, ring_tilt_deg: float = 0.0) -> float:
    """Apparent V of a planet.

    Parameters
    ----------
    name : of NAMES
    sun_au, distance_au : its distances from the Sun and from the observer
    phase_deg : angle between Sun and observer at the planet
    ring_tilt_deg : of Saturn's rings towards Sun and observer, the geometric mean

    Notes
    -----
    Mallama and Hilton (2018), equations 2 to 12; the mean of Mars over its rotation and seasons. Mercury from 2 to
    170 degrees, Venus to 179, Mars to 120, Jupiter to 12 and Saturn to 6.5: what can be seen from the Earth.

    Examples
    --------
    >>> round(magnitude("Jupiter", 5.2, 4.2, 0.0), 2)   # -9.395 + 5 log10(21.84)
    -2.7
    """
    a = phase_deg
    if name == "Mercury":
        v = _polynomial(a, -0.613, 6.3280e-2, -1.6336e-3, 3.3644e-5, -3.4265e-7, 1.6893e-9, -3.0334e-12)
    elif name == "Venus":
        near = a < 163.7
        v = (
            _polynomial(a, -4.384, -1.044e-3, 3.687e-4, -2.814e-6, 8.938e-9)
            if near
            else _polynomial(a, 236.05828, -2.81914, 8.39034e-3)
        )
    elif name == "Mars":
        v = _polynomial(a, -1.601, 2.267e-2, -1.302e-4) if a <= 50.0 else _polynomial(a, -0.367, -0.02573, 3.445e-4)
    elif name == "Jupiter":
        v = _polynomial(a, -9.395, -3.7e-4, 6.16e-4)
    elif name == "Saturn":
        sine = math.sin(math.radians(ring_tilt_deg))
        v = -8.914 - 1.825 * sine + 0.026 * a - 0.378 * sine * math.exp(-2.25 * a)
    else:
        raise ValueError(f"planet {name!r}: one of {', '.join(NAMES)} is wanted")
    return v + 5.0 * math.log10(sun_au * distance_au)


def _polynomial(x: float, *coefficients: float) -> float:
    value = 0.0
    for c in reversed(coefficients):
        value = value * x + c
    return value


def _barycentric_km(number: int, instant: Instant) -> Vector:
    sun_km = earth_barycentric(instant)[2]
    return sun_km + np.asarray(erfa.plan94(*instant.tt, number)["p"], np.float64) * AU_KM
