"""Sun, Moon, planets and stars around the station: those of an instant, and what lasts for a moving view."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro import bodies
from earthlimb.astro import planets as planet_bodies
from earthlimb.astro import stars as star_catalogue
from earthlimb.astro.timescale import Instant

Array = NDArray[np.float64]

LASTS_S, LASTS_KM = 10.0, 80.0
"""Time, and way of the station, for which a moving view keeps its sky. The Moon then stands up to 0.23 mrad elsewhere
by parallax, the Sun and the planets 3 microrad by their own motion, stars 0.3 microrad by aberration: a pixel of a
28 mm lens 960 wide is 1.3 mrad."""
_WHOLE_TO_VMAG = 7.0
"""As faint as stars are kept for the whole sky: 15,000, worked out in 4 ms."""


@dataclass(frozen=True, eq=False)
class StarsInView:
    """Catalogue stars around the picture, before refraction.

    Attributes
    ----------
    dir_gcrs : (n, 3), with proper motion, parallax, annual and orbital aberration
    vmag, bv : (n,)
    """

    dir_gcrs: Array
    vmag: Array
    bv: Array

    @classmethod
    def none(cls) -> StarsInView:
        """No star."""
        return cls(np.zeros((0, 3)), np.zeros(0), np.zeros(0))

    def chosen(self, index: NDArray[np.intp]) -> StarsInView:
        """Some of the stars."""
        return StarsInView(self.dir_gcrs[index], self.vmag[index], self.bv[index])


@dataclass(frozen=True, eq=False)
class Sky:
    """The sky of an instant for an observer near the Earth.

    Attributes
    ----------
    instant : Instant
    pos_gcrs_km, vel_gcrs_km_s : (3,), the observer's
    sun_gcrs_km, moon_gcrs_km : (3,), from the observer
    planets : StarsInView, all five
    """

    instant: Instant
    pos_gcrs_km: Array
    vel_gcrs_km_s: Array
    sun_gcrs_km: Array
    moon_gcrs_km: Array
    planets: StarsInView
    _whole: dict[float, StarsInView] = field(default_factory=dict, repr=False)

    @classmethod
    def at(cls, instant: Instant, pos_gcrs_km: Array, vel_gcrs_km_s: Array) -> Sky:
        """The sky of an observer's place and velocity."""
        seen = instant, pos_gcrs_km, vel_gcrs_km_s
        found = planet_bodies.planets(*seen)
        planets = StarsInView(found.dir_gcrs, found.vmag, np.array(planet_bodies.COLOUR_BV))
        return cls(*seen, bodies.sun_gcrs_km(*seen), bodies.moon_gcrs_km(*seen), planets)

    def serves(self, instant: Instant, pos_gcrs_km: Array) -> bool:
        """Whether a moving view of another instant may show this sky, see LASTS_S."""
        apart_km = float(np.abs(pos_gcrs_km - self.pos_gcrs_km).max())
        return abs(instant.minus(self.instant)) <= LASTS_S and apart_km <= LASTS_KM

    def stars(self, to_vmag: float, forward_gcrs: Array, around_rad: float) -> StarsInView:
        """Stars down to a magnitude within an angle of a direction (3,), and some more."""
        catalogue = star_catalogue.load_catalogue(to_vmag)
        near = catalogue.within_cone(forward_gcrs, around_rad)
        seen = star_catalogue.apparent_directions(catalogue, self.instant, self.vel_gcrs_km_s, near)
        return StarsInView(seen, catalogue.vmag[near], catalogue.bv[near])

    def stars_of_all(self, to_vmag: float, forward_gcrs: Array, around_rad: float) -> StarsInView:
        """As `stars`, taken from the whole sky's, which are worked out once where they are not too many."""
        if to_vmag > _WHOLE_TO_VMAG:
            return self.stars(to_vmag, forward_gcrs, around_rad)
        if to_vmag not in self._whole:
            self._whole[to_vmag] = self.stars(to_vmag, forward_gcrs, np.pi)
        whole = self._whole[to_vmag]
        return whole.chosen(np.flatnonzero(whole.dir_gcrs @ forward_gcrs >= np.cos(around_rad)))
