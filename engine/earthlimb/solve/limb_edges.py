"""The airglow's upper edge along the limb of a solved photograph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earthlimb.physics.lens import Lens

Array = NDArray[np.float64]

EDGE_KM = 100.5
"""Tangent height at which the airglow has fallen to half of its peak above it: green peaks at 92 to 94 km.

ISS065-E-394522 has 99.5; twenty rendered nights 99.3 to 103, 101.1 in the mean.
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


def edge_directions(values: NDArray[np.float32], rot_cam_from_gcrs: Array, lens: Lens, pos_gcrs_km: Array) -> Array:
    """Directions (n, 3), GCRS, of the airglow's upper edge in sectors along the limb.

    Parameters
    ----------
    values : (h, w) float32
        Green channel, 0 to 1.
    rot_cam_from_gcrs : (3, 3)
    lens : Lens
        Of a picture of this size.
    pos_gcrs_km : (3,)
        About where the station is [km].
    """
    height, width = values.shape
    step = max(1, round(max(height, width) / 1000))
    ys, xs = np.mgrid[0:height:step, 0:width:step]
    rays = lens.rays_cam(xs.ravel() + 0.5, ys.ravel() + 0.5) @ rot_cam_from_gcrs
    grey = values[ys.ravel(), xs.ravel()].astype(np.float64)
    distance = float(np.linalg.norm(pos_gcrs_km))
    down = -pos_gcrs_km / distance
    expected = np.arcsin(min((6371.0 + EDGE_KM) / distance, 1.0))
    off = np.arccos(np.clip(rays @ down, -1.0, 1.0)) - expected  # outwards positive
    near = np.abs(off) < SEARCH_RAD
    if near.sum() < 2000:
        return np.zeros((0, 3))
    rays, off, grey = rays[near], off[near], grey[near]
    middle = rays.mean(axis=0)
    east = np.cross(down, middle)
    east /= np.linalg.norm(east)
    north = np.cross(east, down)
    azimuth = np.arctan2(rays @ east, rays @ north)
    edges = np.linspace(azimuth.min(), azimuth.max(), _SECTORS + 1)
    sector = np.clip(np.searchsorted(edges, azimuth) - 1, 0, _SECTORS - 1)
    order = np.argsort(sector, kind="stable")
    bounds = np.searchsorted(sector[order], np.arange(_SECTORS + 1))
    found = []
    for k in range(_SECTORS):
        inside = order[bounds[k] : bounds[k + 1]]
        outwards = _edge(off[inside], grey[inside])
        if outwards is not None:
            a, tilt = 0.5 * (edges[k] + edges[k + 1]), expected + outwards
            found.append(np.cos(tilt) * down + np.sin(tilt) * (np.cos(a) * north + np.sin(a) * east))
    return np.array(found).reshape(-1, 3)


def _levels(off: Array, grey: Array) -> tuple[Array, int, int] | None:
    """Medians of the light in bins of the angle, smoothed, with the first and the last bin that has pixels."""
    n = int(2 * SEARCH_RAD / _BIN_RAD)
    index = np.clip(((off + SEARCH_RAD) / _BIN_RAD).astype(int), 0, n - 1)
    order = np.lexsort((grey, index))
    starts = np.searchsorted(index[order], np.arange(n + 1))
    count = np.diff(starts)
    full = np.flatnonzero(count >= 5)
    level = np.full(n, np.nan)
    level[full] = grey[order[starts[full] + count[full] // 2]]  # medians
    have = np.flatnonzero(np.isfinite(level))
    if len(have) < 4 * _STEP_BINS:
        return None
    level = np.interp(np.arange(n), have, level[have])
    level = np.convolve(np.pad(level, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    return level, int(have[0]), int(have[-1])


def _edge(off: Array, grey: Array) -> float | None:
    """Angle of the outer edge of light in one sector, or None where it has no clear one."""
    levels = _levels(off, grey)
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
    if not len(below):
        return None
    k = top + int(below[0])
    inside, outside = level[k - 1], level[k]
    return float((k - 0.5 + (inside - half) / max(inside - outside, 1e-9)) * _BIN_RAD - SEARCH_RAD)
