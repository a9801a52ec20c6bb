"""How bright a satellite in sunlight is, and how much of the Sun it sees. Float64."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.constants import WGS84_A_KM, WGS84_F

Floats = NDArray[np.float64]

STANDARD_RANGE_KM = 1000.0
"""Standard magnitudes are those at this distance, half lit."""
SUN_RADIUS_RAD = 0.00465
"""Mean angular radius of the Sun from the Earth."""


def satellite_vmag(std_mag: ArrayLike, range_km: ArrayLike, phase_rad: ArrayLike, sunlit: ArrayLike = 1.0) -> Floats:
    """Apparent V of a diffuse (Lambert) sphere.

    Parameters
    ----------
    std_mag : float or (n,) array
        Magnitude at 1000 km where half of it is lit (phase 90 degrees).
    range_km : (n,) array
    phase_rad : (n,) array
        Angle between Sun and observer at the satellite; 0: fully lit.
    sunlit : (n,) array
        Share of the Sun that it sees; 0 gives an infinite magnitude.

    Notes
    -----
    Lambert's sphere: F = (sin phase + (pi - phase) cos phase) / pi, which is 1 / pi at 90 degrees (H. N. Russell 1916,
    ApJ 43, 173). Observers' lists use the lit share of the disc, (1 + cos phase) / 2, instead: the same at 90 degrees,
    0.5 magnitudes fainter at full. Real satellites stray by 0.6 magnitudes from either (arXiv 2603.21859).

    Examples
    --------
    >>> satellite_vmag(4.0, [1000.0, 100.0], np.pi / 2).tolist()
    [4.0, -1.0]
    """
    phase = np.asarray(phase_rad, np.float64)
    lit = np.sin(phase) + (np.pi - phase) * np.cos(phase)
    with np.errstate(divide="ignore"):
        light = -2.5 * np.log10(np.maximum(lit, 0.0) * np.asarray(sunlit, np.float64))
    distance = 5.0 * np.log10(np.asarray(range_km, np.float64) / STANDARD_RANGE_KM)
    return np.asarray(np.asarray(std_mag, np.float64) + distance + light)


def sunlit_share(pos_gcrs_km: ArrayLike, sun_dir_gcrs: ArrayLike) -> Floats:
    """Share (n,) of the Sun's disc that stands clear of the Earth at positions (n, 3) [km].

    Notes
    -----
    In space stretched along the pole, where WGS84 is a sphere; the pole is GCRS +Z (0.14 degrees off: 50 m). The
    Earth's edge is straight over the half degree of the Sun. The air's refraction and reddening are left out.
    """
    stretch = np.array([1.0, 1.0, 1.0 / (1.0 - WGS84_F)])
    pos = np.asarray(pos_gcrs_km, np.float64) * stretch
    sun = np.asarray(sun_dir_gcrs, np.float64) * stretch
    sun /= np.linalg.norm(sun)
    r = np.linalg.norm(pos, axis=-1)
    from_nadir = np.arccos(np.clip(-(pos @ sun) / r, -1.0, 1.0))
    above = (from_nadir - np.arcsin(np.minimum(WGS84_A_KM / r, 1.0))) / SUN_RADIUS_RAD
    x = np.clip(above, -1.0, 1.0)
    return np.asarray((np.arccos(-x) + x * np.sqrt(1.0 - x * x)) / np.pi)
