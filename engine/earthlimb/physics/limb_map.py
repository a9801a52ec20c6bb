"""Coordinates of the limb map, float64 twin of shaders/lib/limb_map.glsl: azimuth by depth of look.

Emission columns change within a kilometre of tangent height and hardly within a degree of azimuth. The march
therefore runs on a small map of (azimuth, depth) and the picture reads it. Rows are spaced by what happens there:
0.4 km of tangent height at the layers, 1 km through the lower air, coarse steps above and below.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

COLUMNS_PER_RAD = 45.0
_Q_TOP_KM, _Q_LAYER_KM, _Q_LOW_KM = 141.0, 66.0, -50.0
_ROWS_ZENITH, _ROWS_HIGH, _ROWS_LAYER, _ROWS_AIR, _ROWS_DOWN = 16, 120, 190, 116, 72
_FINE_Q_LAYER_KM = 50.0
_FINE_ROWS_ZENITH, _FINE_ROWS_HIGH, _FINE_ROWS_LAYER, _FINE_ROWS_AIR = 48, 1200, 1820, 100
"""For thin layers of a user's profile: 0.05 km of tangent height wherever the low table reaches, 0.5 km above.
Between its rows a layer 1 km wide is within 0.3 % of its peak, 2 km 0.1 %, the cusp of a slab 0.2 % (rows 0.4 km
apart: 6, 1.6 and 4 %)."""
_Q_CLEAR_KM, _Q_BLOCKED_KM = 85.0, -12.0
"""Tangent heights above which the air is clear (transmission 0.9997 at 75 km) and below which the ground stands in
front, on the safe side of the 8 km by which the ellipsoid leaves the reference sphere within view."""
MIN_EYE_ALTITUDE_KM = 200.0
"""Below this the knots would cross; the eye then sees the layers from near or inside and every pixel marches."""


@dataclass(frozen=True)
class LimbMap:
    """What the map of one frame spans; fields as in the shader's struct.

    Attributes
    ----------
    centre_rad : azimuth of the middle column, from north towards east
    n_columns : int
    full_circle : the columns close on themselves
    row_range : first and last row that the picture needs
    eye_radius_km, reference_km : distance of the eye, radius from which tangent heights q count
    fine : rows are close enough for thin layers
    """

    centre_rad: float
    n_columns: int
    full_circle: bool
    row_range: tuple[int, int]
    eye_radius_km: float
    reference_km: float
    fine: bool = False

    @property
    def _spans(self) -> tuple[int, int, int, int]:
        """Rows about the zenith, above the layers, at them and below."""
        coarse = _ROWS_ZENITH, _ROWS_HIGH, _ROWS_LAYER, _ROWS_AIR
        return (_FINE_ROWS_ZENITH, _FINE_ROWS_HIGH, _FINE_ROWS_LAYER, _FINE_ROWS_AIR) if self.fine else coarse

    @property
    def n_rows(self) -> int:
        """Rows of the whole map."""
        return sum(self._spans) + _ROWS_DOWN + 1

    @property
    def per_rad(self) -> float:
        """Columns a radian; a full circle has a whole number of them."""
        return self.n_columns / (2.0 * np.pi) if self.full_circle else COLUMNS_PER_RAD

    def z_at(self, q_km: float) -> float:
        """Vertical component of the downward ray with tangent height q."""
        c = (self.reference_km + q_km) / self.eye_radius_km
        return -float(np.sqrt(1.0 - c * c))

    @property
    def z_knots(self) -> tuple[float, float, float, float]:
        """Vertical components at z_rows."""
        return 1.0, 0.0 if self.fine else 0.34, self.z_at(_Q_TOP_KM), -1.0

    @property
    def z_rows(self) -> tuple[int, int, int, int]:
        """Rows of the knots in z."""
        return 0, self._spans[0], sum(self._spans[:2]), self.n_rows - 1

    @property
    def q_knots(self) -> tuple[float, float, float]:
        """Tangent heights at q_rows, km."""
        return _Q_TOP_KM, _FINE_Q_LAYER_KM if self.fine else _Q_LAYER_KM, _Q_LOW_KM

    @property
    def q_rows(self) -> tuple[int, int, int]:
        """Rows of the knots in q."""
        first = self.z_rows[2]
        return first, first + self._spans[2], first + self._spans[2] + self._spans[3]

    @property
    def row_air(self) -> tuple[int, int]:
        """First and last row of rays whose far leg comes through the lower air."""
        rows = np.interp([-_Q_CLEAR_KM, -_Q_BLOCKED_KM], [-v for v in self.q_knots], self.q_rows)
        return int(rows[0]), int(rows[1]) + 1

    def covers(self, other: LimbMap, within_km: float) -> bool:
        """Whether a picture that needs `other` can be read from this map: eye and ground within_km of this one's."""
        apart = (self.eye_radius_km - other.eye_radius_km, self.reference_km - other.reference_km)
        rows = self.row_range[0] <= other.row_range[0] and other.row_range[1] <= self.row_range[1]
        if not rows or self.fine != other.fine or max(abs(km) for km in apart) > within_km:
            return False
        if self.full_circle or other.full_circle:
            return self.full_circle
        away = abs((other.centre_rad - self.centre_rad + np.pi) % (2.0 * np.pi) - np.pi)
        return away * COLUMNS_PER_RAD <= 0.5 * (self.n_columns - other.n_columns)

    def widened(self, columns: int, rows: int) -> LimbMap:
        """The map with a margin of so many columns and rows on either side, for views that are still to come."""
        n_columns = self.n_columns + 2 * columns
        full = self.full_circle or n_columns > 5.5 * COLUMNS_PER_RAD
        first, last = max(self.row_range[0] - rows, 0), min(self.row_range[1] + rows, self.n_rows - 1)
        return replace(
            self,
            n_columns=round(2.0 * np.pi * COLUMNS_PER_RAD) if full else n_columns,
            full_circle=full,
            row_range=(first, last),
        )

    def seen_from(self, other: LimbMap) -> LimbMap:
        """This map read by the eye of another: each row stays at its tangent height."""
        return replace(self, eye_radius_km=other.eye_radius_km, reference_km=other.reference_km)

    def row(self, dir_local: Array) -> Array:
        """Row (...) of unit vectors (..., 3)."""
        z = dir_local[..., 2]
        q = self.eye_radius_km * np.hypot(dir_local[..., 0], dir_local[..., 1]) - self.reference_km
        k, r = self.z_knots, self.z_rows
        high = np.interp(-z, [-k[0], -k[1], -k[2]], r[:3])
        low = np.interp(-q, [-v for v in self.q_knots], self.q_rows)
        down = np.interp(-z, [-self.z_at(_Q_LOW_KM), 1.0], [self.q_rows[2], r[3]])
        return np.where(z > k[2], high, np.where(q > _Q_LOW_KM, low, down))

    def column(self, dir_local: Array) -> Array:
        """Column (...) of unit vectors (..., 3)."""
        azimuth = np.arctan2(dir_local[..., 0], dir_local[..., 1]) - self.centre_rad
        azimuth = (azimuth + np.pi) % (2.0 * np.pi) - np.pi
        return azimuth * self.per_rad + 0.5 * (self.n_columns - 1)


