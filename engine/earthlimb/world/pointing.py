"""Solves `camera.point`: the camera's axes in GCRS at the middle of the exposure."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro.frames import lvlh_direction
from earthlimb.astro.orbit import StationState
from earthlimb.errors import UsageError
from earthlimb.physics.geometry import cross, geodetic_from_itrs, itrs_from_geodetic
from earthlimb.scene.point import Point

Array = NDArray[np.float64]

_LIMB_RAD = 1e-13
"""Where the search for a tangent height ends: 0.2 micrometres at the limb, after six rounds or seven."""
_MOST_ROUNDS, _LEAST_RANGE_KM = 60, 20.0
"""A limb nearer than this, less than 30 m below the station, takes shorter steps, and more of them."""

VERTICAL_RAD = math.radians(1.0)
"""Within this of the vertical the local vertical gives no "up"; LVLH +X does."""


def rot_cam_from_gcrs(
    point: Point,
    roll_rad: float,
    station: StationState,
    rot_itrs_from_gcrs: Array,
    rot_lvlh_from_gcrs: Array,
    rot_body_from_gcrs: Array,
) -> Array:
    """Rotation (3, 3) whose rows are the camera's right, down and forward axes in GCRS.

    Parameters
    ----------
    point : Point
        Exactly one way to point; see CONTRACT, "Pointing".
    roll_rad : clockwise as the photographer sees the camera; does not apply to `axes_gcrs`
    station : StationState

    Raises
    ------
    UsageError
        The tangent height lies above the station, or the place below its horizon.
    """
    if point.axes_gcrs is not None:
        return orthonormal(np.array([point.axes_gcrs.right, point.axes_gcrs.down, point.axes_gcrs.forward]))
    if point.limb is not None:
        forward = rot_lvlh_from_gcrs.T @ _towards_limb(
            math.radians(point.limb.azimuth_deg),
            point.limb.tangent_km,
            station,
            rot_itrs_from_gcrs @ rot_lvlh_from_gcrs.T,
        )
    elif point.ground is not None:
        place = itrs_from_geodetic(
            math.radians(point.ground.lat_deg), math.radians(point.ground.lon_deg), point.ground.alt_km
        )
        towards = place - station.pos_itrs_km
        towards /= np.linalg.norm(towards)
        if place @ towards > 0.0:
            raise UsageError(
                f"camera.point.ground: {point.ground.lat_deg:g}, {point.ground.lon_deg:g}: this place lies "
                f"{math.degrees(math.asin(place @ towards / np.linalg.norm(place))):.1f} deg below the station's "
                "horizon: it must be in view: choose another time or place"
            )
        forward = rot_itrs_from_gcrs.T @ towards
    elif point.sky is not None:
        ra, dec = math.radians(point.sky.ra_deg), math.radians(point.sky.dec_deg)
        forward = np.array([math.cos(dec) * math.cos(ra), math.cos(dec) * math.sin(ra), math.sin(dec)])
    else:
        assert point.body is not None
        azimuth, elevation = math.radians(point.body.azimuth_deg), math.radians(point.body.elevation_deg)
        forward = rot_body_from_gcrs.T @ lvlh_direction(azimuth, elevation)  # the body's axes are named alike
    return levelled(forward, roll_rad, ups_of(point, rot_lvlh_from_gcrs, rot_body_from_gcrs))


def ups_of(point: Point, rot_lvlh_from_gcrs: Array, rot_body_from_gcrs: Array) -> tuple[Array, ...]:
    """Directions (3,), GCRS, that a level camera takes for up: the first that is not along its view, see `up_of`."""
    if point.body is None or point.body.up is None:
        return -rot_lvlh_from_gcrs[2], rot_lvlh_from_gcrs[0]
    ups = np.array([point.body.up, point.body.ahead or (1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0)])
    ups /= np.linalg.norm(ups, axis=1, keepdims=True)
    return tuple(ups @ rot_body_from_gcrs)


def up_of(forward: Array, ups: tuple[Array, ...]) -> Array:
    """The first of some directions (3,) that lies further than VERTICAL_RAD from the line of sight."""
    return next(direction for direction in ups if abs(float(forward @ direction)) <= math.cos(VERTICAL_RAD))


def orthonormal(axes: Array) -> Array:
    """Right, down, forward rows (3, 3) at right angles; forward keeps its direction."""
    forward = axes[2] / np.linalg.norm(axes[2])
    right = axes[0] - (axes[0] @ forward) * forward
    right /= np.linalg.norm(right)
    return np.stack([right, cross(forward, right), forward])


def levelled(forward: Array, roll_rad: float, ups: tuple[Array, ...]) -> Array:
    """Camera axes (3, 3) with `up_of` its direction upwards in the picture; then rolled."""
    right = cross(forward, up_of(forward, ups))
    right /= np.linalg.norm(right)
    down = cross(forward, right)
    c, s = math.cos(roll_rad), math.sin(roll_rad)
    return np.stack([c * right + s * down, c * down - s * right, forward])


def _towards_limb(azimuth_rad: float, wanted_km: float, station: StationState, rot_itrs_from_lvlh: Array) -> Array:
    """Unit vector in LVLH with this azimuth and tangent altitude.

    Newton's steps for the depression and the range of the ray's lowest point together: where that lies, the depression
    changes the height by the range, and the local vertical has no part along the ray.
    """
    if wanted_km >= station.alt_km:
        raise UsageError(
            f"camera.point.limb.tangent_km = {wanted_km:g}: must lie below the station, which flies at "
            f"{station.alt_km:.1f} km: choose a smaller height, or point by sky or body"
        )
    eye = station.pos_itrs_km
    across = rot_itrs_from_lvlh @ lvlh_direction(azimuth_rad, 0.0)
    down = rot_itrs_from_lvlh @ lvlh_direction(0.0, -0.5 * math.pi)
    distance_km = float(np.linalg.norm(eye))
    depression = math.acos((distance_km - station.alt_km + wanted_km) / distance_km)  # over a sphere
    range_km = distance_km * math.sin(depression)
    for _ in range(_MOST_ROUNDS):
        ray = math.cos(depression) * across + math.sin(depression) * down
        point = eye + range_km * ray
        lat, lon, height = (float(part) for part in geodetic_from_itrs(point))
        up = math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)
        range_km = max(range_km - float(ray @ up) * math.hypot(*point), _LEAST_RANGE_KM)
        step = (height - wanted_km) / range_km
        depression += step
        if abs(step) < _LIMB_RAD:
            break
    return lvlh_direction(azimuth_rad, -depression)
