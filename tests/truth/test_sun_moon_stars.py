"""Sun, Moon and stars against JPL DE421 through skyfield.

tests/data/astro_*.csv, made by tests/data/astro_make_reference.py.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from earthlimb.astro.bodies import moon_gcrs_km, moon_illuminated_fraction, sun_gcrs_km
from earthlimb.astro.orbit import station_state
from earthlimb.astro.stars import apparent_directions, find_star, load_catalogue
from earthlimb.astro.timescale import Instant
from tests.truth.tables import rows
from tests.unit.test_astro_sky import angle, arcsecond, italy_elements, vector


def test_from_the_earths_centre(validated: Callable[..., None]) -> None:
    sun, moon, far, lit = [], [], [], []
    for row in rows("astro_sun_moon.csv"):
        instant = Instant.from_iso(row["utc"])
        theirs = vector(row, "moon_x", "moon_y", "moon_z")
        ours = moon_gcrs_km(instant)
        sun.append(angle(sun_gcrs_km(instant), vector(row, "sun_x", "sun_y", "sun_z")) / arcsecond)
        moon.append(angle(ours, theirs) / arcsecond)
        far.append(abs(np.linalg.norm(ours) - np.linalg.norm(theirs)))
        lit.append(abs(moon_illuminated_fraction(instant) - float(row["moon_fraction"])))
    source = f"skyfield with DE421, {len(sun)} instants 2001 to 2030"
    validated("Sun from the Earth's centre: largest error", max(sun), 1.0, source, "arcsec")
    validated("Moon from the Earth's centre: largest error", max(moon), 15.0, source, "arcsec")
    validated("Moon's distance: largest error", max(far), 20.0, source, "km")
    validated("Moon's lit fraction: largest error", max(lit), 2e-4, source)


def test_from_the_station(validated: Callable[..., None]) -> None:
    elements, catalogue = italy_elements(), load_catalogue()
    off: dict[str, list[float]] = {"Sun": [], "Moon": [], "stars": []}
    for row in rows("astro_station_sky.csv"):
        instant = Instant.from_iso(row["utc"])
        state = station_state(elements, instant)
        if row["what"] in ("Sun", "Moon"):
            body, name = (sun_gcrs_km if row["what"] == "Sun" else moon_gcrs_km), row["what"]
            ours = body(instant, state.pos_gcrs_km, state.vel_gcrs_km_s)
        else:
            index, name = find_star(catalogue, row["what"]).index, "stars"
            ours = apparent_directions(catalogue, instant, state.vel_gcrs_km_s, np.array([index]))[0]
        off[name].append(angle(ours, vector(row, "x", "y", "z")) / arcsecond)
    for name, bound in (("Sun", 1.0), ("Moon", 15.0), ("stars", 0.1)):
        claim = f"{name} from the moving station: largest error"
        validated(claim, max(off[name]), bound, f"skyfield with DE421, {len(off[name])} directions", "arcsec")
