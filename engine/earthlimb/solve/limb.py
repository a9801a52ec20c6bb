"""The time at which the limb of a solved photograph stands where it is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro.earth_rotation import rot_itrs_from_gcrs
from earthlimb.astro.element_set import Elements
from earthlimb.astro.orbit import station_state
from earthlimb.astro.timescale import Instant
from earthlimb.physics.geometry import tangent_km
from earthlimb.physics.lens import Lens
from earthlimb.solve.limb_edges import EDGE_KM, edge_directions

Array = NDArray[np.float64]

_EDGE_SIGMA_KM = 2.5
"""How far the airglow's edge lies from EDGE_KM on one night or another."""
_WAVES_KM = 2.0
"""Heights of a true edge scatter by 1 to 2 km along the limb: waves, differences of climate."""
_INDEPENDENT = 5.0
"""Pieces of a limb in one picture whose heights are independent: waves are hundreds of kilometres long."""
_COARSE_S = 150.0
_FEWEST_SECTORS = 5
_MOST_SCATTER_KM = 6.0
"""Far beyond the search the fit settles on a slope that does not hold: scatter of the heights at most."""
_RIVAL = 0.75
"""Another time, far away, at which this share of the sectors agrees makes the limb ambiguous."""
_RIVAL_S = 25.0
_MOST_SIGMA_S = 8.0


@dataclass(frozen=True, eq=False)
class LimbTime:
    """What the limb says.

    Attributes
    ----------
    shift_s, sigma_s : float
        What is to be added to the camera's time, and its standard error [s].
    edge_km : float
        Height of the airglow's upper edge at that time [km].
    scatter_km : float
        Scatter of the edge's height along the limb [km].
    """

    shift_s: float
    sigma_s: float
    edge_km: float
    scatter_km: float


def limb_time(
    values: NDArray[np.float32],
    rot_cam_from_gcrs: Array,
    lens: Lens,
    elements: Elements,
    instant: Instant,
    reach_s: float,
) -> LimbTime | None:
    """The shift of time that brings the airglow's edge level to its height, or None when the limb does not tell.

    Parameters
    ----------
    values : (h, w) float32
        Green channel, 0 to 1.
    rot_cam_from_gcrs : (3, 3)
    lens : Lens
    elements : Elements
    instant : Instant
        The camera's time.
    reach_s : float
        Largest shift [s].

    Notes
    -----
    The nadir turns by 0.065 degrees a second among the stars, so an edge ahead rises by 2.6 km and one abeam tilts. The
    airglow's height is known to 3 km, that of its foot, where the air dims it, to 2: both and the tilt are weighed.
    """
    sight = _Sight(values, rot_cam_from_gcrs, lens, elements, instant)
    rough = _rough(sight, reach_s)
    if rough is None:
        return None
    centre, result = rough, None
    for half_s in (8.0, 5.0, 4.0):  # sectors follow the limb of the last round
        edge = sight.edge(centre)
        if len(edge) < _FEWEST_SECTORS:
            return None
        result = _fine(sight, edge, centre, half_s)
        if result is None:
            return None
        centre = result.shift_s
    if result is None or result.scatter_km > _MOST_SCATTER_KM or abs(result.shift_s) > reach_s:
        return None
    return result if result.sigma_s <= _MOST_SIGMA_S else None


@dataclass(frozen=True, eq=False)
class _Sight:
    """A picture whose pose is known, and the orbit."""

    values: NDArray[np.float32]
    rot: Array
    lens: Lens
    elements: Elements
    instant: Instant

    def edge(self, shift_s: float) -> Array:
        """Directions of the edge around where the limb stands at a shift."""
        pos_gcrs_km = station_state(self.elements, self.instant.shifted(shift_s)).pos_gcrs_km
        return edge_directions(self.values, self.rot, self.lens, pos_gcrs_km)

    def heights(self, dirs_gcrs: Array, shifts_s: Array) -> Array:
        """Tangent heights (shifts, directions) [km]."""
        rows = []
        for shift_s in shifts_s:
            instant = self.instant.shifted(float(shift_s))
            state = station_state(self.elements, instant)
            rows.append(tangent_km(state.pos_itrs_km, dirs_gcrs @ rot_itrs_from_gcrs(instant).T)[0])
        return np.array(rows)


def _rough(sight: _Sight, reach_s: float) -> float | None:
    """The one shift at which the edge lies level at about its height, or None when there is none or more than one."""
    found: list[tuple[float, float]] = []
    n = max(int(np.ceil((reach_s - 0.7 * _COARSE_S) / _COARSE_S)), 0)
    for k in range(-n, n + 1):
        middle = k * _COARSE_S
        upper = sight.edge(middle)
        if len(upper) < _FEWEST_SECTORS:
            continue
        # the same limb may be found from a neighbour's middle too: the steps overlap
        shifts = middle + np.arange(-0.7 * _COARSE_S, 0.7 * _COARSE_S + 1.0, 2.0)
        off = (sight.heights(upper, shifts) - EDGE_KM) / 4.0
        level = np.sum(np.exp(-0.5 * off * off), axis=1)
        best = int(np.argmax(level))
        if level[best] >= max(_FEWEST_SECTORS - 1.0, 0.4 * len(upper)):
            found.append((float(level[best]), float(shifts[best])))
    if not found:
        return None
    top, shift_s = max(found)
    rivals = [share for share, other in found if abs(other - shift_s) > _RIVAL_S]
    return None if rivals and max(rivals) > _RIVAL * top else shift_s


def _fine(sight: _Sight, edge: Array, centre_s: float, half_s: float) -> LimbTime | None:
    shifts = centre_s + np.arange(-half_s, half_s + 0.25, 0.5)
    upper = sight.heights(edge, shifts)
    edge_km = np.median(upper, axis=1)
    scatter_km = 1.4826 * np.median(np.abs(upper - edge_km[:, None]), axis=1)
    cost = _tilt_cost(upper, edge_km) + ((edge_km - EDGE_KM) / _EDGE_SIGMA_KM) ** 2
    best = int(np.argmin(cost))
    if best in (0, len(shifts) - 1):
        if half_s < 8.0:
            return None
        best = min(max(best, 1), len(shifts) - 2)
    # a parabola through points 2 s around: medians make the cost rough
    near = np.abs(shifts - shifts[best]) <= 2.0
    a, b, _ = np.polyfit(shifts[near] - shifts[best], cost[near], 2)
    if a <= 0.0:
        return None
    shift_s = float(shifts[best] + np.clip(-0.5 * b / a, -2.0, 2.0))

    def at(values: Array) -> float:
        return float(np.interp(shift_s, shifts, values))

    return LimbTime(shift_s, float(a**-0.5), at(edge_km), at(scatter_km))


def _tilt_cost(upper: Array, edge_km: Array) -> Array:
    """Departure of the edge from a level line, as chi squared of a few independent pieces."""
    off = np.clip((upper - edge_km[:, None]) / _WAVES_KM, -4.0, 4.0)
    return np.asarray(np.mean(off * off, axis=1) * _INDEPENDENT)
