"""The station and the Sun over long spans: arrays of instants at once, for searches."""

from __future__ import annotations

import erfa
import numpy as np
from numpy.typing import NDArray
from sgp4.api import SGP4_ERRORS

from earthlimb.astro import bodies
from earthlimb.astro.earth_rotation import rot_gcrs_from_teme
from earthlimb.astro.element_set import Elements
from earthlimb.astro.history import History
from earthlimb.astro.timescale import DAY_S, Instant, earth_orientation
from earthlimb.errors import WorkError

Array = NDArray[np.float64]

_NODE_S = 21600.0
"""Between the nodes of what changes slowly: the Sun's direction is then 0.5" off, nutation 0.1"."""


class Track:
    """Positions of the station between two instants.

    Parameters
    ----------
    history : History
        The set nearest in time is used at each instant.
    start : Instant
        Zero of the seconds that the methods take.
    duration_s : float

    Notes
    -----
    The same path as `astro.orbit.station_state` (SGP4, GMST 1982, polar motion), with UT1, the pole and the Sun
    interpolated between nodes of six hours.
    """

    def __init__(self, history: History, start: Instant, duration_s: float) -> None:
        self.start, self.duration_s = start, duration_s
        self._sets = history.sets
        self._epochs_s = np.array([one.epoch.minus(start) for one in self._sets])
        nodes_s = np.arange(-_NODE_S, duration_s + 2.0 * _NODE_S, _NODE_S)
        instants = [start.shifted(t) for t in nodes_s.tolist()]
        orientation = [earth_orientation(one) for one in instants]
        self._nodes_s = nodes_s
        self._ut1_tai_s = np.array([one.ut1_tai_s for one in orientation])
        self._pole_rad = np.array([(one.pole_x_rad, one.pole_y_rad) for one in orientation])
        suns = np.stack([bodies.sun_gcrs_km(one) for one in instants])
        # precession and nutation move by 0.5" a day at most: one matrix for every fourth node
        self._rot_teme = np.stack([rot_gcrs_from_teme(instants[k - k % 4]).T for k in range(len(instants))])
        self._sun_teme = np.einsum("kij,kj->ki", self._rot_teme, suns / np.linalg.norm(suns, axis=1, keepdims=True))

    def instant(self, t_s: float) -> Instant:
        """The instant of a time [s]."""
        return self.start.shifted(t_s)

    def set_at(self, t_s: float) -> Elements:
        """The element set that is used at a time [s]."""
        return self._sets[int(np.argmin(np.abs(self._epochs_s - t_s)))]

    def pos_itrs_km(self, t_s: Array) -> Array:
        """Positions (n, 3) of the station in ITRS at times (n,) [s], increasing.

        Raises
        ------
        WorkError
            SGP4 finds no orbit somewhere on the way.
        """
        t_s = np.asarray(t_s, np.float64)
        middles = 0.5 * (self._epochs_s[1:] + self._epochs_s[:-1])
        chosen = np.searchsorted(middles, t_s)
        teme = np.empty((len(t_s), 3))
        for k in range(int(chosen.min(initial=0)), int(chosen.max(initial=-1)) + 1):
            part = np.flatnonzero(chosen == k)
            if not part.size:
                continue
            satrec = self._sets[k].satrec
            days = (t_s[part] - self._epochs_s[k]) / DAY_S
            codes, pos, _ = satrec.sgp4_array(np.full(len(part), satrec.jdsatepoch), satrec.jdsatepochF + days)
            if codes.any():
                worst = int(np.flatnonzero(codes)[0])
                raise WorkError(
                    f"station: elements of {self._sets[k].epoch.utc_iso(0)} propagated to "
                    f"{self.instant(float(t_s[part[worst]])).utc_iso(0)}: "
                    f"SGP4 fails ({SGP4_ERRORS[int(codes[worst])]}): "
                    "give elements closer to that time"
                )
            teme[part] = pos
        return self._turned(teme, t_s)

    def sun_dir_itrs(self, t_s: Array) -> Array:
        """Directions (n, 3) from the Earth's centre to the Sun in ITRS at times (n,) [s]."""
        t_s = np.asarray(t_s, np.float64)
        sun = np.stack([np.interp(t_s, self._nodes_s, self._sun_teme[:, k]) for k in range(3)], axis=1)
        return self._turned(sun / np.linalg.norm(sun, axis=1, keepdims=True), t_s)

    def _turned(self, teme: Array, t_s: Array) -> Array:
        """TEME to ITRS, vectors (n, 3)."""
        ut1 = self.start.tai2 + (t_s + np.interp(t_s, self._nodes_s, self._ut1_tai_s)) / DAY_S
        gmst = erfa.gmst82(self.start.tai1, ut1)
        c, s = np.cos(gmst), np.sin(gmst)
        x, y, z = c * teme[:, 0] + s * teme[:, 1], c * teme[:, 1] - s * teme[:, 0], teme[:, 2]
        # the pole stands within 1e-6 rad of the axis: the first order is exact to 1e-12
        px, py = (np.interp(t_s, self._nodes_s, self._pole_rad[:, k]) for k in (0, 1))
        return np.stack([x + px * z, y - py * z, z - px * x + py * y], axis=1)

    def fixed_dir_itrs(self, dir_gcrs: Array, t_s: Array) -> Array:
        """Directions (n, 3) in ITRS of a direction (3,) that stands in GCRS, at times (n,) [s]."""
        t_s = np.asarray(t_s, np.float64)
        nodes = self._rot_teme @ np.asarray(dir_gcrs, np.float64)
        teme = np.stack([np.interp(t_s, self._nodes_s, nodes[:, k]) for k in range(3)], axis=1)
        return self._turned(teme, t_s)
