"""Passes of the station over a place, a region or along a star: what each is worth, and a scene for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro import bodies, frames, stars
from earthlimb.astro.earth_rotation import rot_itrs_from_gcrs
from earthlimb.astro.element_set import Elements
from earthlimb.astro.omm import omm_text
from earthlimb.astro.orbit import station_state
from earthlimb.astro.passes import (
    SUN_AT_PLACE_RAD,
    Margins,
    Span,
    above_limb_rad,
    elevation_rad,
    find_spans,
    never_together,
    over_places,
    over_star,
    places_itrs,
)
from earthlimb.astro.timescale import Instant
from earthlimb.astro.track import Track
from earthlimb.physics.geometry import tangent_km
from earthlimb.scene import Scene, load_scene
from earthlimb.world.cupola import Cupola

Array = NDArray[np.float64]

LAYER_KM = 90.0
"""A star's best moment: the sodium layer before it."""
SUN_AT_STATION_RAD = 0.0
"""For a star the Sun is below the station's horizon: the plane at right angles to its vertical."""


@dataclass(frozen=True, eq=False)
class Target:
    """What is passed: places [rad] (one, or those of a region), or a star by its index in the catalogue."""

    name: str
    lat_rad: Array | None = None
    lon_rad: Array | None = None
    star: int | None = None


@dataclass(frozen=True)
class Pass:
    """One pass; see CONTRACT, `passes --json`. Angles in degrees, as they are printed."""

    start_utc: str
    best_utc: str
    end_utc: str
    azimuth_deg: float
    tangent_km: float | None
    range_km: float
    sun_elevation_deg: float
    moon_fraction: float
    window: int
    elevation_deg: float
    """Of the station above the place's horizon; of the star above the hard limb."""
    moon_elevation_deg: float
    lat_deg: float | None
    lon_deg: float | None
    elements: Elements


def find_passes(track: Track, target: Target) -> list[Pass]:
    """All passes along a track, in the order of time.

    Raises
    ------
    WorkError
        SGP4 finds no orbit somewhere on the way.
    """
    margins, best = _conditions(track, target)
    return [_pass(track, target, span) for span in find_spans(margins, best, track.duration_s)]


def _conditions(track: Track, target: Target) -> tuple[Margins, Margins]:
    """Conditions and best moment of a target's passes."""
    if target.star is not None:
        return over_star(track, _StarPath(track, target.star).dirs_itrs, LAYER_KM, SUN_AT_STATION_RAD)
    assert target.lat_rad is not None and target.lon_rad is not None
    return over_places(track, target.lat_rad, target.lon_rad, SUN_AT_PLACE_RAD)


def why_none(track: Track, target: Target) -> str:
    """Why a search has found no pass, in words."""
    if target.star is None:
        assert target.lat_rad is not None and target.lon_rad is not None
        if len(target.lat_rad) > 1:
            return ""
        never = never_together(_conditions(track, target)[0], track.duration_s)
        reasons = ["the station never stands 3 degrees above its horizon", "the Sun never 12 degrees below it"]
    else:
        height, below, dark = never_together(_conditions(track, target)[0], track.duration_s)
        never = np.array([height or below, dark])
        reasons = ["the star never comes within 10 degrees of the limb", "the station's Sun never sets"]
    return " and ".join(text for text, so in zip(reasons, never, strict=True) if so)


class _StarPath:
    """Directions to a star in ITRS: its apparent place at the middle, turned with the Earth."""

    def __init__(self, track: Track, star: int) -> None:
        self._track, self._star = track, star

    def dirs_itrs(self, t_s: Array) -> Array:
        """Directions (n, 3) at times (n,) [s]."""
        return self._track.fixed_dir_itrs(
            _star_gcrs(self._star, self._track.instant(0.5 * self._track.duration_s)), t_s
        )


def _star_gcrs(star: int, instant: Instant) -> Array:
    catalogue = stars.load_catalogue()
    return np.asarray(stars.apparent_directions(catalogue, instant, subset=np.array([star]))[0])


