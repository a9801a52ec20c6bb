"""Where the camera looks: dragging, zooming, following; every result is a value of the scene file."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earthlimb.physics.geometry import ground_geometry
from earthlimb.physics.star_refraction import HARD_LIMB_APP_KM, refracted_directions
from earthlimb.viewer.aim import aim_of
from earthlimb.viewer.optics import FOCAL_PATH, focal_mm_of, zoomed_mm
from earthlimb.viewer.orientation import turned
from earthlimb.viewer.session import Session
from earthlimb.world import WorldState, lens_of

Array = NDArray[np.float64]

_LOWEST_TANGENT_KM = -100.0


def drag(session: Session, from_px: tuple[float, float], to_px: tuple[float, float]) -> None:
    """Turn the camera as if the picture had been pulled from a place (x, y) to another, framebuffer pixels."""
    if session.world is None:
        return
    lens = lens_of(session.view_scene())
    from_cam, to_cam = lens.rays_cam(*np.transpose([from_px, to_px]))
    point_along(session, aim_of(session).pulled(from_cam, to_cam))


def turn(session: Session, right_rad: float, down_rad: float) -> None:
    """Turn the camera to the right and down in its own picture, keeping the way to point where it can say so."""
    if session.world is None:
        return
    axes = current_axes(session)
    axes = turned(axes, axes[1], right_rad)
    axes = turned(axes, axes[0], -down_rad)
    point_along(session, axes)


def roll(session: Session, clockwise_rad: float) -> None:
    """Roll the camera clockwise as the photographer sees it."""
    if session.scene.camera.point.axes_gcrs is None:
        degrees = session.scene.camera.roll_deg + math.degrees(clockwise_rad)
        session.change("camera.roll_deg", (degrees + 180.0) % 360.0 - 180.0)
        return
    axes = current_axes(session)
    point_along(session, turned(axes, axes[2], clockwise_rad))


def point_along(session: Session, axes: Array) -> None:
    """Point forward along the axes' third row: in the scene's own way to point, else as fixed to the station."""
    kind = session.scene.camera.point.kind
    values = _said(kind, axes, session)
    if values is None or not session.change_many(values, quiet=True):
        session.change_many(_said("body", axes, session) or {})


def free(session: Session) -> None:
    """The free camera: nothing is followed and nothing is level; it keeps its orientation to the station."""
    if session.world is not None:
        session.change_many(_said("axes_gcrs", current_axes(session), session) or {})


def level(session: Session) -> None:
    """Fixed to the station and level again."""
    if session.world is not None:
        values = _said("body", current_axes(session), session) or {}
        values["camera.point.body"] = {**values["camera.point.body"], "up": None, "ahead": None}
        session.change_many({**values, "camera.roll_deg": 0.0})


def follow_limb(session: Session) -> None:
    """Follow the limb: in the present azimuth, 90 km high where the view is not at the limb."""
    if session.world is None:
        return
    values = _said("limb", current_axes(session), session)
    if values is None or not -20.0 <= float(values["camera.point.limb"]["tangent_km"]) <= 300.0:
        ahead = aim_of(session).rot_lvlh_from_gcrs @ current_axes(session)[2]
        azimuth = math.degrees(math.atan2(ahead[1], ahead[0]))
        values = {"camera.point.limb": {"azimuth_deg": azimuth, "tangent_km": 90.0}}
    session.change_many(values)


def follow_velocity(session: Session) -> None:
    """Look where the station flies, at the limb."""
    session.change("camera.point.limb", {"azimuth_deg": 0.0, "tangent_km": 90.0})


def follow_place(session: Session) -> None:
    """Follow the place in the middle of the picture."""
    if session.world is None:
        return
    values = _said("ground", current_axes(session), session)
    if values is None:
        session.say("no ground in the middle of the picture: look down first")
    else:
        session.change_many(values)


def follow_star(session: Session) -> None:
    """Follow the sky in the middle of the picture."""
    if session.world is not None:
        axes = current_axes(session)
        session.change_many(_said("sky", axes, session) or {})
        if behind_earth_rad(session.world, axes[2]) > 0.0:
            session.say("these stars are behind the Earth now")


def behind_earth_rad(world: WorldState, dir_gcrs: Array) -> float:
    """How far below the Earth's edge a direction (3,), GCRS, lies, rad, by the sphere; 0 where it can be seen."""
    fixed = world.rot_itrs_from_gcrs @ dir_gcrs
    _, h_app, _ = refracted_directions(fixed[None], world.pos_iss_itrs_km, world.low_atmosphere.bending_rad)
    if h_app[0] >= HARD_LIMB_APP_KM:
        return 0.0
    eye_km = float(np.linalg.norm(world.pos_iss_itrs_km))
    below_rad = -math.asin(max(-1.0, min(1.0, float(fixed @ world.pos_iss_itrs_km) / eye_km)))
    return max(below_rad - math.acos(1.0 - world.alt_km / eye_km), 1e-3)


def zoom(session: Session, steps: float) -> None:
    """Wheel steps, each by an eighth; see `zoomed_mm`."""
    now_mm = focal_mm_of(session.scene)
    wanted_mm = zoomed_mm(now_mm, steps)
    if wanted_mm != now_mm:
        session.change(FOCAL_PATH, round(wanted_mm, 2))


def current_axes(session: Session) -> Array:
    """The camera's right, down, forward rows in GCRS at the scene's instant; the last picture's may be older."""
    return aim_of(session).axes


def _said(kind: str, axes: Array, session: Session) -> dict[str, Any] | None:
    """Scene values that point along the axes in one of the ways to point; None where that way cannot say it."""
    aim = aim_of(session)
    path = f"camera.point.{kind}"
    forward = axes[2]
    if kind == "axes_gcrs":
        right, down, ahead = (tuple(float(a) for a in row) for row in axes)
        return {path: {"right": right, "down": down, "forward": ahead}}
    if kind == "sky":
        ra = math.degrees(math.atan2(forward[1], forward[0])) % 360.0
        return {path: {"ra_deg": ra, "dec_deg": math.degrees(math.asin(max(-1.0, min(1.0, forward[2]))))}}
    if kind == "body":
        x, y, z = aim.rot_body_from_gcrs @ forward
        elevation = math.degrees(math.asin(max(-1.0, min(1.0, -z))))
        body = session.scene.camera.point.body
        level = {} if body is None else body.model_dump(include={"up", "ahead"}, exclude_none=True)
        return {path: {"azimuth_deg": math.degrees(math.atan2(y, x)), "elevation_deg": elevation} | level}
    ground = ground_geometry(aim.station.pos_itrs_km, (aim.rot_itrs_from_gcrs @ forward)[None, :])
    if kind == "ground":
        if not np.isfinite(ground.range_km[0]):
            return None
        lat, lon = math.degrees(float(ground.lat_rad[0])), math.degrees(float(ground.lon_rad[0]))
        return {path: {"lat_deg": lat, "lon_deg": (lon + 180.0) % 360.0 - 180.0, "alt_km": 0.0}}
    tangent = float(ground.tangent_km[0])
    ahead_lvlh = aim.rot_lvlh_from_gcrs @ forward
    if ahead_lvlh[2] <= 0.0 or not _LOWEST_TANGENT_KM < tangent < aim.station.alt_km - 0.5:
        return None
    azimuth = math.degrees(math.atan2(ahead_lvlh[1], ahead_lvlh[0]))
    return {path: {"azimuth_deg": azimuth, "tangent_km": tangent}}
