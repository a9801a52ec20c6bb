"""Where the camera of the window's scene points at the scene's own instant, which the last picture may lag behind."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro import frames
from earthlimb.astro.earth_rotation import rot_itrs_from_gcrs
from earthlimb.astro.orbit import StationState
from earthlimb.physics.geometry import cross
from earthlimb.physics.rotations import rotation, shortest_turn
from earthlimb.scene import Scene
from earthlimb.viewer.session import Session
from earthlimb.world import attitude_of, station_of
from earthlimb.world.pointing import VERTICAL_RAD, levelled, orthonormal, rot_cam_from_gcrs, up_of, ups_of

Array = NDArray[np.float64]

_PARALLEL = 1e-6
"""Sine of an angle below which two directions say nothing about a turn about them."""
_MOST_TURN = 4.0
"""A held point near the vertical may ask for a whole turn of a level camera: beyond so many times the pull's own angle
the view is turned as if its middle had been pulled."""


@dataclass(frozen=True, eq=False)
class Aim:
    """The station and the camera's axes at one instant.

    Attributes
    ----------
    scene : of that instant
    station : StationState
    rot_itrs_from_gcrs, rot_lvlh_from_gcrs, rot_body_from_gcrs : (3, 3)
    axes : (3, 3), the camera's right, down and forward rows, GCRS
    """

    scene: Scene
    station: StationState
    rot_itrs_from_gcrs: Array
    rot_lvlh_from_gcrs: Array
    rot_body_from_gcrs: Array
    axes: Array

    def pulled(self, from_cam: Array, to_cam: Array) -> Array:
        """The axes (3, 3) after the picture was pulled so that what was seen along one ray is seen along another.

        Parameters
        ----------
        from_cam, to_cam : (3,), unit rays of the camera

        Notes
        -----
        The free camera takes the shortest turn. A level one has but two angles, which the ray settles: with the
        elevation e of the view above the level's plane, its up in the camera's axes is (0, -cos e, sin e), rolled; its
        product with the ray is what it was before the pull.
        """
        held, axes = self.axes.T @ from_cam, self.axes
        turn = rotation(shortest_turn(axes.T @ to_cam, held))
        middle = axes @ turn.T
        camera = self.scene.camera
        if camera.point.axes_gcrs is not None:
            return middle
        roll = math.radians(camera.roll_deg)
        ups = ups_of(camera.point, self.rot_lvlh_from_gcrs, self.rot_body_from_gcrs)
        level = _level_along(held, to_cam, roll, up_of(axes[2], ups), axes)
        pulled_rad = math.acos(max(-1.0, min(1.0, float(from_cam @ to_cam))))
        if level is None or float(level[2] @ axes[2]) < math.cos(min(_MOST_TURN * pulled_rad, math.pi)):
            return levelled(middle[2], roll, ups)
        return level


def _level_along(held: Array, ray: Array, roll_rad: float, up: Array, axes: Array) -> Array | None:
    """The level camera near `axes` that sees a direction (3,), GCRS, along its ray (3,); None where none does."""
    c, s = math.cos(roll_rad), math.sin(roll_rad)
    x, y, z = ray.tolist()
    above = -(s * x + c * y)
    share = float(up @ held) / math.hypot(z, above)
    if abs(share) > 1.0:
        return None
    first, before = math.asin(share), math.atan2(above, z)
    now = math.asin(max(-1.0, min(1.0, float(axes[2] @ up))))
    found = [math.remainder(e - before, math.tau) for e in (first, math.pi - first)]
    elevation = min(found, key=lambda e: abs(e - now))
    if abs(elevation) > 0.5 * math.pi - VERTICAL_RAD:
        return None
    up_cam = np.array([-s * math.cos(elevation), -c * math.cos(elevation), math.sin(elevation)])
    seen, there = _frame_of(ray, up_cam), _frame_of(held, up)
    return None if seen is None or there is None else orthonormal(seen.T @ there)


def _frame_of(first: Array, second: Array) -> Array | None:
    """Right-handed rows (3, 3): a unit vector, what is across it and another one, the third; None for parallels."""
    across = cross(first, second)
    sine = math.sqrt(float(across @ across))
    if sine < _PARALLEL:
        return None
    across /= sine
    return np.stack([first, across, cross(first, across)])


def aim_of(session: Session) -> Aim:
    """Where the session's scene points at its present instant; solved again only for what has changed since.

    Raises
    ------
    EarthlimbError
        The elements do not reach that instant, or there is nothing to point at.
    """
    scene, known = session.scene, session.aim
    if known is not None and known.scene is scene:
        return known
    if known is not None and (known.scene.time, known.scene.station) == (scene.time, scene.station):
        place = known
    else:
        instant, _, _, station = station_of(scene)
        lvlh = frames.rot_lvlh_from_gcrs(station.pos_gcrs_km, station.vel_gcrs_km_s)
        body = frames.rot_body_from_gcrs(attitude_of(scene), lvlh)
        place = Aim(scene, station, rot_itrs_from_gcrs(instant), lvlh, body, np.eye(3))
    axes = rot_cam_from_gcrs(
        scene.camera.point,
        math.radians(scene.camera.roll_deg),
        place.station,
        place.rot_itrs_from_gcrs,
        place.rot_lvlh_from_gcrs,
        place.rot_body_from_gcrs,
    )
    session.aim = aim = replace(place, scene=scene, axes=axes)
    return aim
