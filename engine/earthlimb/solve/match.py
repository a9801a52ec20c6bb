"""Which catalogue stars and which sources of a picture belong together, and how many would by chance."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from earthlimb.physics.lens import Lens

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

_STARS_PER_SOURCE = 1.5
_DEPTH_RATE = 0.5
_DEPTH_WINDOW = 50


def visible(stars_gcrs: Array, rot: Array, lens: Lens) -> tuple[Array, Indices]:
    """Places (m, 2) and indices (m,) of the stars that fall into the picture."""
    cam = stars_gcrs @ rot.T
    ahead = np.flatnonzero(cam[:, 2] > 0.2)
    x, y, has_image = lens.project(cam[ahead])
    inside = has_image & (x >= 0.0) & (x < lens.width_px) & (y >= 0.0) & (y < lens.height_px)
    return np.stack([x[inside], y[inside]], axis=1), ahead[inside]


def comparable(
    stars_gcrs: Array, rot: Array, lens: Lens, n_sources: int, hidden: NDArray[np.bool_]
) -> tuple[Array, Indices]:
    """The brightest stars in the picture, about as many as it has sources."""
    stars_px, which = visible(stars_gcrs, rot, lens)
    free = ~hidden[which]
    stars_px, which = stars_px[free], which[free]
    most = int(_STARS_PER_SOURCE * n_sources) + 10
    return stars_px[:most], which[:most]


def nearest_pairs(stars_px: Array, sources_px: Array, radius_px: float) -> tuple[Indices, Indices]:
    """Stars and sources that are each other's nearest within a radius."""
    if not len(stars_px) or not len(sources_px):
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    gap, near = cKDTree(sources_px).query(stars_px, distance_upper_bound=radius_px)
    star = np.flatnonzero(np.isfinite(gap))
    source = near[star]
    best = np.full(len(sources_px), np.inf)
    np.minimum.at(best, source, gap[star])
    keep = gap[star] <= best[source]
    star, source = star[keep], source[keep]
    _, first = np.unique(source, return_index=True)
    return star[first], source[first]


def chance_matches(stars_px: Array, sources_px: Array, radius_px: float, size_px: tuple[int, int]) -> float:
    """Matches to expect of unrelated points: the mean over the same stars moved by 12 to 60 px, 48 ways."""
    tree = cKDTree(sources_px)
    total = 0
    for k in range(48):
        angle, reach = 2.399963 * k, 12.0 + k  # golden angle: no direction is preferred
        moved = stars_px + reach * np.array([math.cos(angle), math.sin(angle)])
        moved = np.mod(moved, size_px)
        total += int(np.sum(np.isfinite(tree.query(moved, distance_upper_bound=radius_px)[0])))
    return total / 48.0


def reliable_depth(matched: NDArray[np.bool_]) -> int:
    """How many of the stars, brightest first, to trust: until fewer than half of the best rate find a source."""
    if len(matched) <= _DEPTH_WINDOW:
        return len(matched)
    rate = np.convolve(matched, np.full(_DEPTH_WINDOW, 1.0 / _DEPTH_WINDOW), mode="valid")
    best = np.maximum.accumulate(rate)
    lost = (best - rate) * _DEPTH_WINDOW > 3.0 * np.sqrt(best * _DEPTH_WINDOW)  # more than chance
    below = np.flatnonzero((rate < _DEPTH_RATE * best) & lost)
    return int(below[0] + _DEPTH_WINDOW // 2) if len(below) else len(matched)
