"""Catalogue stars as sprites of a picture: places, streaks and brightness behind the air. Float64."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.physics.lens import Lens
from earthlimb.physics.rotations import rotation
from earthlimb.physics.star_refraction import (
    ABOVE_AIR_KM,
    HARD_LIMB_APP_KM,
    MAX_BENDING_RAD,
    hidden_all_along,
    refracted_directions,
)
from earthlimb.physics.streaks import Pose, turned_rad

Floats = NDArray[np.float64]

DEFAULT_BV = 0.65
_ROWS_AT_ONCE = 100_000
"""Places of stars at moments that are worked out together: 2.4 MB an array."""


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
    tell: Callable[[float], None] = lambda share: None,
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
    tell : is called with the share that is done, 0 to 1: thousands of stars with hundreds of pieces take long

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
    moved_px = margin_px + turned_rad(pose, rot, shutter_s, segments) * px_per_rad
    if callable(dir_gcrs) and len(d):
        ends = np.stack([dir_gcrs(t * shutter_s) for t in (-0.5, 0.5)])
        moved_px += float(2.0 * np.arcsin(np.minimum(0.5 * np.linalg.norm(ends - d, axis=-1), 1.0)).max()) * px_per_rad
    index = np.arange(len(d))
    if before_air is None and not callable(dir_gcrs):
        flown_km = max(float(np.linalg.norm(pose(t * shutter_s)[1] - pos)) for t in (-0.5, 0.5))
        index = np.flatnonzero(~hidden_all_along(d, pos, flown_km))
    x, y, _ = lens.project(d[index] @ rot.T)  # first without refraction, in a wider picture
    index = index[lens.inside(x, y, moved_px + MAX_BENDING_RAD * px_per_rad)]
    d = d[index]
    fixed = np.eye(3) if rot_itrs_from_gcrs is None else np.asarray(rot_itrs_from_gcrs, np.float64)

    def places(times_s: list[float]) -> list[tuple[Floats, Floats, Floats, Floats]]:
        poses = [pose(t) for t in times_s]
        at = np.concatenate([(dir_gcrs(t)[index] if callable(dir_gcrs) else d) @ fixed.T for t in times_s])
        eyes = np.repeat([fixed @ eye for _, eye in poses], len(d), axis=0)
        seen, h, far = refracted_directions(at, eyes, bending_rad)
        if before_air is not None:
            near = np.tile(np.asarray(before_air, bool)[index], len(times_s))
            seen[near], h[near], far[near] = at[near], ABOVE_AIR_KM, 0.0
        cameras = np.stack([fixed @ cam.T for cam, _ in poses])
        x, y, _ = lens.project(seen.reshape(len(times_s), -1, 3) @ cameras)
        return list(zip(x, y, h.reshape(x.shape), far.reshape(x.shape), strict=True))

    times_s = [0.0] if shutter_s <= 0.0 else [(0.5 * k / segments - 0.5) * shutter_s for k in range(2 * segments + 1)]
    at_once = max(_ROWS_AT_ONCE // max(len(d), 1), 1)
    found = []
    for k in range(0, len(times_s), at_once):
        found += places(times_s[k : k + at_once])
        tell(min(k + at_once, len(times_s)) / len(times_s))
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