def _pass(track: Track, target: Target, span: Span) -> Pass:
    instant = track.instant(span.best_s)
    elements = track.set_at(span.best_s)
    station = station_state(elements, instant)
    itrs = rot_itrs_from_gcrs(instant)
    sun_gcrs, moon_gcrs = bodies.sun_gcrs_km(instant), bodies.moon_gcrs_km(instant)
    sun, moon = itrs @ sun_gcrs, itrs @ moon_gcrs
    here = station.pos_itrs_km
    place: tuple[float, float] | None = None
    lowest: float | None = None
    if target.star is None:
        assert target.lat_rad is not None and target.lon_rad is not None
        spots, ups = places_itrs(target.lat_rad, target.lon_rad)
        elevations = np.array([elevation_rad(here[None], p, u)[0] for p, u in zip(spots, ups, strict=True)])
        dark = ups @ sun / np.linalg.norm(sun) < math.sin(SUN_AT_PLACE_RAD) + 1e-6
        k = int(np.argmax(np.where(dark, elevations, -math.pi)))
        towards, up, origin = spots[k] - here, ups[k], spots[k]
        height, range_km = float(elevations[k]), float(np.linalg.norm(towards))
        place = math.degrees(float(target.lat_rad[k])), math.degrees(float(target.lon_rad[k]))
    else:
        towards = itrs @ _star_gcrs(target.star, instant)
        up, origin = here / np.linalg.norm(here), here
        heights, ranges = tangent_km(here, towards[None])
        lowest, range_km = float(heights[0]), float(ranges[0])
        height = float(above_limb_rad(here[None], towards[None])[0])
    lvlh = frames.rot_lvlh_from_gcrs(station.pos_gcrs_km, station.vel_gcrs_km_s)
    direction = lvlh @ itrs.T @ (towards / np.linalg.norm(towards))
    body = frames.rot_body_from_gcrs(frames.attitude_named("+XVV"), np.eye(3)) @ direction
    window = max(Cupola.load().windows, key=lambda one: float(one.normal @ body)).number
    moon_there = moon - origin
    return Pass(
        start_utc=track.instant(span.start_s).utc_iso(1),
        best_utc=instant.utc_iso(1),
        end_utc=track.instant(span.end_s).utc_iso(1),
        azimuth_deg=round(math.degrees(frames.lvlh_azimuth_elevation(direction)[0]) % 360.0, 2),
        tangent_km=None if lowest is None else round(lowest, 2),
        range_km=round(range_km, 1),
        sun_elevation_deg=round(math.degrees(math.asin(float(up @ sun / np.linalg.norm(sun)))), 2),
        moon_fraction=round(bodies.lit_fraction(moon_gcrs, sun_gcrs), 3),
        window=window,
        elevation_deg=round(math.degrees(height), 2),
        moon_elevation_deg=round(math.degrees(math.asin(float(up @ moon_there / np.linalg.norm(moon_there)))), 2),
        lat_deg=None if place is None else round(place[0], 4),
        lon_deg=None if place is None else round(place[1], 4),
        elements=elements,
    )


def pass_scene(one: Pass, target: Target, max_age_days: float) -> Scene:
    """A scene for the best moment: pointed at the place, or at the star; with the elements that were used.

    Free before the cupola, so that no frame and no module hides what it is for; the window waits for `mount`.
    """
    station: dict[str, Any] = {"max_age_days": max_age_days, "tle": omm_text(one.elements)}
    if target.star is None:
        point: dict[str, Any] = {"ground": {"lat_deg": one.lat_deg, "lon_deg": one.lon_deg}}
    else:
        x, y, z = _star_gcrs(target.star, Instant.from_iso(one.best_utc))
        ra_deg = math.degrees(math.atan2(y, x)) % 360.0
        point = {"sky": {"ra_deg": round(ra_deg, 5), "dec_deg": round(math.degrees(math.asin(z)), 5)}}
    return load_scene(
        {
            "title": f"{target.name}, pass of {one.best_utc}",
            "time": {"utc": one.best_utc},
            "station": station,
            "camera": {"mount": "free", "window": one.window, "point": point},
        }
    )
