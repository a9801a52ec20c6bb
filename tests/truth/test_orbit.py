"""Station's orbit against skyfield and a solved photograph, with the same element sets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from skyfield.api import EarthSatellite, load
from skyfield.framelib import itrs

from earthlimb.astro.elements import parse_elements, shipped_elements
from earthlimb.astro.orbit import station_state
from earthlimb.astro.timescale import Instant
from tests.unit.test_astro_orbit import ITALY, ITALY_UTC

SOLVED_KM = (4376.320656, -2131.255536, 4735.741839)
"""ISS065-E-394522, GCRS, solved from stars and lights."""


def test_every_shipped_set_at_three_instants(validated: Callable[..., None]) -> None:
    scale = load.timescale(builtin=True)
    place, speed, fixed, count = [], [], [], 0
    for elements in shipped_elements():
        theirs = EarthSatellite(elements.line1, elements.line2, ts=scale)
        count += 1
        for hours in (-30.0, 0.0, 11.1):
            instant = elements.epoch.shifted(hours * 3600.0)
            ours, at = station_state(elements, instant), theirs.at(scale.from_datetime(instant.datetime))
            place.append(1e3 * np.linalg.norm(ours.pos_gcrs_km - at.xyz.km))
            speed.append(1e3 * np.linalg.norm(ours.vel_gcrs_km_s - at.velocity.km_per_s))
            fixed.append(1e3 * np.linalg.norm(ours.pos_itrs_km - at.frame_xyz(itrs).km))
    source = f"skyfield, {count} element sets, 3 instants each"
    validated("place in GCRS: largest distance", max(place), 2.0, source, "m")
    validated("velocity in GCRS: largest difference", max(speed), 0.01, source, "m/s")
    validated("place on the Earth: largest distance", max(fixed), 50.0, f"{source}; its UT1 is a smooth curve", "m")


def test_the_solved_photograph(validated: Callable[..., None]) -> None:
    state = station_state(parse_elements(ITALY)[0], Instant.from_iso(ITALY_UTC))
    off = 1e3 * np.linalg.norm(state.pos_gcrs_km - np.array(SOLVED_KM))
    validated("place of the Italy view", off, 10.0, "ISS065-E-394522, solved with skyfield", "m")
