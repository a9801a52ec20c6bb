"""Triangles of the station as one camera sees them, with what lights them and what shines through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


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


def met(corners_m: Array, ray: Array) -> NDArray[np.bool_]:
    """Which triangles (n, 3, 3) a ray from the origin meets: it passes all three edges on the same side."""
    edge = np.cross(corners_m, np.roll(corners_m, -1, axis=1)) @ ray
    same = (edge >= 0.0).all(axis=1) | (edge <= 0.0).all(axis=1)
    normal = np.cross(corners_m[:, 1] - corners_m[:, 0], corners_m[:, 2] - corners_m[:, 0])
    ahead = (normal * corners_m[:, 0]).sum(-1) * (normal @ ray) > 0.0
    return np.asarray(same & ahead)
