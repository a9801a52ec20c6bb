"""Where catalogue stars stand in the picture and how bright: refraction, limb, dilution, streaks. Float64."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.constants import WGS84_A_KM, WGS84_B_KM, WGS84_F
from earthlimb.physics.geometry import lowest_points
from earthlimb.physics.lens import Lens
from earthlimb.physics.rotations import rotation

Floats = NDArray[np.float64]

HARD_LIMB_APP_KM = 1.77
"""Apparent height of the ground's edge seen through the whole atmosphere, km (US76, Ciddor)."""
ABOVE_AIR_KM = 1000.0
"""Apparent height given to stars whose light meets no air, km."""
_AIR_TOP_KM = 100.0  # bending is below 1e-8 rad above: 2 mm at the limb
_SUNK_KM = -60.0  # the hard limb's bending lifts by 1.1 deg, 45 km of tangent height: lower stars are hidden
_MAX_BENDING_RAD = 0.03  # above the 0.0192 rad at the hard limb
_LIFT_RAD, _MOST_STEPS = 1e-7, 6
"""Step after which the lift is solved: the next one would be 1e-10 rad."""
DEFAULT_BV = 0.65
BOW_PX = 0.1
"""A streak's straight piece may leave the true path by this."""
SINK_RAD = 1e-3
"""Way of the picture during a piece: 2.3 km of tangent height at the limb, a third of the air's scale height."""
MAX_SEGMENTS = 256
_SMOOTH_PROBES, _STRAIGHT_RAD = 16, 2.5e-4
"""A smooth path that turns by less bows a streak by 1e-8 f and, at 60 deg from the axis, turns by SINK_RAD at most."""
_ROWS_AT_ONCE = 100_000
"""Places of stars at moments that are worked out together: 2.4 MB an array."""

Pose = Callable[[float], tuple[Floats, Floats]]
"""Camera from GCRS (3, 3) and the station's position (3,) [km], GCRS, at a time from mid-exposure [s]."""


@dataclass(frozen=True)
class StarSprites:
    """Stars to draw, n of them.

    Attributes
    ----------
    x_px, y_px : (n,) float64
        Mean place over the exposure, from the upper left; pixel X has its centre at X + 0.5.
    dx_px, dy_px : (n,) float64
        Straight streak over the whole exposure, end minus start.
    irradiance : (n, 4) float64
        In the response's channels and unit, air and dilution included, no vignetting.
    index : (n,) int
        Row in the arrays that were given.
    """

    x_px: Floats
    y_px: Floats
    dx_px: Floats
    dy_px: Floats
    irradiance: Floats
    index: NDArray[np.int64]


