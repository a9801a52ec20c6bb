"""Lines of equal tangent height in the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from earthlimb.physics.geometry import tangent_km
from earthlimb.physics.lens import Lens
from earthlimb.world import WorldState

Array = NDArray[np.float64]

N_AZIMUTHS = 360
"""Directions around the station, a degree apart: a chord leaves the limb by 4e-5 of its radius, 0.03 px (Italy)."""
_ROUNDS = 3
_FLATTENING_RAD = 0.03
"""The limb of the sphere below the station lies nearer to the true one, and lines within 0.5 % of the radius."""


def limb_lines_px(world: WorldState, heights_km: Sequence[float]) -> list[tuple[Array, ...]]:
    """Pieces (n, 2), px, of each line of equal tangent height of straight rays that the picture shows.

    Where the station hides it a line has a gap. A height above the station has no line.

    Notes
    -----
    The tangent height falls by the distance to the tangent point for each radian of depression: Newton's steps from
    the sphere's depression, whose start is off by the flattening, end within a metre.
    """
    azimuth = np.linspace(0.0, 2.0 * np.pi, N_AZIMUTHS + 1)
    flat = np.stack([np.sin(azimuth), np.cos(azimuth), np.zeros_like(azimuth)], axis=-1)
    below = [height_km for height_km in heights_km if height_km < world.alt_km - 1.0]
    wanted = np.array(below)[:, None] + np.zeros_like(azimuth)
    eye_km = float(np.linalg.norm(world.pos_iss_itrs_km))
    dip = np.arccos(np.clip((eye_km - world.alt_km + wanted) / eye_km, 0.0, 1.0))
    lens, margin_px = world.lens, 0.05 * world.lens.width_px
    rot_cam_from_itrs = world.rot_cam_from_gcrs @ world.rot_itrs_from_gcrs.T
    ahead = _directions(dip, flat, world.rot_local_from_itrs) @ rot_cam_from_itrs[2]
    inside = ahead > math.cos(min(_reach_rad(lens, margin_px) + _FLATTENING_RAD, math.pi))  # others cost as much
    x, y = np.zeros(inside.shape), np.zeros(inside.shape)
    dip, flat, wanted = dip[inside], np.broadcast_to(flat, (len(below), *flat.shape))[inside], wanted[inside]
    for _ in range(_ROUNDS):
        height, distance = tangent_km(world.pos_iss_itrs_km, _directions(dip, flat, world.rot_local_from_itrs))
        step = (height - wanted) / np.maximum(distance, 1.0)
        dip = np.clip(dip + np.where(distance > 0.0, step, 0.01), 1e-4, 0.5 * np.pi)
    dirs = _directions(dip, flat, world.rot_local_from_itrs) @ rot_cam_from_itrs.T
    x[inside], y[inside], has_image = lens.project(dirs)
    seen = has_image & lens.inside(x[inside], y[inside], margin_px)
    if world.station is not None:
        seen[seen] = ~world.station.hides(dirs[seen])
    inside[inside] = seen
    found = iter([_pieces(*line) for line in zip(x, y, inside, strict=True)])
    return [next(found) if height_km < world.alt_km - 1.0 else () for height_km in heights_km]


def _reach_rad(lens: Lens, margin_px: float) -> float:
    """How far from the camera's axis the picture reaches, with a margin on all sides."""
    x, y = np.array([-margin_px, lens.width_px + margin_px]), np.array([-margin_px, lens.height_px + margin_px])
    return math.acos(float(lens.rays_cam(np.tile(x, 2), np.repeat(y, 2))[:, 2].min()))


def _directions(dip_rad: Array, flat: Array, rot_local_from_itrs: Array) -> Array:
    """Unit vectors (..., 3), itrs, of depressions (...) below horizontal directions (..., 3), local."""
    down = np.array([0.0, 0.0, -1.0])
    return np.asarray((np.cos(dip_rad)[..., None] * flat + np.sin(dip_rad)[..., None] * down) @ rot_local_from_itrs)


def _pieces(x: Array, y: Array, inside: NDArray[np.bool_]) -> tuple[Array, ...]:
    """Runs of neighbouring places inside the picture, joined across the circle's seam."""
    if not inside.any():
        return ()
    if inside.all():
        return (np.column_stack([x, y]),)
    start = int(np.flatnonzero(~inside)[0])
    x, y, inside = np.roll(x[:-1], -start), np.roll(y[:-1], -start), np.roll(inside[:-1], -start)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(np.int8), [0]])))
    runs = [slice(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= 2]
    return tuple(np.column_stack([x[run], y[run]]) for run in runs)
