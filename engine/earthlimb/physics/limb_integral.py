"""Exact limb column of a piecewise-linear emission profile on a sphere: the oracle of the GPU's march."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earthlimb.constants import EARTH_MEAN_RADIUS_KM

Array = NDArray[np.float64]


def _leg_integral(alt_km: Array, ver: Array, p_km: float, start_km: float, radius_km: float) -> float:
    """Integral of the profile [km photon cm-3 s-1] along s >= start_km from the closest approach p_km.

    On a segment the rate is v1 + b (r - r1), and with r = sqrt(p^2 + s^2) the antiderivative of r is
    (s r + p^2 ln(s + r)) / 2.
    """
    r = radius_km + alt_km
    first = float(np.hypot(p_km, start_km))
    s = np.sqrt(np.maximum((r - p_km) * (r + p_km), 0.0))
    s = np.maximum(s, start_km)
    at = np.maximum(r, first)  # radius that belongs to s, also where a segment starts below the ray
    antiderivative = 0.5 * (s * at + p_km**2 * np.log(s + at))
    length = np.diff(s)
    slope = np.diff(ver) / np.diff(r)
    return float(np.sum(ver[:-1] * length + slope * (np.diff(antiderivative) - r[:-1] * length)))


def limb_columns_rayleigh(
    alt_km: Array,
    ver: Array,
    tangent_km: Array,
    observer_km: float = 420.0,
    radius_km: float = EARTH_MEAN_RADIUS_KM,
    upwards: bool = False,
) -> tuple[Array, Array]:
    """Columns along straight rays in front of and behind the tangent point.

    Parameters
    ----------
    alt_km : array (m,)
        Increasing altitudes [km].
    ver : array (m,)
        Rates [photon cm-3 s-1], linear between, zero outside.
    tangent_km : array (k,)
        Altitude of each line's closest approach to the sphere's centre [km]; below the observer.
    observer_km : float
        Altitude of the eye: below, inside or above the layer.
    radius_km : float
        Radius of the sphere.
    upwards : bool
        The ray leaves away from the tangent point, which then lies behind the eye.

    Returns
    -------
    near, far : array (k,)
        Columns [R]: eye to tangent point, tangent point outwards. Upwards `near` is zero and `far`
        starts at the eye. The ground does not block.

    Examples
    --------
    A thin shell of 1 photon cm-3 s-1 between 90 and 91 km, seen at its lower edge, has the length
    2 sqrt(2 x 6461 km x 1 km + 1 km^2) = 227.4 km:

    >>> z, v = np.array([90.0, 91.0]), np.ones(2)
    >>> near, far = limb_columns_rayleigh(z, v, np.array([90.0]))
    >>> round(float(near[0] + far[0]), 2)
    22.74
    """
    tangent_km = np.atleast_1d(np.asarray(tangent_km, dtype=np.float64))
    near, far = np.zeros(tangent_km.size), np.zeros(tangent_km.size)
    eye_r = radius_km + observer_km
    for i, tangent in enumerate(tangent_km):
        p_km = radius_km + float(tangent)
        eye_s = float(np.sqrt(max((eye_r - p_km) * (eye_r + p_km), 0.0)))
        beyond_eye = _leg_integral(alt_km, ver, p_km, eye_s, radius_km)
        whole = _leg_integral(alt_km, ver, p_km, 0.0, radius_km)
        near[i] = 0.0 if upwards else whole - beyond_eye
        far[i] = beyond_eye if upwards else whole
    return 0.1 * near, 0.1 * far