def limb_map_for(rays_local: Array, eye_radius_km: float, reference_km: float, fine: bool = False) -> LimbMap:
    """The map that covers the rays (h, w, 3) of a picture's outline and interior, local frame.

    The rays may be a coarse grid; a margin of two rows and columns is added.
    """
    flat = rays_local.reshape(-1, 3)
    steep = bool(np.abs(flat[:, 2]).max() > 0.98)
    centre = float(np.arctan2(flat[:, 0].sum(), flat[:, 1].sum()))
    away = (np.arctan2(flat[:, 0], flat[:, 1]) - centre + np.pi) % (2.0 * np.pi) - np.pi
    span = 2.0 * float(np.abs(away).max())
    full = steep or span > 5.5
    n_columns = round(2.0 * np.pi * COLUMNS_PER_RAD) if full else int(np.ceil(span * COLUMNS_PER_RAD)) + 5
    limb_map = LimbMap(centre, n_columns, full, (0, 0), eye_radius_km, reference_km, fine)
    rows = limb_map.row(flat[[flat[:, 2].argmax(), flat[:, 2].argmin()]])  # steeper rays lie in further rows
    last = limb_map.n_rows - 1
    top = 0 if steep and flat[:, 2].max() > 0.98 else max(int(rows.min()) - 3, 0)
    bottom = last if steep and flat[:, 2].min() < -0.98 else min(int(rows.max()) + 4, last)
    return replace(limb_map, row_range=(top, bottom))
