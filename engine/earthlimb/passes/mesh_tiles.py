"""Which tiles of a picture blurred facets may reach: nothing has to be drawn in the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earthlimb.physics.geometry import cross

Array = NDArray[np.float64]

_NEXT, _LAST = [1, 2, 0], [2, 0, 1]
"""Corners after each corner of a triangle."""


def _length(vectors: Array) -> Array:
    """Lengths (...) of vectors (..., 3): `np.linalg.norm` takes three times as long for few."""
    return np.sqrt((vectors * vectors).sum(axis=-1))


def distances_m(corners_m: Array) -> Array:
    """Distance (n,) of facets (n, 3, 3) from the origin.

    Examples
    --------
    >>> distances_m(np.array([[[-1.0, -1.0, 2.0], [1.0, -1.0, 2.0], [0.0, 1.0, 2.0]]]))
    array([2.])
    """
    along = corners_m[:, _NEXT] - corners_m
    share = -(corners_m * along).sum(-1) / np.maximum((along * along).sum(-1), 1e-30)
    edges = _length(corners_m + np.clip(share, 0.0, 1.0)[..., None] * along).min(axis=1)
    normal = cross(along[:, 0], along[:, 1])
    normal /= np.maximum(_length(normal)[..., None], 1e-30)
    height = (corners_m[:, 0] * normal).sum(-1)
    foot = (height[:, None] * normal)[:, None] - corners_m
    inside = ((cross(along, foot) * normal[:, None]).sum(-1) >= 0.0).all(axis=1)
    return np.where(inside, np.abs(height), edges)


def covered_tiles(corners_m: Array, rays: Array, reach_m: float, slack_rad: float) -> NDArray[np.bool_]:
    """Tiles (rows, columns) in which facets may show; those left out show none for certain.

    Seen from a point, a facet and a tile are cones; they miss each other where a side plane of one has the other
    wholly beyond it. From any other point of the pupil a facet stands elsewhere by `reach_m` at most.

    Parameters
    ----------
    corners_m : (n, 3, 3), camera's frame, metres from the middle of the pupil
    rays : (rows + 1, columns + 1, 3) along the corners of the tiles, any length, from the upper left
    reach_m : radius of the pupil
    slack_rad : angle around a facet that counts as the facet
    """
    rays = rays / _length(rays)[..., None]
    ring = [rays[:-1, :-1], rays[:-1, 1:], rays[1:, 1:], rays[1:, :-1]]
    sides = np.stack([cross(a, b) for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)], axis=2)
    sides /= _length(sides)[..., None]
    sides *= np.sign((sides * (ring[0] + ring[1] + ring[2] + ring[3])[:, :, None]).sum(-1, keepdims=True))
    rows, columns = sides.shape[:2]

    # the facet lies beyond a side of the tile: the distance to a plane is linear, to the eye convex
    far = _length(corners_m)
    height = corners_m.reshape(-1, 3) @ sides.reshape(-1, 3).T
    beyond = height < -(reach_m + slack_rad * far.reshape(-1, 1))
    apart = beyond.reshape(-1, 3, rows, columns, 4).all(axis=1).any(axis=-1)

    # the tile lies beyond a side of the facet
    after, last = corners_m[:, _NEXT], corners_m[:, _LAST]
    planes = cross(corners_m, after)
    planes /= np.maximum(_length(planes)[..., None], 1e-30)
    planes *= np.sign((planes * last).sum(-1, keepdims=True))
    nearest = distances_m(corners_m)
    with np.errstate(divide="ignore"):
        shift = np.where(nearest > 2.0 * reach_m, reach_m / np.maximum(nearest - reach_m, 1e-30), 2.0)
    height = (planes.reshape(-1, 3) @ rays.reshape(-1, 3).T).reshape(-1, 3, rows + 1, columns + 1)
    outside = height < -(shift + slack_rad)[:, None, None, None]
    whole = outside[..., :-1, :-1] & outside[..., :-1, 1:] & outside[..., 1:, 1:] & outside[..., 1:, :-1]
    return np.asarray(~(apart | whole.any(axis=1)).all(axis=0))
