"""Figures of four stars, their shapes as points of a space, and the catalogue's index of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from earthlimb.astro.stars import load_catalogue

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

LEVELS_VMAG = (4.2, 5.0, 5.8, 6.4)
"""Depths at which the catalogue's figures are drawn: photographs show different numbers of stars."""
LEVEL_NEIGHBOURS = (9, 8, 8, 7)
NEIGHBOURS = 8
"""Figures join a star with three of its nearest; two of the seven may be missing from the picture or the list."""
SCALE_WEIGHT = 0.35
"""Weight of the size's logarithm beside the shape: 0.02 of shape counts like 6 % of size."""


def figures(dirs: Array, neighbours: int = NEIGHBOURS) -> Indices:
    """Index quadruples (n, 4) of every star with three of its nearest neighbours, each once.

    Parameters
    ----------
    dirs : (m, 3) unit vectors
    neighbours : int
    """
    if len(dirs) < 4:
        return np.zeros((0, 4), np.intp)
    k = min(neighbours, len(dirs) - 1)
    near = np.asarray(cKDTree(dirs).query(dirs, k + 1)[1], np.intp)
    triples = np.array(list(combinations(range(1, k + 1), 3)), np.intp)
    quads = np.column_stack([np.repeat(near[:, 0], len(triples)), near[:, triples].reshape(-1, 3)])
    return distinct(quads)


def distinct(quads: Indices) -> Indices:
    """Each set of four indices (below 65536) once, (n, 4)."""
    ordered = np.sort(quads, axis=1).astype(np.uint64)
    key = np.unique((ordered << np.array([48, 32, 16, 0], np.uint64)).sum(axis=1, dtype=np.uint64))
    parts = [(key >> np.uint64(shift)) & np.uint64(0xFFFF) for shift in (48, 32, 16, 0)]
    return np.stack(parts, axis=1).astype(np.intp)


def shapes(dirs: Array, quads: Indices) -> tuple[Array, Indices]:
    """Shape of each figure as a point (n, 5), and its stars (n, 4) in the order of the shape.

    Notes
    -----
    Lang et al. 2010 (astrometry.net): the two stars furthest apart span a frame in which the other two have four
    coordinates; exchanges of names are removed by ordering. The fifth is the logarithm of the figure's angular
    size, since the lens is known to a few per cent when figures are compared. The frame lies in the plane that
    touches the sphere at the figure's middle, so a figure looks the same wherever the camera points.
    """
    p = dirs[quads]
    middle = p.sum(axis=1)
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    pairs = np.array(list(combinations(range(4), 2)))
    gaps = np.linalg.norm(p[:, pairs[:, 0]] - p[:, pairs[:, 1]], axis=2)
    widest = np.argmax(gaps, axis=1)
    rest = np.array([[k for k in range(4) if k not in pair] for pair in pairs])
    order = np.concatenate([pairs[widest], rest[widest]], axis=1)
    rows = np.arange(len(p))[:, None]
    p = p[rows, order]
    flat = p / np.einsum("nij,nj->ni", p, middle)[..., None]
    base = flat[:, 1] - flat[:, 0]
    length2 = np.einsum("ni,ni->n", base, base)
    side = np.cross(middle, base)
    off = flat[:, 2:] - flat[:, :1]
    x = np.einsum("nki,ni->nk", off, base) / length2[:, None]
    y = np.einsum("nki,ni->nk", off, side) / length2[:, None]
    turned = x.sum(axis=1) > 1.0  # name the ends so that the inner stars lie nearer the first
    x[turned], y[turned] = 1.0 - x[turned], -y[turned]
    order[turned] = order[turned][:, [1, 0, 2, 3]]
    crossed = x[:, 0] > x[:, 1]
    x[crossed], y[crossed] = x[crossed][:, ::-1], y[crossed][:, ::-1]
    order[crossed] = order[crossed][:, [0, 1, 3, 2]]
    size = SCALE_WEIGHT * 0.5 * np.log(length2)
    return np.column_stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1], size]), quads[rows, order]


@dataclass(frozen=True, eq=False)
class FigureIndex:
    """The catalogue's figures: search tree over shapes, stars (n, 4) by catalogue number, directions J2000."""

    tree: cKDTree
    stars: Indices
    dirs: Array


@lru_cache(maxsize=1)
def catalogue_index() -> FigureIndex:
    """Figures of the bright stars at all depths; takes about two seconds, once a process."""
    dirs = load_catalogue(LEVELS_VMAG[-1]).dirs_j2000
    quads = [
        figures(dirs[: len(load_catalogue(limit))], neighbours)
        for limit, neighbours in zip(LEVELS_VMAG, LEVEL_NEIGHBOURS, strict=True)
    ]
    points, stars = shapes(dirs, distinct(np.concatenate(quads)))
    return FigureIndex(cKDTree(points, balanced_tree=False, compact_nodes=False), stars, dirs)
