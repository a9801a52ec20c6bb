"""Two edges that the limb of a solved photograph shows: the airglow's upper one, and its foot in the air."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earthlimb.physics.lens import Lens

Array = NDArray[np.float64]

EDGE_KM = 99.5
"""Tangent height at which the airglow has fallen to half of its peak above it: green peaks at 92 to 94 km."""
FOOT_KM = 34.0
"""Tangent height below which the air dims the airglow behind it (Rayleigh, ozone): half-way up from the darkest strip.

Measured 34.3 km (quartiles 33.5 and 36) over 18 strips of ISS065-E-394522; it does not move with the airglow.
"""
SEARCH_RAD = np.radians(10.0)
"""How far from the expected limb it is looked for: 150 s of flight."""
_BIN_RAD = np.radians(0.06)
_STEP_BINS = 8
"""Bins on either side of an edge that are compared, 0.5 degrees: 20 km at the limb."""
_SECTORS = 32
_LEAST_STEP = 2.5 / 255.0
_OUTERMOST = 0.3
"""The outermost step counts that has this share of the highest one below it: towns and lightning lie lower."""
_FOOT_STEP = 3.5 / 255.0
_FOOT_REACH_KM = 22.0
"""How far from its usual distance below the edge the foot is looked for."""


@dataclass(frozen=True, eq=False)
class LimbEdges:
    """Directions (n, 3) and (m, 3), GCRS, of the airglow's upper edge and of its foot in sectors along the limb."""

    upper: Array
    foot: Array


def limb_edges(
    rgb: NDArray[np.float32], rot_cam_from_gcrs: Array, lens: Lens, pos_gcrs_km: Array, with_foot: bool = True
) -> LimbEdges:
    """The edges in up to 32 sectors.

    Parameters
    ----------
    rgb : (h, w, 3) float32
        0 to 1. Green shows the upper edge, red the foot.
    rot_cam_from_gcrs : (3, 3)
    lens : Lens
        Of a picture of this size.
    pos_gcrs_km : (3,)
        About where the station is [km].
    with_foot : bool
        Whether the foot is wanted.
    """
    height, width = rgb.shape[:2]
    step = max(1, round(max(height, width) / 1000))
    ys, xs = np.mgrid[0:height:step, 0:width:step]
    rays = lens.rays_cam(xs.ravel() + 0.5, ys.ravel() + 0.5) @ rot_cam_from_gcrs
    colour = rgb[ys.ravel(), xs.ravel(), :2].astype(np.float64)
    distance = float(np.linalg.norm(pos_gcrs_km))
    down = -pos_gcrs_km / distance
    expected = tilt_rad(EDGE_KM, distance)
    off = np.arccos(np.clip(rays @ down, -1.0, 1.0)) - expected  # outwards positive
    near = np.abs(off) < SEARCH_RAD
    none = np.zeros((0, 3))
    if near.sum() < 2000:
        return LimbEdges(none, none)
    rays, off, colour = rays[near], off[near], colour[near]
    middle = rays.mean(axis=0)
    east = np.cross(down, middle)
    east /= np.linalg.norm(east)
    north = np.cross(east, down)
    azimuth = np.arctan2(rays @ east, rays @ north)
    edges = np.linspace(azimuth.min(), azimuth.max(), _SECTORS + 1)
    sector = np.clip(np.searchsorted(edges, azimuth) - 1, 0, _SECTORS - 1)
    order = np.argsort(sector, kind="stable")
    bounds = np.searchsorted(sector[order], np.arange(_SECTORS + 1))
    upper, foot = [], []
    for k in range(_SECTORS):
        inside = order[bounds[k] : bounds[k + 1]]
        outwards = _edge(_levels(off[inside], colour[inside, 1]))
        if outwards is None:
            continue
        a = 0.5 * (edges[k] + edges[k + 1])
        along = np.cos(a) * north + np.sin(a) * east
        tilt = expected + outwards
        upper.append(np.cos(tilt) * down + np.sin(tilt) * along)
        if with_foot:
            inwards = _foot(_levels(off[inside], colour[inside, 0]), outwards, distance)
            if inwards is not None:
                tilt = expected + inwards
                foot.append(np.cos(tilt) * down + np.sin(tilt) * along)
    return LimbEdges(np.array(upper).reshape(-1, 3), np.array(foot).reshape(-1, 3))


def tilt_rad(height_km: float, distance_km: float) -> float:
    """Angle between the nadir and the tangent ray of a height [rad], over a sphere of 6371 km."""
    return float(np.arcsin(min((6371.0 + height_km) / distance_km, 1.0)))


