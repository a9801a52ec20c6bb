"""Convex outlines before the eye: what lies wholly behind one, and what cannot be seen through one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earthlimb.physics.geometry import cross

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Outline:
    """A convex polygon as a pupil sees it.

    Attributes
    ----------
    sides : (k, 3), unit normals of the planes through the middle of the pupil and each side, inwards
    slack : sine of the angle beyond a plane at which a ray from another point of the pupil may still pass inside
    """

    sides: Array
    slack: float

    @classmethod
    def of(cls, loop_m: Array, reach_m: float) -> Outline | None:
        """Of corners (k, 3) in the camera's frame and a pupil's radius; None where the eye is too near its plane."""
        return cls.of_all(loop_m[None], reach_m)[0]

    @classmethod
    def of_all(cls, loops_m: Array, reach_m: float) -> list[Outline | None]:
        """As `of`, of several loops (m, k, 3) at once.

        Notes
        -----
        A point p of the pupil lies at most `reach_m` beyond a plane through the middle, and a ray from it enters the
        polygon after at least the polygon's distance less `reach_m`: the slack is their ratio.
        """
        middle = loops_m.mean(axis=1)
        sides = cross(loops_m, np.concatenate([loops_m[:, 1:], loops_m[:, :1]], axis=1))
        normal = sides.sum(axis=1)  # of a closed loop: twice its area, whatever point they are crossed about
        size = np.maximum(np.sqrt((normal * normal).sum(axis=-1)), 1e-30)
        heights = (np.abs((middle * normal).sum(axis=-1)) / size).tolist()
        sides /= np.maximum(np.sqrt((sides * sides).sum(axis=-1, keepdims=True)), 1e-30)
        sides *= np.sign((sides[:, 0] * middle).sum(axis=-1))[:, None, None]
        return [
            cls(own, reach_m / (height - reach_m)) if height > 2.0 * reach_m else None
            for own, height in zip(sides, heights, strict=True)
        ]

    def tiles(self, rays: Array, slack_rad: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Tiles (rows, columns) in which it shows wholly for certain, and those in which it may show.

        Parameters
        ----------
        rays : (rows + 1, columns + 1, 3) unit vectors along the corners of the tiles, from any point of the pupil
        slack_rad : angle around a tile that counts as the tile
        """
        height = (self.sides @ rays.reshape(-1, 3).T).reshape(-1, *rays.shape[:2])
        slack = self.slack + slack_rad
        low = height.min(axis=0)
        within = np.asarray(_at_corners((low >= slack)[None])[0])
        beyond = _at_corners(height < -slack).any(axis=0)
        return within, np.asarray(~beyond)

    def misses(self, corners_m: Array) -> NDArray[np.bool_]:
        """Which facets (n, 3, 3), farther than the polygon, no point of the pupil can see through it."""
        return missed([self], corners_m)[0]


def missed(outlines: Sequence[Outline], corners_m: Array, slack_rad: float = 0.0) -> NDArray[np.bool_]:
    """(m, n): which things with corners (n, k, 3) lie wholly beyond a side of each of m outlines, for the whole pupil.

    `slack_rad` is an angle around a thing that counts as the thing.
    """
    sides = [outline.sides for outline in outlines]
    n_sides = [len(own) for own in sides]
    slack = np.repeat([outline.slack for outline in outlines], n_sides) + slack_rad
    far = np.sqrt((corners_m * corners_m).sum(axis=-1))
    beyond = (corners_m @ np.concatenate(sides).T < -far[..., None] * slack).all(axis=1)
    return np.logical_or.reduceat(beyond, np.concatenate([[0], np.cumsum(n_sides[:-1])]).astype(int), axis=1).T


def _at_corners(of_rays: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether something holds at all four corners of every tile, (k, rows, columns) of (k, rows + 1, columns + 1)."""
    pairs = of_rays[:, :, :-1] & of_rays[:, :, 1:]
    return np.asarray(pairs[:, :-1] & pairs[:, 1:])