def apparent_directions(
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


def _sunk(dirs: Floats, eye_km: Floats, flown_km: float) -> NDArray[np.bool_]:
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


def _turned_rad(pose: Pose, rot_cam_from_gcrs: Floats, shutter_s: float, segments: int) -> float:
    """Largest turn of the camera away from mid-exposure, rad."""
    times = ((0.5 * k / segments - 0.5) * shutter_s for k in range(2 * segments + 1))
    traces = [float(np.vdot(pose(t)[0], rot_cam_from_gcrs)) for t in times]
    return math.acos(min(max(0.5 * (min(traces) - 1.0), -1.0), 1.0))


def pose_segments(pose: Pose, lens: Lens, shutter_s: float, n_probes: int = 1024) -> int:
    """Straight pieces that follow the streaks of a motion within BOW_PX, at most MAX_SEGMENTS.

    `n_probes`, a power of 2, is how many steps of the path are looked at: 16 do for one without shake.

    Also so many that no star near the limb sinks by more than SINK_RAD during a piece, for its extinction.
    """
    if shutter_s <= 0.0:
        return 1
    if n_probes <= _SMOOTH_PROBES and _turned_rad(pose, pose(0.0)[0], shutter_s, 1) <= _STRAIGHT_RAD:
        return 1
    span = [(0.1 * side, 0.9 * side, 3) for side in (lens.width_px, lens.height_px)]
    rays = lens.grid_rays(*span).reshape(-1, 3) @ pose(0.0)[0]
    cameras = np.stack([pose(t * shutter_s)[0] for t in np.linspace(-0.5, 0.5, n_probes + 1).tolist()])
    path = lens.project(rays @ cameras.transpose(0, 2, 1))
    places = np.nan_to_num(np.stack(path[:2], axis=1))  # (times, 2, rays)
    turn = np.linalg.norm(np.diff(places, axis=0), axis=1).sum(axis=0).max() / lens.f_px
    pieces = 2 ** max(math.ceil(math.log2(max(turn / SINK_RAD, 1.0))), 0)
    at = np.arange(n_probes + 1)
    most = min(MAX_SEGMENTS, n_probes)
    while pieces < most:
        step = n_probes // pieces
        knots = at[::step]
        i = np.minimum(at // step, pieces - 1)
        share = ((at - i * step) / step)[:, None, None]
        straight = places[knots[i]] * (1.0 - share) + places[knots[i + 1]] * share
        if np.abs(straight - places).max() <= BOW_PX:
            break
        pieces *= 2
    return min(pieces, most)


def project_stars(
    dir_gcrs: ArrayLike | Callable[[float], Floats],
    vmag: ArrayLike,
    bv: ArrayLike,
    *,
    rot_cam_from_gcrs: ArrayLike,
    lens: Lens,
    pos_obs_gcrs_km: ArrayLike,
    star_response: Callable[[Floats, Floats, Floats], Floats],
    bending_rad: Callable[[Floats], Floats] | None = None,
    dilution: Callable[[Floats, Floats], Floats] | None = None,
    vel_obs_gcrs_km_s: ArrayLike = (0.0, 0.0, 0.0),
    omega_gcrs_rad_s: ArrayLike = (0.0, 0.0, 0.0),
    shutter_s: float = 0.0,
    margin_px: float = 8.0,
    rot_itrs_from_gcrs: ArrayLike | None = None,
    pose: Pose | None = None,
    segments: int = 1,
    before_air: ArrayLike | None = None,
) -> StarSprites:
    """Stars that the picture shows, each as `segments` straight pieces of its streak.

    Parameters
    ----------
    dir_gcrs : (n, 3) array
        Unit directions at mid-exposure, GCRS, with annual and orbital aberration, without refraction; a callable
        (time_s) -> (n, 3) for what moves among the stars.
    vmag, bv : (n,) array
        Johnson V and B - V; NaN colours become 0.65.
    rot_cam_from_gcrs : (3, 3) array
        Camera attitude at mid-exposure.
    pos_obs_gcrs_km, vel_obs_gcrs_km_s : (3,) array
        The station at mid-exposure.
    star_response : callable (vmag, bv, h_app_km) -> (n, 4)
        Irradiance after extinction, without dilution.
    bending_rad, dilution : callable (h_app_km) and (h_app_km, distance_km), or None for no air
        As in `physics.low_atmosphere`. Without them only the ellipsoid hides stars.
    omega_gcrs_rad_s : (3,) array
        The camera's rotation, GCRS; with the velocity this is the motion where `pose` is None.
    margin_px : float
        Stars that far outside the picture are kept, for the spread of their light.
    rot_itrs_from_gcrs : (3, 3) array, optional
        Orients the ellipsoid. Without it the pole is GCRS +Z: 0.14 deg off in 2025, up to 50 m of height.
    pose : callable (time_s) -> camera from GCRS (3, 3), station (3,) [km] in GCRS, optional
        Any motion, time from mid-exposure; see `pose_segments` for how many pieces it wants.
    segments : int
        Equal pieces of time. A star gets a sprite with its share of the light for each piece in which the Earth
        does not hide it.
    before_air : (n,) bool array, optional
        What stands nearer than the lowest point of its ray: neither hidden, refracted nor dimmed.

    Notes
    -----
    A piece is the chord between the places at its ends, centred on Simpson's mean of start, middle and end, so
    that the light's centroid is exact to the fourth order; 2 degrees of turn bend it by 0.1 px. Extinction is that
    of the piece's middle.
    """
    d = np.asarray(dir_gcrs(0.0) if callable(dir_gcrs) else dir_gcrs, np.float64)
    rot = np.asarray(rot_cam_from_gcrs, np.float64)
    pos, vel = np.asarray(pos_obs_gcrs_km, np.float64), np.asarray(vel_obs_gcrs_km_s, np.float64)
    omega = np.asarray(omega_gcrs_rad_s, np.float64)
    if pose is None:

        def pose(time_s: float) -> tuple[Floats, Floats]:
            return rot @ rotation(-omega * time_s), pos + time_s * vel

    px_per_rad = lens.f_px / np.cos(lens.half_angle_rad()) ** 2  # at the corner, where it is largest
    moved_px = margin_px + _turned_rad(pose, rot, shutter_s, segments) * px_per_rad
    if callable(dir_gcrs) and len(d):
        ends = np.stack([dir_gcrs(t * shutter_s) for t in (-0.5, 0.5)])
        moved_px += float(2.0 * np.arcsin(np.minimum(0.5 * np.linalg.norm(ends - d, axis=-1), 1.0)).max()) * px_per_rad
    index = np.arange(len(d))
    if before_air is None and not callable(dir_gcrs):
        flown_km = max(float(np.linalg.norm(pose(t * shutter_s)[1] - pos)) for t in (-0.5, 0.5))
        index = np.flatnonzero(~_sunk(d, pos, flown_km))
    x, y, _ = lens.project(d[index] @ rot.T)  # first without refraction, in a wider picture
    index = index[lens.inside(x, y, moved_px + _MAX_BENDING_RAD * px_per_rad)]
    d = d[index]
    fixed = np.eye(3) if rot_itrs_from_gcrs is None else np.asarray(rot_itrs_from_gcrs, np.float64)

    def places(times_s: list[float]) -> list[tuple[Floats, Floats, Floats, Floats]]:
        poses = [pose(t) for t in times_s]
        at = np.concatenate([(dir_gcrs(t)[index] if callable(dir_gcrs) else d) @ fixed.T for t in times_s])
        eyes = np.repeat([fixed @ eye for _, eye in poses], len(d), axis=0)
        seen, h, far = apparent_directions(at, eyes, bending_rad)
        if before_air is not None:
            near = np.tile(np.asarray(before_air, bool)[index], len(times_s))
            seen[near], h[near], far[near] = at[near], ABOVE_AIR_KM, 0.0
        cameras = np.stack([fixed @ cam.T for cam, _ in poses])
        x, y, _ = lens.project(seen.reshape(len(times_s), -1, 3) @ cameras)
        return list(zip(x, y, h.reshape(x.shape), far.reshape(x.shape), strict=True))

    times_s = [0.0] if shutter_s <= 0.0 else [(0.5 * k / segments - 0.5) * shutter_s for k in range(2 * segments + 1)]
    at_once = max(_ROWS_AT_ONCE // max(len(d), 1), 1)
    found = [one for k in range(0, len(times_s), at_once) for one in places(times_s[k : k + at_once])]
    pieces = []
    for i in range(segments):
        x, y, h_app, distance = found[2 * i + 1 if len(found) > 1 else 0]
        dx, dy = np.zeros_like(x), np.zeros_like(y)
        if len(found) > 1:
            start, end = found[2 * i], found[2 * i + 2]
            dx, dy = end[0] - start[0], end[1] - start[1]
            x, y = (start[0] + 4.0 * x + end[0]) / 6.0, (start[1] + 4.0 * y + end[1]) / 6.0
        # NaN compares false: an end beyond the fold of the lens has no place
        shown = lens.inside(x, y, margin_px + 0.5 * np.hypot(dx, dy)) & (h_app >= HARD_LIMB_APP_KM)
        pieces.append([a[shown] for a in (x, y, dx, dy, h_app, distance, index)])
    x, y, dx, dy, h_app, distance, index = (np.concatenate(column) for column in zip(*pieces, strict=True))
    colour = np.asarray(bv, np.float64)[index]
    colour = np.where(np.isnan(colour), DEFAULT_BV, colour)
    irradiance = np.array(star_response(np.asarray(vmag, np.float64)[index], colour, h_app), np.float64)
    if dilution is not None:
        air = h_app < ABOVE_AIR_KM
        irradiance[air] *= dilution(h_app[air], distance[air])[:, None]
    irradiance /= segments
    return StarSprites(x, y, dx, dy, irradiance, index)
