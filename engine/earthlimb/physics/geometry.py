"""The WGS84 ellipsoid and straight rays above it, float64: twins of shaders/lib/geometry.glsl and more."""

from __future__ import annotations

import math
from dataclasses import dataclass

import erfa
import numpy as np
from numpy.typing import NDArray

from earthlimb.constants import WGS84_A_KM, WGS84_B_KM, WGS84_F

Array = NDArray[np.float64]
_WGS84 = 1  # ERFA's number of the ellipsoid


def cross(a: Array, b: Array) -> Array:
    """Cross product (..., 3) of broadcastable arrays (..., 3): as `np.cross`, which takes ten times as long."""
    out = np.empty(np.broadcast_shapes(a.shape, b.shape))
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        out[..., i] = a[..., j] * b[..., k] - a[..., k] * b[..., j]
    return out


def itrs_from_geodetic(lat_rad: Array | float, lon_rad: Array | float, alt_km: Array | float) -> Array:
    """Earth-fixed position of geodetic coordinates.

    Parameters
    ----------
    lat_rad, lon_rad, alt_km : (...) broadcastable; altitude above WGS84

    Returns
    -------
    (..., 3) in itrs, km

    Examples
    --------
    >>> itrs_from_geodetic(0.0, 0.0, 0.0).round(3).tolist()
    [6378.137, 0.0, 0.0]
    """
    height_m = np.asarray(alt_km, dtype=float) * 1e3
    return np.asarray(erfa.gd2gc(_WGS84, lon_rad, lat_rad, height_m)) * 1e-3


def geodetic_from_itrs(pos_itrs_km: Array) -> tuple[Array, Array, Array]:
    """Geodetic latitude, longitude (rad) and altitude (km) of positions (..., 3) in itrs, km."""
    # the bare function: its wrapper looks for errors that this ellipsoid cannot give, and takes as long again
    lon, lat, height_m, _ = erfa.ufunc.gc2gd(_WGS84, np.asarray(pos_itrs_km) * 1e3)
    return np.asarray(lat), np.asarray(lon), np.asarray(height_m) * 1e-3


def geocentric_radius_km(sin_latitude: Array | float) -> Array:
    """Radius (km) of the ellipsoid at the geocentric latitude whose sine is given, (...)."""
    e2 = WGS84_F * (2.0 - WGS84_F)
    s = np.asarray(sin_latitude, dtype=float)
    return np.asarray(WGS84_B_KM / np.sqrt(1.0 - e2 * (1.0 - s * s)))


def surface_normal(pos_itrs_km: Array) -> Array:
    """Outward unit normal (..., 3) at points of the ellipsoid's surface (..., 3), itrs."""
    normal = np.asarray(pos_itrs_km, dtype=float) / np.array([WGS84_A_KM**2, WGS84_A_KM**2, WGS84_B_KM**2])
    return np.asarray(normal / np.linalg.norm(normal, axis=-1, keepdims=True))


def latlon_from_normal(normal_itrs: Array) -> tuple[Array, Array]:
    """Geodetic latitude and longitude (rad) of the surface points that have these normals (..., 3)."""
    n = np.asarray(normal_itrs, dtype=float)
    return np.arctan2(n[..., 2], np.hypot(n[..., 0], n[..., 1])), np.arctan2(n[..., 1], n[..., 0])


def ellipsoid_range_km(eye_itrs_km: Array, dir_itrs: Array) -> Array:
    """Distance (km) along rays to the ellipsoid, NaN where they miss it.

    Parameters
    ----------
    eye_itrs_km : (3,), or (..., 3) for an eye to each ray, outside the ellipsoid
    dir_itrs : (..., 3), unit vectors
    """
    scale = np.array([1.0 / WGS84_A_KM, 1.0 / WGS84_A_KM, 1.0 / WGS84_B_KM])
    o = np.asarray(eye_itrs_km, dtype=float) * scale
    d = np.asarray(dir_itrs, dtype=float) * scale
    moment = cross(o, d)
    discriminant = np.sum(d * d, axis=-1) - np.sum(moment * moment, axis=-1)
    towards = -(d @ o) if o.ndim == 1 else -(d * o).sum(axis=-1)
    norm = np.linalg.norm(o, axis=-1)
    hit = (discriminant > 0.0) & (towards > 0.0)
    root = np.sqrt(np.where(hit, discriminant, 0.0))
    return np.where(hit, (norm - 1.0) * (norm + 1.0) / np.where(hit, towards + root, 1.0), np.nan)


