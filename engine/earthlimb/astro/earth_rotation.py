"""Rotations between the Earth-fixed, the celestial and SGP4's frame at one instant."""

from __future__ import annotations

from functools import lru_cache

import erfa
import numpy as np
from numpy.typing import NDArray

from earthlimb.astro.timescale import Instant, earth_orientation

Rotation = NDArray[np.float64]
"""Rotation matrix (3, 3), float64, for column vectors; read-only."""


def _frozen(matrix: NDArray[np.float64]) -> Rotation:
    rotation = np.array(matrix, dtype=np.float64)
    rotation.setflags(write=False)
    return rotation


@lru_cache(maxsize=64)
def rot_itrs_from_gcrs(instant: Instant) -> Rotation:
    """Rotation (3, 3) from GCRS to ITRS.

    Notes
    -----
    IAU 2006/2000A precession-nutation, CIO based, UT1 and polar motion from the shipped table. The
    observed celestial pole offsets (under 0.5 mas, 1.6 cm) are left out.

    References
    ----------
    IERS Conventions 2010, chapter 5; ERFA `c2t06a`.
    """
    orientation = earth_orientation(instant)
    return _frozen(erfa.c2t06a(*instant.tt, *instant.ut1, orientation.pole_x_rad, orientation.pole_y_rad))


@lru_cache(maxsize=64)
def rot_itrs_from_teme(instant: Instant) -> Rotation:
    """Rotation (3, 3) from TEME, the frame of SGP4, to ITRS.

    Notes
    -----
    TEME turns by Greenwich mean sidereal time of 1982 into the pseudo-Earth-fixed frame, which polar
    motion turns into ITRS.

    References
    ----------
    Vallado et al. 2006, Revisiting Spacetrack Report #3, AIAA 2006-6753, appendix C.
    """
    orientation = earth_orientation(instant)
    pef_from_teme = erfa.rz(erfa.gmst82(*instant.ut1), np.eye(3))
    itrs_from_pef = erfa.pom00(orientation.pole_x_rad, orientation.pole_y_rad, 0.0)
    return _frozen(itrs_from_pef @ pef_from_teme)


@lru_cache(maxsize=64)
def rot_gcrs_from_teme(instant: Instant) -> Rotation:
    """Rotation (3, 3) from TEME to GCRS, through the Earth-fixed frame."""
    return _frozen(rot_itrs_from_gcrs(instant).T @ rot_itrs_from_teme(instant))
