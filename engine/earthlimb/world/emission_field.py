"""The emissions around the station on a horizontal grid: what the airglow march reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from earthlimb.constants import ALT_HIGH_KM, ALT_HIGH_STEP_KM, ALT_LOW_KM, ALT_LOW_STEP_KM, EMISSIONS
from earthlimb.physics.emission import EmissionModel
from earthlimb.physics.geometry import geodetic_from_itrs
from earthlimb.physics.waves import Waves

Array = NDArray[np.float64]

GRID_REACH = 0.72
"""Sine of the Earth-central angle at the grid's edge: rays from 430 km leave 600 km altitude 45 degrees away."""
COARSE_NODES = 13
FINE_NODES = 49
"""The chemistry is smooth over 6 degrees; the waves (600 km) need 1.7 degrees."""
SMOOTH = 0.02
"""Of an emission's peak: second differences of a table up to which the limb map's coarse rows will do. A Gaussian layer
4.2 km wide has it (33 km in the high table); 0.014 is the bend of the model's thinnest."""
ROW_TOLERANCE = 3e-3
"""Of an emission's peak: a row of a user's profile is left out where both its neighbours' line is as near as that."""
NIGHT_REFERENCE_EPOCH = 946728000.0  # POSIX time of J2000; the waves' phases count from there


@dataclass(frozen=True, eq=False)
class EmissionField:
    """Volume emission rates about the station.

    The horizontal coordinates of a point are the east and north components of its geocentric direction, from
    -GRID_REACH to GRID_REACH: no trigonometry in the march.

    Attributes
    ----------
    low : (nodes, nodes, 281, 6) float32, photon cm-3 s-1: north, east, altitude 60 to 130 km, EMISSIONS
    high : (coarse nodes, coarse nodes, 236, 6) float32, altitude 130 to 600 km
    low_bounds_km, high_bounds_km : (6, 2) altitudes between which each emission matters; equal where it gives nothing
    night_only : samples in sunlight are dark; False for emission rates of the user's own
    rows : rows of the low and of the high table between which every emission is linear, for a march that holds
        layers of any width (a profile of the user's own); None: layers 5 km wide and wider, summed at midpoints
    thin : (6,) whether a layer or an edge of each emission needs the limb map's close rows
    """

    low: NDArray[np.float32]
    high: NDArray[np.float32]
    low_bounds_km: Array
    high_bounds_km: Array
    night_only: bool
    rows: tuple[NDArray[np.intp], NDArray[np.intp]] | None = None
    thin: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(len(EMISSIONS), bool))

    def bounds_km(
        self, factors: Sequence[float], raised_km: float = 0.0
    ) -> tuple[tuple[float, float], tuple[float, float]]:
        """Altitudes in the low and in the high table between which an emission whose factor is not 0 matters.

        The low table may be raised: what leaves its altitudes is lost, and nothing comes in.
        """
        low, high = (_around(bounds, np.asarray(factors)) for bounds in (self.low_bounds_km, self.high_bounds_km))
        bottom, top = (min(max(end + raised_km, ALT_LOW_KM[0]), ALT_LOW_KM[1]) for end in low)
        return (bottom, top), high

    @property
    def rows_km(self) -> tuple[Array, Array]:
        """Altitudes of `rows`."""
        assert self.rows is not None
        low, high = (rows.astype(np.float64) for rows in self.rows)
        return ALT_LOW_KM[0] + ALT_LOW_STEP_KM * low, ALT_HIGH_KM[0] + ALT_HIGH_STEP_KM * high


def grid_directions(nodes: int) -> Array:
    """Unit vectors (nodes, nodes, 3), local frame, of the grid's nodes; rows run north, columns east."""
    x = np.linspace(-GRID_REACH, GRID_REACH, nodes)
    east, north = np.meshgrid(x, x)
    size = np.hypot(east, north)
    shrink = np.where(size > 0.98, 0.98 / np.maximum(size, 1e-9), 1.0)  # the corners lie beyond the quarter sphere
    east, north = east * shrink, north * shrink
    return np.stack([east, north, np.sqrt(1.0 - east**2 - north**2)], axis=-1)


