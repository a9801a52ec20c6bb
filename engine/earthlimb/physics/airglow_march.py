"""Float64 twin of shaders/lib/airglow.glsl: the march of the emitting shells along rays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earthlimb.constants import WGS84_A_KM, WGS84_B_KM
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


@dataclass(frozen=True)
class Legs:
    """Both legs of a ray by altitude: the ray stands at altitude z at middle_km -+ sqrt(square(z)).

    The level at altitude z is taken as the ellipsoid of semi-axes a + z and b + z (0.5 m off at 100 km), whose
    crossings are the roots of a quadratic. Their squares are a quadratic in z, through three of them, to 1e-6.

    Attributes
    ----------
    middle_km : path s of the lowest point
    bottom_km, top_km : altitudes of the first and last row
    square_bottom_km2, slope_km, curve : square(z) = square_bottom + (z - bottom) (slope + curve (z - top)),
        negative where the ray stays above z
    """

    middle_km: float
    bottom_km: float
    top_km: float
    square_bottom_km2: float
    slope_km: float
    curve: float

    @classmethod
    def of(cls, ray: Ray, bottom_km: float, top_km: float, pole_local: Array) -> Legs:
        """The legs of a ray through the rows between two altitudes."""
        up = ray.eye_radius_km * pole_local[2] - ray.eye_s_km * float(ray.dir_local @ pole_local)
        along = float(ray.dir_local @ pole_local)

        def crossing(z_km: float) -> tuple[float, float]:
            a, b = WGS84_A_KM + z_km, WGS84_B_KM + z_km
            e = (a - b) * (a + b) / (b * b)
            first, half = 1.0 + e * along * along, e * up * along
            rest = (ray.p_km - a) * (ray.p_km + a) + e * up * up
            return -half / first, (half * half / first - rest) / first

        middle_km = 0.5 * (bottom_km + top_km)
        low, high, (s_km, mid) = crossing(bottom_km)[1], crossing(top_km)[1], crossing(middle_km)
        span = top_km - bottom_km
        return cls(s_km, bottom_km, top_km, low, (high - low) / span, 2.0 * (low + high - 2.0 * mid) / (span * span))

    def square_km2(self, z_km: Array) -> Array:
        """Squares (...) of the path between the lowest point and altitudes z."""
        above = z_km - self.bottom_km
        return np.asarray(self.square_bottom_km2 + above * (self.slope_km + self.curve * (z_km - self.top_km)))

    def rise_km2(self, z_km: Array) -> Array:
        """Growth (n - 1,) of the square from each altitude (n,) to the next, without the loss of a difference."""
        both = z_km[1:] + z_km[:-1] - self.bottom_km - self.top_km
        return np.asarray(np.diff(z_km) * (self.slope_km + self.curve * both))


def row_paths_km(square_km2: Array, rise_km2: Array, least_km2: float, most_km2: float) -> Array:
    """Paths (n, 2) that the lower and the upper row of an interval count for, km.

    Between two rows the emission is linear in the altitude, and the square D of the path h = sqrt(D) is, too. So the
    integral of the emission along h from h0 to h1 is

        e0 (h1 - h0) (2 h1 + h0) / (3 (h0 + h1)) + e1 (h1 - h0) (h1 + 2 h0) / (3 (h0 + h1)),

    exact for any layer, thin or wide, beside the lowest point and far from it. An eye or the lowest point between the
    rows cuts the interval at D = least or most, where the emission lies linearly between.

    Examples
    --------
    From the lowest point upwards the rate grows as h^2, whose mean is a third of its end:

    >>> row_paths_km(np.array([0.0]), np.array([9.0]), 0.0, 1e9).round(12).tolist()
    [[2.0, 1.0]]
    """
    t0 = np.clip((least_km2 - square_km2) / rise_km2, 0.0, 1.0)
    t1 = np.clip((most_km2 - square_km2) / rise_km2, 0.0, 1.0)
    h0 = np.sqrt(np.maximum(square_km2 + t0 * rise_km2, 0.0))
    h1 = np.sqrt(np.maximum(square_km2 + t1 * rise_km2, 0.0))
    both = np.maximum(h0 + h1, 1e-9)  # zero where the interval lies below the lowest point, as is t1 - t0
    share = np.maximum(t1 - t0, 0.0) * rise_km2 / (3.0 * both * both)
    w0, w1 = share * (2.0 * h1 + h0), share * (h1 + 2.0 * h0)
    return np.stack([w0 * (1.0 - t0) + w1 * (1.0 - t1), w0 * t0 + w1 * t1], axis=-1)


def march_rows(
    emission: Callable[[Array], Array],
    ray: Ray,
    rows_km: Array,
    side: float,
    pole_local: Array,
) -> Array:
    """Column emission (k,), rayleigh, of a leg (side -1 near, +1 far) ahead of the eye, from row to row.

    `emission` maps positions (n, 3), km, local frame, one at each row's altitude, to the rates (n, k) of that row,
    photon cm-3 s-1; they are linear in altitude between rows.
    """
    legs = Legs.of(ray, float(rows_km[0]), float(rows_km[-1]), pole_local)
    square = legs.square_km2(rows_km)
    eye_km = side * (ray.eye_s_km - legs.middle_km)  # the eye stands so far out on this leg
    least, most = (max(eye_km, 0.0), np.inf) if side > 0.0 else (0.0, max(eye_km, 0.0))
    paths = row_paths_km(square[:-1], legs.rise_km2(rows_km), least**2, most**2)
    weight = np.zeros(len(rows_km))
    weight[:-1] += paths[:, 0]
    weight[1:] += paths[:, 1]
    rates = emission(ray.at(legs.middle_km + side * np.sqrt(np.maximum(square, 0.0))))
    return np.asarray(0.1 * weight @ rates)
