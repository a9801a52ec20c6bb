"""One mean element set, its propagator, and whether it can be an orbit near the Earth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from sgp4.api import WGS72, Satrec

from earthlimb.astro.timescale import DAY_S, Instant
from earthlimb.errors import UsageError

STATION_NUMBER = 25544
"""Catalogue number of the International Space Station."""
_SGP4_EPOCH = Instant.from_iso("1949-12-31T00:00:00Z")


@dataclass(frozen=True)
class Elements:
    """One mean element set in SGP4's sense, TEME of its epoch.

    Attributes
    ----------
    name : str
        Name of the object, may be empty.
    catalogue_number : int
    epoch : Instant
    inclination_rad, node_rad, perigee_rad, mean_anomaly_rad : float
        Inclination, right ascension of the ascending node, argument of perigee, mean anomaly [rad].
    eccentricity : float
    mean_motion_rev_day : float
        Revolutions per day.
    bstar : float
        Drag term, per Earth radius.
    line1, line2 : str
        The lines of a TLE; empty when the set came as an OMM.
    """

    name: str
    catalogue_number: int
    epoch: Instant
    inclination_rad: float
    node_rad: float
    eccentricity: float
    perigee_rad: float
    mean_anomaly_rad: float
    mean_motion_rev_day: float
    bstar: float
    line1: str = ""
    line2: str = ""

    @cached_property
    def satrec(self) -> Satrec:
        """The propagator, made at first use."""
        if self.line1:
            return Satrec.twoline2rv(self.line1, self.line2)
        satrec = Satrec()
        epoch_days = self.epoch.utc[0] - _SGP4_EPOCH.utc[0] + (self.epoch.utc[1] - _SGP4_EPOCH.utc[1])
        rad_min = self.mean_motion_rev_day * 2.0 * math.pi / 1440.0
        satrec.sgp4init(
            WGS72, "i", min(self.catalogue_number, 339999), epoch_days, self.bstar, 0.0, 0.0,
            self.eccentricity, self.perigee_rad, self.inclination_rad, self.mean_anomaly_rad, rad_min,
            self.node_rad,
        )  # fmt: skip
        return satrec

    def __getstate__(self) -> dict[str, object]:
        """What a copy in another process begins with: it makes a propagator of its own."""
        return {name: value for name, value in self.__dict__.items() if name != "satrec"}

    def age_days(self, instant: Instant) -> float:
        """Days from the epoch to an instant; negative when the epoch lies later."""
        return instant.minus(self.epoch) / DAY_S


def implausible(elements: Elements, any_orbit: bool = False) -> str:
    """What cannot be an orbit like the station's, or with `any_orbit` round the Earth; or an empty text.

    Notes
    -----
    Only orbits near the Earth that SGP4 handles with its near-Earth branch and whose perigee stays in
    the air's upper end pass: 11.25 to 16.6 revolutions a day, perigee above 120 km.
    """
    numbers = (
        elements.inclination_rad, elements.node_rad, elements.eccentricity, elements.perigee_rad,
        elements.mean_anomaly_rad, elements.mean_motion_rev_day, elements.bstar,
    )  # fmt: skip
    if not all(math.isfinite(number) for number in numbers):
        return "an element is not a finite number"
    if not 0.0 <= elements.inclination_rad <= math.pi:
        return f"inclination {math.degrees(elements.inclination_rad):g} deg: 0 to 180 is allowed"
    if any_orbit:
        if not 0.0 < elements.mean_motion_rev_day <= 18.0:
            return f"mean motion {elements.mean_motion_rev_day:g} revolutions a day: above 0 to 18 is allowed"
        in_range = 0.0 <= elements.eccentricity < 1.0
        return "" if in_range else f"eccentricity {elements.eccentricity:g}: 0 to below 1 is allowed"
    if not 11.25 <= elements.mean_motion_rev_day <= 16.6:
        return f"mean motion {elements.mean_motion_rev_day:g} revolutions a day: 11.25 to 16.6 is a low orbit"
    semi_major_km = (398600.8 / (elements.mean_motion_rev_day * 2.0 * math.pi / DAY_S) ** 2) ** (1.0 / 3.0)
    perigee_km = semi_major_km * (1.0 - elements.eccentricity)
    if not 0.0 <= elements.eccentricity < 1.0 or perigee_km < 6378.0 + 120.0:
        return f"eccentricity {elements.eccentricity:g}: the perigee would lie in the air or in the ground"
    if abs(elements.bstar) > 1.0:
        return f"drag term {elements.bstar:g} per Earth radius: -1 to 1 is allowed"
    return ""


def refuse_implausible(elements: Elements, place: str, any_orbit: bool = False) -> None:
    """Raise UsageError where a set cannot be such an orbit; `place` is what the message begins with."""
    fault = implausible(elements, any_orbit)
    if fault:
        raise UsageError(f"{place}: {fault}: give elements of {'a satellite' if any_orbit else 'the station'}")
