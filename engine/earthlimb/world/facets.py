"""Triangles of the station as one camera sees them, with what lights them and what shines through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earthlimb.physics.geometry import cross

Array = NDArray[np.float64]


_AT_ONCE = 96
"""Triangles that some hundred rays are tried on while all of it stays in a processor's cache."""


@dataclass(frozen=True, eq=False)
class Facets:
    """Visible triangles of the station.

    Attributes
    ----------
    corners_cam_m : (n, 3, 3) in the camera's frame, metres from the eye
    normal_body : (n, 3)
    reflectance : (n, 3) diffuse, R, G, B
    inside : (n,) lies within the dome's glass
    through : (n, 3) light that passes at each corner: 0 but for glass
    mirror : (n, 3) share of the light of the lit interior's walls that each corner sends to the eye
    lamp : (n, 3, m) share of each inside lamp's radiance that each corner sends to the eye
    """

    corners_cam_m: Array
    normal_body: Array
    reflectance: Array
    inside: NDArray[np.bool_]
    through: Array
    mirror: Array
    lamp: Array

    def __len__(self) -> int:
        return len(self.corners_cam_m)

    def chosen(self, keep: NDArray[Any]) -> Facets:
        """Some of the facets."""
        return Facets(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))


def met(corners_m: Array, rays: Array) -> NDArray[np.bool_]:
    """Which rays (n, 3) from the origin meet any of some triangles (m, 3, 3): pass all three edges on the same side.

    The widest triangles are tried first, the others on what these have left.
    """
    edges = np.stack([cross(corners_m[:, k], corners_m[:, (k + 1) % 3]) for k in range(3)])
    normal = edges.sum(axis=0)
    normal *= np.sign((normal * corners_m[:, 0]).sum(axis=-1))[:, None]
    width = np.linalg.norm(normal, axis=-1) / (corners_m * corners_m).sum(axis=(1, 2))
    order = np.argsort(-width, kind="stable")
    left = np.arange(len(rays))
    for start in range(0, len(order), _AT_ONCE):
        some = order[start : start + _AT_ONCE]
        first, second, third, ahead = (rays[left] @ side[some].T for side in (*edges, normal))
        within = np.minimum(np.minimum(first, second), third) >= 0.0
        within |= np.maximum(np.maximum(first, second), third) <= 0.0
        left = left[~(within & (ahead > 0.0)).any(axis=1)]
    found = np.ones(len(rays), bool)
    found[left] = False
    return found


def passed(facets: Facets, ray: Array, pupil_m: Array) -> float:
    """Share of the light along a ray that some facets let pass to the whole pupil of a lens focused at infinity.

    Parameters
    ----------
    facets : of one group
    ray : (3,), camera's frame, from the eye
    pupil_m : (k, 2) points of the pupil, the first in its middle, from where glass is seen

    Notes
    -----
    The facets are shifted along the ray into the pupil's plane, where triangles and points meet in two dimensions; as
    in a picture (`passes.mesh`) glass passes what its corners pass, linearly between them.

    Examples
    --------
    >>> wall = [[[0.0, -9.0, 1.0], [0.0, 9.0, 1.0], [9.0, 0.0, 1.0]]]
    >>> one, zero = np.ones(1), np.zeros((1, 3))
    >>> wall = Facets(np.array(wall), zero, zero, one > 0.0, zero, zero, zero)
    >>> passed(wall, np.array([0.0, 0.0, 1.0]), np.array([[0.0, 0.0], [-0.1, 0.0], [0.1, 0.0], [-0.2, 0.0]]))
    0.5
    """
    corners = facets.corners_cam_m
    flat = corners[..., :2] - corners[..., 2:] * (ray[:2] / ray[2])
    reach = np.abs(pupil_m).max()
    near = np.flatnonzero(((flat.min(axis=1) <= reach) & (flat.max(axis=1) >= -reach)).all(axis=-1))
    flat, depth, through = flat[near], corners[near, :, 2], facets.through[near]
    a, b, c = (flat[:, None, k] - pupil_m for k in range(3))  # (n, k, 2)
    shares = np.stack([_area(b, c), _area(c, a), _area(a, b)], axis=-1)
    total = shares.sum(axis=-1, keepdims=True)
    shares /= np.where(total == 0.0, np.inf, total)  # seen along its own plane: met nowhere
    met_at = (total[..., 0] != 0.0) & (shares.min(axis=-1) >= 0.0) & ((shares * depth[:, None]).sum(axis=-1) > 0.0)
    glass = through.max(axis=1, initial=0.0) > 0.0
    open_share = 1.0 - met_at[~glass].any(axis=0).mean()
    panes = (shares[glass, 0] * through[glass]).sum(axis=-1)[met_at[glass, 0]]
    return float(open_share * panes.min(initial=1.0))


def _area(a: Array, b: Array) -> Array:
    """Twice the signed area between two vectors of the plane."""
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])
