"""Float64 twin of shaders/lib/airglow.glsl: the march of the emitting shells along rays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earthlimb.physics.geometry import geocentric_radius_km

Array = NDArray[np.float64]

SHADOW_EDGE_KM = (0.0, 35.0)
"""Grazing heights between which sunlight fades in; see night_fraction in the shader."""


@dataclass(frozen=True)
class Ray:
    """A ray in the local frame (east, north, geocentric up at the eye), about its closest approach.

    Attributes
    ----------
    dir_local : (3,) unit vector
    eye_radius_km : distance of the eye from the Earth's centre
    p_km : closest approach of the line to the centre
    eye_s_km : path from there to the eye, negative while the tangent point is ahead
    """

    dir_local: Array
    eye_radius_km: float
    p_km: float
    eye_s_km: float

    @classmethod
    def from_eye(cls, dir_local: Array, eye_radius_km: float) -> Ray:
        """The ray that leaves the eye into `dir_local`."""
        c = float(np.hypot(dir_local[0], dir_local[1]))
        return cls(np.asarray(dir_local, float), eye_radius_km, eye_radius_km * c, eye_radius_km * float(dir_local[2]))

    def at(self, s_km: Array | float) -> Array:
        """Positions (..., 3), km, local frame, at paths s from the closest approach."""
        s = np.asarray(s_km, dtype=float)
        return np.array([0.0, 0.0, self.eye_radius_km]) + (s[..., None] - self.eye_s_km) * self.dir_local


def altitude_km(at_local_km: Array, pole_local: Array) -> Array:
    """Altitude (...) of points (..., 3) above the ellipsoid, radial; 0.5 m off the geodetic one at 100 km."""
    radius = np.linalg.norm(at_local_km, axis=-1)
    return np.asarray(radius - geocentric_radius_km((at_local_km @ pole_local) / radius))


def shell_crossing_km(ray: Ray, z_km: float, side: float, pole_local: Array) -> float:
    """Path s >= 0 (times side, -1 near or +1 far) where the ray crosses altitude z; 0 where it stays above."""
    radius = float(geocentric_radius_km(pole_local[2])) + z_km
    s = 0.0
    for _ in range(3):
        s = float(np.sqrt(max((radius - ray.p_km) * (radius + ray.p_km), 0.0)))
        at = ray.at(side * s)
        radius = float(geocentric_radius_km(at @ pole_local / np.linalg.norm(at))) + z_km
    return s


def night_fraction(at_local_km: Array, sun_local: Array, pole_local: Array) -> Array:
    """How much of the night emission points (..., 3) give: 1 in the Earth's shadow, 0 in sunlight."""
    along = at_local_km @ sun_local
    beside = np.linalg.norm(at_local_km - along[..., None] * sun_local, axis=-1)
    ground = geocentric_radius_km(at_local_km @ pole_local / np.linalg.norm(at_local_km, axis=-1))
    x = np.clip((beside - ground - SHADOW_EDGE_KM[0]) / (SHADOW_EDGE_KM[1] - SHADOW_EDGE_KM[0]), 0.0, 1.0)
    return np.where(along >= 0.0, 0.0, 1.0 - x * x * (3.0 - 2.0 * x))


def shell_pieces(ray: Ray, bottom_km: float, top_km: float, pole_local: Array) -> tuple[float, float, float, float]:
    """Pieces (near from, near to, far from, far to) of both legs inside a shell and ahead of the eye, km.

    A ray that climbs from the eye has only a near piece.
    """
    if ray.eye_s_km < 0.0:
        near_out = shell_crossing_km(ray, top_km, -1.0, pole_local)
        near_in = shell_crossing_km(ray, bottom_km, -1.0, pole_local)
        far_in = shell_crossing_km(ray, bottom_km, 1.0, pole_local)
        far_out = shell_crossing_km(ray, top_km, 1.0, pole_local)
        return max(-near_out, ray.eye_s_km), max(-near_in, ray.eye_s_km), far_in, far_out
    up_in = shell_crossing_km(ray, bottom_km, 1.0, pole_local)
    up_out = shell_crossing_km(ray, top_km, 1.0, pole_local)
    return max(up_in, ray.eye_s_km), max(up_out, ray.eye_s_km), 0.0, 0.0


def march(emission: Callable[[Array], Array], ray: Ray, s_from_km: float, s_to_km: float, n: int) -> Array:
    """Column emission (k,), rayleigh, of a piece of the ray by n midpoints.

    `emission` maps positions (n, 3), km, local frame, to volume emission rates (n, k), photon cm-3 s-1.
    """
    step = (s_to_km - s_from_km) / n
    s: Array = s_from_km + (np.arange(n, dtype=np.float64) + 0.5) * step
    values = emission(ray.at(s))
    return np.asarray(0.1 * max(step, 0.0) * values.sum(axis=0))
