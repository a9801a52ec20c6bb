"""How the air bends starlight: where a star is seen through the limb, and which stars the Earth hides. Float64."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.constants import WGS84_A_KM, WGS84_B_KM, WGS84_F
from earthlimb.physics.geometry import lowest_points

Floats = NDArray[np.float64]

HARD_LIMB_APP_KM = 1.77
"""Apparent height of the ground's edge seen through the whole atmosphere, km (US76, Ciddor)."""
ABOVE_AIR_KM = 1000.0
"""Apparent height given to stars whose light meets no air, km."""
MAX_BENDING_RAD = 0.03
"""More than any ray bends: 0.0192 rad at the hard limb."""
_AIR_TOP_KM = 100.0  # bending is below 1e-8 rad above: 2 mm at the limb
_SUNK_KM = -60.0  # the hard limb's bending lifts by 1.1 deg, 45 km of tangent height: lower stars are hidden
_LIFT_RAD, _MOST_STEPS = 1e-7, 6
"""Step after which the lift is solved: the next one would be 1e-10 rad."""


def refracted_directions(
    dirs_itrs: ArrayLike, pos_itrs_km: ArrayLike, bending_rad: Callable[[Floats], Floats] | None
) -> tuple[Floats, Floats, Floats]:
    """Directions in which stars are seen through the air, above which the eye stands.

    Parameters
    ----------
    dirs_itrs : (n, 3) array
        Unit directions to the stars, aberration included.
    pos_itrs_km : (3,) or (n, 3) array
        The eye, above 100 km, or one for each direction.
    bending_rad : callable (n,) -> (n,), or None for no air
        Bending of a ray through the whole limb against its apparent height (impact parameter less the
        radius), km; falls with height.

    Returns
    -------
    dir_app : (n, 3) float64
        Apparent unit directions.
    h_app_km : (n,) float64
        Apparent height of the ray, `ABOVE_AIR_KM` where it meets no air, -inf where the Earth hides the star
        whatever the bending.
    distance_km : (n,) float64
        From the eye to the ray's lowest point, 0 for rays without air.

    Notes
    -----
    In the sphere that fits WGS84 at the lowest point, in the ray's azimuth: dip_app + bending(h_app) =
    dip_true and h_app = r cos(dip_app) - R. The left side grows with dip_app, so there is one root. The bent
    ray's own lowest point lies up to 0.02 rad (130 km) from the straight one's, where the sphere has left the
    ellipsoid by (0.02)^3 * 21 km: below a metre.
    """
    d = np.asarray(dirs_itrs, np.float64)
    eye = np.asarray(pos_itrs_km, np.float64)
    out = d.copy()
    h_app = np.full(len(d), ABOVE_AIR_KM)
    distance = np.zeros(len(d))
    towards = -(d @ eye) if eye.ndim == 1 else -(d * eye).sum(axis=-1)
    closest2 = (eye * eye).sum(axis=-1) - towards * towards
    top = _AIR_TOP_KM if bending_rad is not None else 0.0
    low = (towards > 0.0) & (closest2 < (WGS84_A_KM + top) ** 2)
    h_app[low] = -np.inf
    near = np.flatnonzero(low & (closest2 > (WGS84_B_KM + _SUNK_KM) ** 2))
    if len(near) == 0:
        return out, h_app, distance
    height, far, lat, lon = lowest_points(eye if eye.ndim == 1 else eye[near], d[near])
    h_app[near[height >= top]] = ABOVE_AIR_KM
    if bending_rad is None:
        return out, h_app, distance
    bent = (height > _SUNK_KM) & (height < top)
    near, height, far, lat, lon = near[bent], height[bent], far[bent], lat[bent], lon[bent]
    d = d[near]
    up = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)
    radius = _section_radius_km(lat, lon, d)
    r_tangent = radius + height
    r_eye = np.hypot(r_tangent, far)
    dip_true = np.arctan2(far, r_tangent)
    lift = _solve_lift(radius, r_eye, dip_true, bending_rad)
    h_app[near] = r_eye * np.cos(dip_true - lift) - radius
    distance[near] = r_eye * np.sin(dip_true - lift)
    out[near] = np.cos(lift)[:, None] * d + np.sin(lift)[:, None] * up
    return out, h_app, distance


def hidden_all_along(dirs: Floats, eye_km: Floats, flown_km: float) -> NDArray[np.bool_]:
    """Which stars (n, 3) the Earth hides, whatever the bending, from everywhere within a distance of the eye (3,)."""
    towards = -(dirs @ eye_km)
    distance = math.hypot(*eye_km)
    closest2 = (distance - towards) * (distance + towards)
    return np.asarray((towards > flown_km) & (closest2 < max(WGS84_B_KM + _SUNK_KM - flown_km, 0.0) ** 2))


def _solve_lift(
    radius_km: Floats, r_eye_km: Floats, dip_true_rad: Floats, bending_rad: Callable[[Floats], Floats]
) -> Floats:
    """By how much the air lifts rays (n,), rad: Newton's steps from the inverted law of the mean ray.

    Below the ground (h_app < 0) the bending stays that of the ground: such stars are hidden in any case.
    """
    if len(radius_km) == 0:
        return np.zeros(0)
    h = np.linspace(0.0, _AIR_TOP_KM, 251)
    alpha = bending_rad(h)
    mean_radius, mean_eye = radius_km.mean(), r_eye_km.mean()
    mean_true = mean_eye * np.cos(np.arccos((mean_radius + h) / mean_eye) + alpha) - mean_radius
    lift = np.interp(np.interp(r_eye_km * np.cos(dip_true_rad) - radius_km, mean_true, h), h, alpha)
    step_km = 0.01
    for _ in range(_MOST_STEPS):
        at = np.maximum(r_eye_km * np.cos(dip_true_rad - lift) - radius_km, 0.0)
        bent = bending_rad(at)
        slope = (bending_rad(at + step_km) - bent) / step_km * r_eye_km * np.sin(dip_true_rad - lift)
        step = (lift - bent) / (1.0 - slope)
        lift = lift - step
        if np.abs(step).max() < _LIFT_RAD:
            break
    return lift


def _section_radius_km(lat_rad: Floats, lon_rad: Floats, dirs_itrs: Floats) -> Floats:
    """Radius of curvature (n,) of WGS84 at a place in the azimuth of horizontal directions (n, 3): Euler."""
    e2 = WGS84_F * (2.0 - WGS84_F)
    w2 = 1.0 - e2 * np.sin(lat_rad) ** 2
    prime_vertical = WGS84_A_KM / np.sqrt(w2)
    meridian = prime_vertical * (1.0 - e2) / w2
    sin2_azimuth = (dirs_itrs[:, 1] * np.cos(lon_rad) - dirs_itrs[:, 0] * np.sin(lon_rad)) ** 2
    return np.asarray(1.0 / ((1.0 - sin2_azimuth) / meridian + sin2_azimuth / prime_vertical))
