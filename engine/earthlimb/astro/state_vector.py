"""Mean elements that put the station where a state vector says, so that SGP4 carries it on."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.astro.earth_rotation import rot_gcrs_from_teme
from earthlimb.astro.element_set import Elements, implausible
from earthlimb.astro.elements import STATION_NUMBER
from earthlimb.astro.timescale import DAY_S, Instant
from earthlimb.constants import EARTH_GM_KM3_S2
from earthlimb.errors import UsageError

Array = NDArray[np.float64]

BSTAR = 1e-4
"""Drag term of a state vector, which has none, per Earth radius: between those of the shipped sets of quiet years."""
_CLOSED_KM = 1e-6
_ROUNDS = 20


def elements_of_state(instant: Instant, pos_gcrs_km: ArrayLike, vel_gcrs_km_s: ArrayLike, where: str) -> Elements:
    """Elements whose SGP4 state at an instant is a position (3,) [km] and a velocity (3,) [km s-1] in GCRS.

    Parameters
    ----------
    instant : Instant
    pos_gcrs_km, vel_gcrs_km_s : array_like (3,)
    where : str
        What a message begins with.

    Raises
    ------
    UsageError
        The state is no low orbit.

    Notes
    -----
    Newton's steps on mean motion, e cos and e sin of the perigee, inclination, node, and argument of latitude, which
    stay regular for circular orbits, from the osculating elements on. SGP4 then has J2 to J4 and a usual drag.
    """
    rot = rot_gcrs_from_teme(instant).T
    wanted = np.concatenate([rot @ np.asarray(pos_gcrs_km, np.float64), rot @ np.asarray(vel_gcrs_km_s, np.float64)])
    unknowns = _osculating(wanted[:3], wanted[3:], where)
    scale = np.repeat([1.0, 1000.0], 3)  # km and m/s weigh alike
    for _ in range(_ROUNDS):
        elements = _elements(instant, unknowns)
        fault = implausible(elements)
        if fault:
            break
        miss = (wanted - _state(elements)) * scale
        if float(np.linalg.norm(miss)) < _CLOSED_KM:
            return elements
        steps = np.array([1e-6, 1e-6, 1e-6, 1e-6, 1e-6, 1e-6])
        slopes = [
            (_state(_elements(instant, unknowns + step)) - _state(elements)) * scale / step.sum()
            for step in np.diag(steps)
        ]
        unknowns = unknowns + np.linalg.solve(np.stack(slopes, axis=1), miss)
    else:
        fault = "no mean elements give it"
    raise UsageError(f"{where}: {fault}: a state vector of the station in GCRS is wanted: check km, km/s and the frame")


def _osculating(pos: Array, vel: Array, where: str) -> Array:
    r, speed2 = float(np.linalg.norm(pos)), float(vel @ vel)
    energy = 0.5 * speed2 - EARTH_GM_KM3_S2 / r if r > 0.0 else 0.0
    momentum = np.cross(pos, vel)
    h = float(np.linalg.norm(momentum))
    if energy >= 0.0 or h < 1.0:
        raise UsageError(
            f"{where}: not a closed orbit: position {r:.0f} km from the Earth's centre, speed "
            f"{math.sqrt(speed2):.2f} km/s: about 6790 km and 7.66 km/s are the station's: check km, km/s and the frame"
        )
    a_km = -EARTH_GM_KM3_S2 / (2.0 * energy)
    n_rev_day = math.sqrt(EARTH_GM_KM3_S2 / a_km**3) * DAY_S / (2.0 * math.pi)
    inclination = math.acos(momentum[2] / h)
    node = math.atan2(momentum[0], -momentum[1])
    ahead = np.array([math.cos(node), math.sin(node), 0.0])
    across = np.cross(momentum / h, ahead)
    latitude = math.atan2(float(pos @ across), float(pos @ ahead))
    eccentricity = np.cross(vel, momentum) / EARTH_GM_KM3_S2 - pos / r
    ex, ey = float(eccentricity @ ahead), float(eccentricity @ across)
    # true to mean argument of latitude to the first order in e
    mean = latitude - 2.0 * (ex * math.sin(latitude) - ey * math.cos(latitude))
    return np.array([n_rev_day, ex, ey, inclination, node, mean])


def _elements(instant: Instant, unknowns: Array) -> Elements:
    n_rev_day, ex, ey, inclination, node, mean = (float(x) for x in unknowns)
    perigee = math.atan2(ey, ex)
    turn = 2.0 * math.pi
    return Elements(
        "state vector", STATION_NUMBER, instant, inclination, node % turn, math.hypot(ex, ey), perigee % turn,
        (mean - perigee) % turn, n_rev_day, BSTAR,
    )  # fmt: skip


def _state(elements: Elements) -> Array:
    _, pos, vel = elements.satrec.sgp4_tsince(0.0)
    return np.array([*pos, *vel])