def lowest_points(eye_itrs_km: Array, dir_itrs: Array) -> tuple[Array, Array, Array, Array]:
    """Where rays are nearest to the ground: geodetic altitude, distance, latitude and longitude.

    Parameters
    ----------
    eye_itrs_km : (3,), or (..., 3) for an eye to each ray
    dir_itrs : (..., 3), unit vectors

    Returns
    -------
    height_km, range_km, lat_rad, lon_rad : (...), negative altitude where the line runs inside the Earth; a ray that
        climbs has a range below 0, and the other three are those of its line behind the eye

    Notes
    -----
    Of the ellipsoids that are similar to WGS84 the line touches one, within 0.4 km of its lowest point below 100 km and
    1.4 km below 420 km. The height's slope along the line is the dot product of the local vertical and the ray; one
    Newton's step on it leaves 4 m of the way and 2 micrometres of the height.
    """
    eye = np.asarray(eye_itrs_km, dtype=float)
    d = np.asarray(dir_itrs, dtype=float)
    similar = d * np.array([1.0, 1.0, (WGS84_A_KM / WGS84_B_KM) ** 2])
    t = -(similar @ eye if eye.ndim == 1 else (similar * eye).sum(axis=-1)) / (similar * d).sum(axis=-1)
    point = eye + t[..., None] * d
    lat, lon, _ = geodetic_from_itrs(point)
    slope = np.cos(lat) * (np.cos(lon) * d[..., 0] + np.sin(lon) * d[..., 1]) + np.sin(lat) * d[..., 2]
    t = t - slope * np.sqrt((point * point).sum(axis=-1))
    lat, lon, height = geodetic_from_itrs(eye + t[..., None] * d)
    return height, t, lat, lon


def tangent_km(eye_itrs_km: Array, dir_itrs: Array) -> tuple[Array, Array]:
    """Lowest geodetic altitude of rays and the distance to that point; arguments as in `lowest_points`.

    Returns
    -------
    tangent_km, range_km : (...), the eye's own altitude and range 0 where the ray climbs
    """
    height, t, _, _ = lowest_points(eye_itrs_km, dir_itrs)
    climbs = t <= 0.0
    if climbs.any():
        own = geodetic_from_itrs(np.asarray(eye_itrs_km, dtype=float))[2]
        height, t = np.where(climbs, own, height), np.where(climbs, 0.0, t)
    return height, t


@dataclass(frozen=True)
class GroundGeometry:
    """What the pixels of a picture look at, each (...) float64: see CONTRACT, the geometry layers."""

    tangent_km: Array
    range_km: Array
    lat_rad: Array
    lon_rad: Array


def ground_geometry(eye_itrs_km: Array, dir_itrs: Array) -> GroundGeometry:
    """Tangent height, range, latitude and longitude of rays (..., 3) from the eye (3,), both itrs.

    `range_km` is NaN where a ray misses the ground; latitude and longitude then belong to the tangent point.
    """
    tangent, tangent_range = tangent_km(eye_itrs_km, dir_itrs)
    ground_range = ellipsoid_range_km(eye_itrs_km, dir_itrs)
    distance = np.where(np.isnan(ground_range), tangent_range, ground_range)
    point = np.asarray(eye_itrs_km) + distance[..., None] * np.asarray(dir_itrs)
    lat, lon, _ = geodetic_from_itrs(point)
    return GroundGeometry(tangent, ground_range, lat, lon)


def rot_local_from_itrs(pos_itrs_km: Array) -> Array:
    """Rotation (3, 3) to the station's local frame: x east, y north, z geocentric up."""
    up = np.asarray(pos_itrs_km, dtype=float) / np.linalg.norm(pos_itrs_km)
    size = math.hypot(up[0], up[1])
    # over a pole any direction is east
    east = np.array([-up[1] / size, up[0] / size, 0.0]) if size > 0.0 else np.array([0.0, 1.0, 0.0])
    return np.stack([east, cross(up, east), up])
