"""Local frame, body frame, named attitudes, and directions in the local frame."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.constants import EARTH_EQUATOR_KM, EARTH_GM_KM3_S2, EARTH_J2
from earthlimb.errors import UsageError

Rotation = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Attitude:
    """Attitude of the station: yaw, pitch, roll (3-2-1) [rad] from a frame.

    The frame is "lvlh", "inertial" (the axes of GCRS), or "held": the local frame of the moment at which the hold
    begins, which does not turn from then on.
    """

    frame: str
    yaw_rad: float
    pitch_rad: float
    roll_rad: float


def _lvlh_attitude(yaw_deg: float, pitch_deg: float, roll_deg: float) -> Attitude:
    return Attitude("lvlh", math.radians(yaw_deg), math.radians(pitch_deg), math.radians(roll_deg))


NAMED_ATTITUDES = {
    "+XVV": _lvlh_attitude(-4.0, -2.0, 1.0),
    "-XVV": _lvlh_attitude(176.0, -2.0, 1.0),
    "docking-pitch-90": _lvlh_attitude(0.0, 90.0, 0.0),
    "inertial": Attitude("held", math.radians(-4.0), math.radians(-2.0), math.radians(1.0)),
}
"""Attitudes by name.

+XVV is the torque equilibrium of the years around 2021, a few degrees from LVLH: NASA gives (-4, -3, 0) as
typical (Operating an Outpost in the New Frontier, chapter 7); in ISS065-E-394522 the station's belly stands
1.1 deg below the horizontal ahead and 2.3 deg at 34 deg to starboard, which asks for a roll near +1 and a
pitch nearer -2. -XVV turns that by 180 deg in yaw: gravity-gradient torque depends on pitch and roll only.
docking-pitch-90 points the nose up and the cupola (+Z) forward, as for some vehicles' dockings. inertial stays
among the stars where +XVV stands when the hold begins: at the instant of a still picture, at the first exposure of
a timeline. A manoeuvre to inertial stops the turn instead, see `astro.manoeuvre`.
"""


def attitude_named(name: str) -> Attitude:
    """The named attitude; an unknown name is a UsageError that lists those that exist."""
    try:
        return NAMED_ATTITUDES[name]
    except KeyError:
        raise UsageError(
            f"station.attitude: {name!r}: one of {', '.join(NAMED_ATTITUDES)}: "
            "choose one, or give frame, yaw_deg, pitch_deg and roll_deg"
        ) from None


def rot_lvlh_from_gcrs(pos_gcrs_km: Iterable[float], vel_gcrs_km_s: Iterable[float]) -> Rotation:
    """Rotation (3, 3) from GCRS to the local frame of an orbit.

    Parameters
    ----------
    pos_gcrs_km, vel_gcrs_km_s : array_like (3,)
        Position [km] and velocity [km s-1] in GCRS.

    Notes
    -----
    LVLH: +Z to the Earth's centre, +Y against the orbit normal (starboard), +X = Y x Z, which is close
    to the velocity. A position and a velocity that are parallel have no such frame (ValueError).

    Examples
    --------
    >>> rot_lvlh_from_gcrs((7000.0, 0.0, 0.0), (0.0, 7.5, 0.0)) @ (0.0, 1.0, 0.0)
    array([1., 0., 0.])
    """
    pos = tuple(float(part) for part in pos_gcrs_km)  # numbers, not arrays: a picture asks for many moments
    normal = _cross(pos, tuple(float(part) for part in vel_gcrs_km_s))
    length, distance = math.hypot(*normal), math.hypot(*pos)
    if not length > 0.0:
        raise ValueError("position and velocity are parallel or zero: no orbit plane")
    z_axis = tuple(-part / distance for part in pos)
    y_axis = tuple(-part / length for part in normal)
    return np.array([_cross(y_axis, z_axis), y_axis, z_axis])


def _cross(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, float, float]:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def rot_body_from_lvlh(yaw_rad: float, pitch_rad: float, roll_rad: float) -> Rotation:
    """Rotation (3, 3) to the body frame by yaw, then pitch, then roll [rad]: Rx(roll) Ry(pitch) Rz(yaw).

    Notes
    -----
    Body: +X forward, +Y starboard, +Z nadir (cupola). Positive yaw turns the nose to starboard, positive
    pitch raises it, positive roll lowers the starboard side. The frame turned from may also be GCRS
    ("inertial").

    Examples
    --------
    Pitched up by 90 degrees the cupola's axis, body +Z, lies along LVLH +X:

    >>> np.round(rot_body_from_lvlh(0.0, np.pi / 2, 0.0).T @ (0.0, 0.0, 1.0), 12)
    array([1., 0., 0.])
    """
    cy, sy = math.cos(yaw_rad), math.sin(yaw_rad)
    cp, sp = math.cos(pitch_rad), math.sin(pitch_rad)
    cr, sr = math.cos(roll_rad), math.sin(roll_rad)
    rot_z = np.array([[cy, sy, 0.0], [-sy, cy, 0.0], [0.0, 0.0, 1.0]])
    rot_y = np.array([[cp, 0.0, -sp], [0.0, 1.0, 0.0], [sp, 0.0, cp]])
    rot_x = np.array([[1.0, 0.0, 0.0], [0.0, cr, sr], [0.0, -sr, cr]])
    rotation: Rotation = rot_x @ rot_y @ rot_z
    return rotation


def yaw_pitch_roll(rot_body: ArrayLike) -> tuple[float, float, float]:
    """Yaw, pitch, roll [rad] of a rotation (3, 3): the inverse of `rot_body_from_lvlh`.

    Notes
    -----
    Where the pitch is near 90 degrees yaw and roll are not separate; the roll then takes what the yaw leaves, so that
    the three give the rotation back within rounding.

    Examples
    --------
    >>> np.round(yaw_pitch_roll(rot_body_from_lvlh(0.3, -0.2, 0.1)), 12).tolist()
    [0.3, -0.2, 0.1]
    """
    rot = np.asarray(rot_body, dtype=np.float64)
    level = math.hypot(rot[0, 0], rot[0, 1])
    yaw = math.atan2(rot[0, 1], rot[0, 0]) if level > 1e-9 else 0.0  # nose straight up: rounding has no direction
    pitch = math.atan2(-rot[0, 2], level)
    rest = rot @ rot_body_from_lvlh(yaw, pitch, 0.0).T
    return yaw, pitch, math.atan2(rest[1, 2], rest[1, 1])


def omega_lvlh_gcrs_rad_s(pos_gcrs_km: Iterable[float], vel_gcrs_km_s: Iterable[float]) -> NDArray[np.float64]:
    """Angular velocity (3,) of the local frame in GCRS [rad s-1].

    Notes
    -----
    h / r2 along the orbit normal turns the local vertical; the part of gravity across the orbit plane turns the
    plane about the vertical, by r a_n / h (Battin 1999, section 10.4). a_n is that of the Earth's flattening (J2),
    whose axis stands for GCRS +Z (within 0.15 degrees): up to 1e-4 of the whole.

    Examples
    --------
    The station turns with its local vertical, about -Y of LVLH, by 0.064 degrees a second:

    >>> round(float(np.degrees(omega_lvlh_gcrs_rad_s((6795.0, 0.0, 0.0), (0.0, 7.66, 0.0))[2])), 4)
    0.0646
    """
    pos = tuple(float(part) for part in pos_gcrs_km)
    normal = _cross(pos, tuple(float(part) for part in vel_gcrs_km_s))
    r, h = math.hypot(*pos), math.hypot(*normal)
    across_km_s2 = -3.0 * EARTH_J2 * EARTH_GM_KM3_S2 * EARTH_EQUATOR_KM**2 * pos[2] * normal[2] / (h * r**5)
    return np.array([n / r**2 + across_km_s2 / h * p for n, p in zip(normal, pos, strict=True)])


def rot_body_from_gcrs(attitude: Attitude, lvlh_from_gcrs: ArrayLike) -> Rotation:
    """Rotation (3, 3) from GCRS to the body frame for an attitude and the local frame of the moment.

    For "held" that moment is the one at which the hold begins.
    """
    turn = rot_body_from_lvlh(attitude.yaw_rad, attitude.pitch_rad, attitude.roll_rad)
    if attitude.frame == "inertial":
        return turn
    rotation: Rotation = turn @ np.asarray(lvlh_from_gcrs, dtype=np.float64)
    return rotation


def lvlh_direction(azimuth_rad: float, elevation_rad: float) -> NDArray[np.float64]:
    """Unit vector (3,) in LVLH: azimuth from +X to starboard (+Y), elevation above the horizontal [rad]."""
    c = math.cos(elevation_rad)
    return np.array([c * math.cos(azimuth_rad), c * math.sin(azimuth_rad), -math.sin(elevation_rad)])


def lvlh_azimuth_elevation(dir_lvlh: ArrayLike) -> tuple[float, float]:
    """Azimuth and elevation [rad] of a direction (3,) in LVLH; azimuth in (-pi, pi]."""
    x, y, z = np.asarray(dir_lvlh, dtype=np.float64)
    return math.atan2(y, x), math.atan2(-z, math.hypot(x, y))
