"""Where the station is: SGP4 in TEME, turned into GCRS and ITRS."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import erfa
import numpy as np
from numpy.typing import NDArray
from sgp4.api import SGP4_ERRORS

from earthlimb.astro.earth_rotation import rot_itrs_from_gcrs, rot_itrs_from_teme
from earthlimb.astro.element_set import Elements
from earthlimb.astro.timescale import Instant
from earthlimb.constants import EARTH_ROTATION_RAD_S
from earthlimb.errors import WorkError


@dataclass(frozen=True, slots=True)
class StationState:
    """Position and velocity of the station at one instant.

    Attributes
    ----------
    instant : Instant
    pos_gcrs_km, vel_gcrs_km_s : ndarray (3,)
        In GCRS [km, km s-1].
    pos_itrs_km, vel_itrs_km_s : ndarray (3,)
        In ITRS [km, km s-1]; the velocity is that over the turning Earth.
    lat_rad, lon_rad, alt_km : float
        Geodetic latitude, longitude east [rad] and height above WGS84 [km] of the station.
    """

    instant: Instant
    pos_gcrs_km: NDArray[np.float64]
    vel_gcrs_km_s: NDArray[np.float64]
    pos_itrs_km: NDArray[np.float64]
    vel_itrs_km_s: NDArray[np.float64]
    lat_rad: float
    lon_rad: float
    alt_km: float


@lru_cache(maxsize=64)
def station_state(elements: Elements, instant: Instant, time_shift_s: float = 0.0) -> StationState:
    """State of the station at an instant; kept, as the rotations are, and its arrays are not to be written to.

    Parameters
    ----------
    elements : Elements
        One mean element set.
    instant : Instant
        The moment; the Earth's rotation is that of this moment.
    time_shift_s : float
        Along-track correction [s]: the station stands where the elements put it that much later.

    Returns
    -------
    StationState

    Raises
    ------
    WorkError
        SGP4 finds no orbit there (decayed, or elements out of their range).

    Notes
    -----
    SGP4 with WGS72 constants, as element sets are made. Good to about 1 km within two days of the
    epoch; shipped sets of 2021 disagree by 11 km (median) after six days, 42 km after twelve.
    """
    tsince_min = (instant.minus(elements.epoch) + time_shift_s) / 60.0
    code, pos, vel = elements.satrec.sgp4_tsince(tsince_min)
    pos_teme_km = np.array(pos, dtype=np.float64)
    if code or not all(math.isfinite(part) for part in pos):
        reason = SGP4_ERRORS.get(code, "no finite position")
        raise WorkError(
            f"station: elements of {elements.epoch.utc_iso(0)} propagated to {instant.utc_iso(0)}: "
            f"SGP4 fails ({reason}): give elements closer to that time"
        )
    vel_teme_km_s = np.array(vel, dtype=np.float64)
    itrs_from_teme = rot_itrs_from_teme(instant)
    gcrs_from_itrs = rot_itrs_from_gcrs(instant).T
    pos_itrs_km = itrs_from_teme @ pos_teme_km
    inertial_itrs_km_s = itrs_from_teme @ vel_teme_km_s
    x_km, y_km, _ = pos_itrs_km.tolist()
    turning_km_s = EARTH_ROTATION_RAD_S * np.array([-y_km, x_km, 0.0])
    lon_rad, lat_rad, height_m, _ = (float(part) for part in erfa.ufunc.gc2gd(1, pos_itrs_km * 1000.0))  # 1: WGS84
    if not math.isfinite(height_m) or height_m < 100e3:
        raise WorkError(
            f"station: elements of {elements.epoch.utc_iso(0)} propagated to {instant.utc_iso(0)}: "
            f"the height is {height_m / 1000.0:.0f} km, an orbit stays above 100 km: "
            "give elements closer to that time"
        )
    return StationState(
        instant=instant,
        pos_gcrs_km=gcrs_from_itrs @ pos_itrs_km,
        vel_gcrs_km_s=gcrs_from_itrs @ inertial_itrs_km_s,
        pos_itrs_km=pos_itrs_km,
        vel_itrs_km_s=inertial_itrs_km_s - turning_km_s,
        lat_rad=lat_rad,
        lon_rad=lon_rad,
        alt_km=height_m / 1000.0,
    )
