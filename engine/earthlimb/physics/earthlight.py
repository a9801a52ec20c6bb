"""Light that the night Earth throws on a facet beside the eye."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def sphere_view_factor(cos_nadir: ArrayLike, height_ratio: float) -> Floats:
    """Share of a facet's hemisphere, weighted by the cosine, that a sphere below it fills.

    Parameters
    ----------
    cos_nadir : (...), cosine between the facet's normal and the direction to the sphere's centre
    height_ratio : distance of the facet from the centre over the sphere's radius, above 1

    Returns
    -------
    (...), 0 to 1 / height_ratio^2; the irradiance is pi times it times the sphere's radiance

    Notes
    -----
    Closed form for a plane element and a sphere (Cunningham 1961, NASA TN D-710), three cases: the sphere is wholly
    above the facet's plane, cut by it, or below.

    Examples
    --------
    >>> sphere_view_factor([1.0, -1.0], 2.0).tolist()
    [0.25, 0.0]
    """
    c = np.clip(np.asarray(cos_nadir, float), -1.0, 1.0)
    h = float(height_ratio)
    root = np.sqrt(h * h - 1.0)
    s = np.sqrt(np.maximum(1.0 - c * c, 1e-12))  # 1e-12: along the axis the cut case does not apply
    cut = np.abs(h * c) < 1.0
    cot = np.where(cut, c / s, 0.0)
    part = (
        0.5
        - np.arcsin(np.clip(root / (h * s), -1.0, 1.0)) / np.pi
        + (c * np.arccos(np.clip(-root * cot, -1.0, 1.0)) - root * np.sqrt(np.maximum(1.0 - h * h * c * c, 0.0)))
        / (np.pi * h * h)
    )
    return np.asarray(np.where(cut, part, np.maximum(c, 0.0) / (h * h)))


def moon_illuminance_lx(phase_angle_rad: float, distance_km: float = 384400.0) -> float:
    """Illuminance of a surface that faces the Moon, above the air.

    Notes
    -----
    V = -12.73 + 0.026 |a| + 4e-9 a^4 with the phase angle a in degrees (Allen 1976), at 384,400 km; V = 0 is 2.54e-6 lx
    (2.09 without the air's extinction reckoned in; Allen's constant above it is used).

    Examples
    --------
    >>> round(moon_illuminance_lx(0.0), 2)
    0.31
    """
    a = abs(float(np.degrees(phase_angle_rad)))
    v = -12.73 + 0.026 * a + 4e-9 * a**4
    return float(2.54e-6 * 10.0 ** (-0.4 * v) * (384400.0 / distance_km) ** 2)