def _levels(off: Array, grey: Array) -> tuple[Array, int, int] | None:
    """Medians of the light in bins of the angle, smoothed, with the first and the last bin that has pixels."""
    n = int(2 * SEARCH_RAD / _BIN_RAD)
    index = np.clip(((off + SEARCH_RAD) / _BIN_RAD).astype(int), 0, n - 1)
    order = np.argsort(index, kind="stable")
    starts = np.searchsorted(index[order], np.arange(n + 1))
    level = np.full(n, np.nan)
    for k in range(n):
        if starts[k + 1] - starts[k] >= 5:
            level[k] = np.median(grey[order[starts[k] : starts[k + 1]]])
    have = np.flatnonzero(np.isfinite(level))
    if len(have) < 4 * _STEP_BINS:
        return None
    level = np.interp(np.arange(n), have, level[have])
    level = np.convolve(np.pad(level, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    return level, int(have[0]), int(have[-1])


def _edge(levels: tuple[Array, int, int] | None) -> float | None:
    """Angle of the outer edge of light in one sector, or None where it has no clear one."""
    if levels is None:
        return None
    level, first, last = levels
    total = np.concatenate([[0.0], np.cumsum(level)])
    mean = (total[_STEP_BINS:] - total[:-_STEP_BINS]) / _STEP_BINS
    drop = mean[:-_STEP_BINS] - mean[_STEP_BINS:]  # between bins k + STEP - 1 and k + STEP
    drop = drop[first : max(last - 2 * _STEP_BINS + 2, first)]
    if not len(drop) or drop.max() < _LEAST_STEP:
        return None
    # outermost local maximum that is high enough
    peaks = np.flatnonzero((drop >= np.roll(drop, 1)) & (drop >= np.roll(drop, -1)))
    peaks = peaks[(drop[peaks] >= max(_OUTERMOST * drop.max(), _LEAST_STEP)) & (peaks > 0) & (peaks < len(drop) - 1)]
    if not len(peaks):
        return None
    at = first + int(peaks[-1]) + _STEP_BINS
    sky = float(np.median(level[at + _STEP_BINS // 2 : at + 2 * _STEP_BINS]))
    inner = level[max(at - 2 * _STEP_BINS, 0) : at + 2]
    top = int(np.argmax(inner)) + max(at - 2 * _STEP_BINS, 0)
    half = 0.5 * (float(level[top]) + sky)
    below = np.flatnonzero(level[top:] < half)
    return _crossing(level, top + int(below[0]), half) if len(below) else None


def _foot(levels: tuple[Array, int, int] | None, upper: float, distance_km: float) -> float | None:
    """Angle at which the light has risen half-way from the darkest strip below the airglow, or None."""
    if levels is None:
        return None
    level, first, _ = levels
    usual = upper - tilt_rad(EDGE_KM, distance_km) + tilt_rad(FOOT_KM, distance_km)
    per_km = (tilt_rad(EDGE_KM, distance_km) - tilt_rad(FOOT_KM, distance_km)) / (EDGE_KM - FOOT_KM)

    def bin_of(km: float) -> int:
        return int((usual + km * per_km + SEARCH_RAD) / _BIN_RAD)

    low, high = max(bin_of(-_FOOT_REACH_KM), first), bin_of(0.5 * _FOOT_REACH_KM)
    if high - low < 6 or high >= len(level) - _STEP_BINS:
        return None
    darkest = low + int(np.argmin(level[low:high]))
    if darkest >= high - 2:  # still falling: a moonlit or twilit Earth outshines the foot
        return None
    above = level[darkest + 1 + int(8.0 * per_km / _BIN_RAD) : darkest + 1 + int(26.0 * per_km / _BIN_RAD)]
    plateau = float(np.median(above)) if len(above) else 0.0
    if plateau - float(level[darkest]) < _FOOT_STEP:
        return None
    half = 0.5 * (plateau + float(level[darkest]))
    risen = np.flatnonzero(level[darkest:] > half)
    return _crossing(level, darkest + int(risen[0]), half) if len(risen) else None


def _crossing(level: Array, k: int, value: float) -> float:
    """Angle at which the level passes a value between bins k - 1 and k."""
    k = max(k, 1)
    before, after = float(level[k - 1]), float(level[k])
    share = (value - before) / (after - before) if after != before else 0.5
    return float((k - 0.5 + share) * _BIN_RAD - SEARCH_RAD)
