"""The time at which the limb of a solved photograph stands where it is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro.earth_rotation import rot_itrs_from_gcrs
from earthlimb.astro.element_set import Elements
from earthlimb.astro.orbit import station_state
from earthlimb.astro.timescale import Instant
from earthlimb.physics.geometry import tangent_km
from earthlimb.physics.lens import Lens

Array = NDArray[np.float64]

EDGE_KM = 98.0
"""Tangent height at which the airglow has fallen to half of its peak above it: green peaks at 92 to 94 km."""
_EDGE_SIGMA_KM = 2.0
_SEARCH_RAD = np.radians(10.0)
"""How far from the expected limb it is looked for: 150 s of flight."""
_BIN_RAD = np.radians(0.06)
_TRUSTED = 0.9
"""Share of the search in which a time is believed: at its ends the true one may lie outside."""
_STEP_BINS = 8
"""Bins on either side of an edge that are compared, 0.5 degrees: 20 km at the limb."""
_SECTORS = 32
_FEWEST_SECTORS = 5
_LEAST_STEP = 2.5 / 255.0
_MOST_SCATTER_KM = 6.0
"""Heights of a true edge scatter by 1 to 2 km; far beyond the search the fit settles on a slope that does not hold."""
_OUTERMOST = 0.3
"""The outermost step counts that has this share of the highest one below it: towns and lightning lie lower."""


@dataclass(frozen=True, eq=False)
class LimbTime:
    """Shift that the limb asks for [s], its uncertainty [s], and the scatter of the edge's height [km]."""

    shift_s: float
    sigma_s: float
    scatter_km: float


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
    expected = np.arcsin((6371.0 + EDGE_KM) / distance)
    off = np.arccos(np.clip(rays @ down, -1.0, 1.0)) - expected  # outwards positive
    near = np.abs(off) < _SEARCH_RAD
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
    found = []
    for k in range(_SECTORS):
        inside = sector == k
        outwards = _edge(off[inside], grey[inside])
        if outwards is not None:
            a, tilt = 0.5 * (edges[k] + edges[k + 1]), expected + outwards
            found.append(np.cos(tilt) * down + np.sin(tilt) * (np.cos(a) * north + np.sin(a) * east))
    return np.array(found).reshape(-1, 3)


def _edge(off: Array, grey: Array) -> float | None:
    """Angle of the outer edge of light in one sector, or None where it has no clear one."""
    n = int(2 * _SEARCH_RAD / _BIN_RAD)
    index = np.clip(((off + _SEARCH_RAD) / _BIN_RAD).astype(int), 0, n - 1)
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
    total = np.concatenate([[0.0], np.cumsum(level)])
    mean = (total[_STEP_BINS:] - total[:-_STEP_BINS]) / _STEP_BINS
    drop = mean[:-_STEP_BINS] - mean[_STEP_BINS:]  # between bins k + STEP - 1 and k + STEP
    first, last = have[0], have[-1]
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
    return float((k - 0.5 + (inside - half) / max(inside - outside, 1e-9)) * _BIN_RAD - _SEARCH_RAD)


def limb_time(
    values: NDArray[np.float32],
    rot_cam_from_gcrs: Array,
    lens: Lens,
    elements: Elements,
    instant: Instant,
    reach_s: float,
) -> LimbTime | None:
    """The shift of time that brings the airglow's edge to its height, or None when the limb does not tell.

    Parameters
    ----------
    values : (h, w) float32
        Green channel, 0 to 1.
    rot_cam_from_gcrs : (3, 3)
    lens : Lens
    elements : Elements
    instant : Instant
        The camera's time.
    reach_s : float
        Largest shift [s].

    Notes
    -----
    The nadir turns by 0.065 degrees a second among the stars, so an edge ahead rises by 2.6 km and one abeam tilts.
    """
    centre = 0.0
    result = None
    for half_s, step_s in ((reach_s, 2.0), (8.0, 0.5), (4.0, 0.5)):  # sectors follow the limb of the last round
        shifts = centre + np.arange(-half_s, half_s + 0.5 * step_s, step_s)
        pos_gcrs_km = station_state(elements, instant.shifted(centre)).pos_gcrs_km
        edge = edge_directions(values, rot_cam_from_gcrs, lens, pos_gcrs_km)
        if len(edge) < _FEWEST_SECTORS:
            break
        heights = np.array([_heights(edge, elements, instant.shifted(float(s))) for s in shifts])
        off = (heights - EDGE_KM) / _EDGE_SIGMA_KM
        cost = np.sum(np.sqrt(1.0 + off * off) - 1.0, axis=1)
        best = int(np.argmin(cost))
        if best in (0, len(shifts) - 1):
            break
        bend = cost[best - 1] - 2.0 * cost[best] + cost[best + 1]
        lean = 0.5 * (cost[best - 1] - cost[best + 1]) / bend if bend > 0.0 else 0.0
        centre = float(shifts[best] + step_s * lean)
        good = np.abs(off[best]) < 4.0
        slope = np.median(np.abs(heights[best + 1] - heights[best - 1])) / (2.0 * step_s)
        scatter = float(1.4826 * np.median(np.abs(heights[best] - EDGE_KM)))
        if good.sum() < max(_FEWEST_SECTORS, 0.5 * len(edge)):
            break
        result = LimbTime(centre, float(_EDGE_SIGMA_KM / max(slope, 0.2)), scatter)
    if result is None or result.scatter_km > _MOST_SCATTER_KM or abs(result.shift_s) > _TRUSTED * reach_s:
        return None
    return result


def _heights(edge_gcrs: Array, elements: Elements, instant: Instant) -> Array:
    state = station_state(elements, instant)
    return tangent_km(state.pos_itrs_km, edge_gcrs @ rot_itrs_from_gcrs(instant).T)[0]