def build_emission_field(
    model: EmissionModel, rot_local_from_itrs: Array, posix_s: float, waves: float, seed: int
) -> EmissionField:
    """Evaluate the model about the station and lay the waves over it.

    Parameters
    ----------
    model : EmissionModel
    rot_local_from_itrs : (3, 3)
    posix_s : instant, s
    waves : 0 to 1 (and above): strength of the horizontal structure
    seed : atmosphere.seed
    """
    directions = grid_directions(COARSE_NODES).reshape(-1, 3) @ rot_local_from_itrs
    lat, lon, _ = geodetic_from_itrs(directions * 6460.0)
    profiles = model.profiles(lat, lon)
    shape = (COARSE_NODES, COARSE_NODES)
    low = np.moveaxis(np.asarray(profiles.low).reshape(*shape, 6, -1), 2, 3)
    high = np.moveaxis(np.asarray(profiles.high).reshape(*shape, 6, -1), 2, 3)
    low_bounds, high_bounds = _bounds(low, ALT_LOW_KM[0], ALT_LOW_STEP_KM), _bounds(high, 130.0, 2.0)
    if waves > 0.0:
        low = _refined(low)
        fine = grid_directions(FINE_NODES).reshape(-1, 3) @ rot_local_from_itrs
        factor, rise = Waves.from_seed(seed).at(fine, posix_s - NIGHT_REFERENCE_EPOCH)
        low = _displaced(low, (rise * waves).reshape(FINE_NODES, FINE_NODES, 6))
        low = low * (factor.reshape(FINE_NODES, FINE_NODES, 1, 6) ** waves)
        margin = waves * float(np.abs(rise).max())
        shines = low_bounds[:, 1] > low_bounds[:, 0]
        low_bounds[shines] = np.clip(low_bounds[shines] + np.array([-margin, margin]), *ALT_LOW_KM)
    rows, thin = None, np.zeros(len(EMISSIONS), bool)
    if not model.sunlit_test:  # a profile of the user's own
        peak = np.maximum(*(table.max(axis=(0, 1, 2)) for table in (low, high)))
        all_six = np.ones(len(EMISSIONS))
        low_rows, low_ends = _rows(low, peak, _around(low_bounds, all_six), ALT_LOW_KM[0], ALT_LOW_STEP_KM)
        high_rows, high_ends = _rows(high, peak, _around(high_bounds, all_six), ALT_HIGH_KM[0], ALT_HIGH_STEP_KM)
        rows = (low_rows, high_rows)
        low_bounds[:], high_bounds[:] = low_ends, high_ends  # every row is marched
        thin = (_bend(low) > SMOOTH * peak) | (_bend(high) > SMOOTH * peak)
    return EmissionField(
        low.astype(np.float32), high.astype(np.float32), low_bounds, high_bounds, model.sunlit_test, rows, thin
    )


def _bend(table: Array) -> Array:
    """Greatest second difference (6,) in altitude of a table (y, x, altitude, 6)."""
    return np.asarray(np.abs(np.diff(table, 2, axis=2)).max(axis=(0, 1, 2)))


def _rows(
    table: Array, peak: Array, bounds_km: tuple[float, float], first_km: float, step_km: float
) -> tuple[NDArray[np.intp], tuple[float, float]]:
    """Rows of a table (y, x, altitude, 6) that lines between them hold within ROW_TOLERANCE of the peaks (6,), at most
    four apart.

    Returned with the altitudes of the first and the last, which stand around the bounds.
    """
    first = int(np.floor((bounds_km[0] - first_km) / step_km))
    last = int(np.ceil((bounds_km[1] - first_km) / step_km))
    allowed = ROW_TOLERANCE * peak

    def held(low: int, high: int) -> bool:
        share = ((np.arange(low + 1, high) - low) / (high - low))[:, None]
        line = table[:, :, low, None] * (1.0 - share) + table[:, :, high, None] * share
        return bool((np.abs(table[:, :, low + 1 : high] - line).max(axis=(0, 1, 2)) <= allowed).all())

    def between(low: int, high: int) -> list[int]:
        if high - low < 2 or (high - low <= 4 and held(low, high)):
            return [low]
        middle = (low + high) // 2
        return between(low, middle) + between(middle, high)

    cells = [*range(first, last, 4), last]
    rows = np.array([row for pair in pairwise(cells) for row in between(*pair)] + [last], np.intp)
    return rows, (first_km + step_km * first, first_km + step_km * last)


def _around(bounds_km: Array, factors: Array) -> tuple[float, float]:
    """The altitudes that hold the bounds (6, 2) of all emissions that give something."""
    on = bounds_km[(bounds_km[:, 1] > bounds_km[:, 0]) & (factors > 0.0)]
    low, high = (on[:, 0].min(), on[:, 1].max()) if len(on) else (bounds_km[0, 0], bounds_km[0, 0])
    return float(low), float(high)


def _bounds(table: Array, first_km: float, step_km: float) -> Array:
    """Altitudes (6, 2) outside which an emission is below 3e-4 of its own peak (630 nm has its shell above)."""
    peak = table.max(axis=(0, 1, 2))
    share = np.divide(table.max(axis=(0, 1)), peak, out=np.zeros(table.shape[2:]), where=peak > 0.0)
    relevant = share > 3e-4
    if first_km < 100.0:
        relevant[:, 2] &= share[:, 2] > 3e-3
    last = len(relevant) - 1
    first = np.maximum(relevant.argmax(axis=0) - 1, 0)
    end = np.minimum(last - relevant[::-1].argmax(axis=0) + 1, last)
    return first_km + step_km * np.where(relevant.any(axis=0), [first, end], 0).T


def _refined(table: Array) -> Array:
    """Bilinear refinement from the coarse to the fine grid along the first two axes."""
    position = np.linspace(0.0, COARSE_NODES - 1.0, FINE_NODES)
    index = np.minimum(position.astype(int), COARSE_NODES - 2)
    share = (position - index)[:, None, None, None]
    rows = table[index] * (1.0 - share) + table[index + 1] * share
    share = share.reshape(1, -1, 1, 1)
    return np.asarray(rows[:, index] * (1.0 - share) + rows[:, index + 1] * share)


def _displaced(table: Array, rise_km: Array) -> Array:
    """The table (y, x, altitude, 6) with each profile raised by rise_km (y, x, 6), linear between rows."""
    n = table.shape[2]
    position = np.arange(n)[None, None, :, None] - rise_km[:, :, None, :] / ALT_LOW_STEP_KM
    inside = (position >= 0.0) & (position <= n - 1.0)
    position = np.clip(position, 0.0, n - 1.001)
    index = position.astype(np.int64)
    share = position - index
    below = np.take_along_axis(table, index, axis=2)
    above = np.take_along_axis(table, index + 1, axis=2)
    return np.where(inside, below * (1.0 - share) + above * share, 0.0)
