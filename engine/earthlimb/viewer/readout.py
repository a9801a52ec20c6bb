"""What stands under the cursor: height or place, sky coordinates, nearest star and town, rayleighs by line."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro.places import Place, nearest_place
from earthlimb.astro.stars import Star
from earthlimb.constants import EMISSIONS
from earthlimb.viewer.constellations import constellation_of
from earthlimb.viewer.sightline import airglow_rayleigh
from earthlimb.world import WorldState
from earthlimb.world.star_seen import star_in_pixel

EMISSION_NAMES = {
    "na589": "Na 589.0/589.6 nm",
    "oi558": "O 557.7 nm",
    "oi630": "O 630.0/636.4 nm",
    "oh": "OH 500-700 nm",
    "o2": "O2 400-560 nm",
    "continuum": "continuum 480-700 nm",
}
"""The emissions as people call them."""


@dataclass(frozen=True)
class Readout:
    """One line of sight; `range_km` and `place` are None where it misses the ground, `star` where it meets it.

    Where it ends at the station it is `hidden`: star and place are None and no light comes.

    Attributes
    ----------
    x_px, y_px : continuous picture coordinates
    tangent_km : lowest point of the straight ray above WGS84; the station's altitude where it climbs
    lat_rad, lon_rad : of the ground point, else of the tangent point
    rayleigh : (6,), in the order of EMISSIONS
    """

    x_px: float
    y_px: float
    ra_rad: float
    dec_rad: float
    tangent_km: float
    lat_rad: float
    lon_rad: float
    range_km: float | None
    star: Star | None
    place: Place | None
    rayleigh: NDArray[np.float64]
    climbs: bool = False
    hidden: bool = False


def read_pixel(world: WorldState, x_px: float, y_px: float) -> Readout:
    """What a place in the picture sees.

    Parameters
    ----------
    world : WorldState
    x_px, y_px : float
        Continuous coordinates of the lens's picture; pixel X has its centre at X + 0.5.
    """
    at = np.array([x_px]), np.array([y_px])
    direction = world.rays_gcrs(*at)[0]
    seen = world.geometry(*at)
    range_km = float(seen.range_km[0])
    hits = math.isfinite(range_km)
    lat_rad, lon_rad = float(seen.lat_rad[0]), float(seen.lon_rad[0])
    hidden = bool(world.hidden(*at)[0])
    return Readout(
        x_px=x_px,
        y_px=y_px,
        ra_rad=math.atan2(direction[1], direction[0]) % (2.0 * math.pi),
        dec_rad=math.asin(min(max(float(direction[2]), -1.0), 1.0)),
        tangent_km=float(seen.tangent_km[0]),
        lat_rad=lat_rad,
        lon_rad=lon_rad,
        range_km=range_km if hits else None,
        star=None if hits or hidden else star_in_pixel(world, direction),
        place=nearest_place(lat_rad, lon_rad) if hits and not hidden else None,
        rayleigh=np.zeros(len(EMISSIONS)) if hidden else airglow_rayleigh(world, direction),
        climbs=not hits and float(direction @ world.pos_iss_gcrs_km) >= 0.0,
        hidden=hidden,
    )


def readout_lines(readout: Readout) -> list[tuple[str, str]]:
    """(name, value with its unit) of everything the read-out tells, ready to be shown in two columns."""
    if readout.hidden:
        return [("line of sight", "ends at the station")]
    where = f"{_signed(readout.lat_rad, 'N', 'S')}, {_signed(readout.lon_rad, 'E', 'W')}"
    lines: list[tuple[str, str]] = []
    if readout.range_km is not None:
        lines.append(("ground", where))
        lines.append(("distance", f"{readout.range_km:.0f} km"))
    elif readout.climbs:
        lines.append(("line of sight", "climbs from the station"))
    else:
        lines.append(("tangent height", f"{readout.tangent_km:.1f} km"))
        lines.append(("tangent point", where))
    lines.append(("RA, Dec (GCRS)", f"{_hours(readout.ra_rad)}, {math.degrees(readout.dec_rad):+.3f}°"))
    if readout.star is not None:
        lines.append(("nearest star", _star_text(readout.star)))
    if readout.place is not None:
        place = readout.place
        people = f" ({place.population:,} people)" if place.population else ""  # the gazetteer has 0 for unknown
        text = f"{place.name}, {place.country}{people}, {place.distance_km:.0f} km away"
        lines.append(("nearest place", text))
    for name, value in zip(EMISSIONS, readout.rayleigh, strict=True):
        lines.append((EMISSION_NAMES[name], rayleigh_text(float(value))))
    return lines


def rayleigh_text(rayleigh: float) -> str:
    """A column emission with its unit, three figures.

    Examples
    --------
    >>> rayleigh_text(12345.0), rayleigh_text(0.5)
    ('12.3 kR', '0.5 R')
    """
    if abs(rayleigh) >= 1e6:
        return f"{rayleigh / 1e6:.3g} MR"
    if abs(rayleigh) >= 999.5:
        return f"{rayleigh / 1e3:.3g} kR"
    return f"{rayleigh:.3g} R"


def _star_text(star: Star) -> str:
    name = star.name or "unnamed star"
    constellation = constellation_of(star.hip)
    within = f" ({constellation})" if constellation else ""
    return f"{name}{within}, V {star.vmag:.2f} mag, {math.degrees(star.separation_rad):.2f}° away"


def _signed(angle_rad: float, positive: str, negative: str) -> str:
    return f"{abs(math.degrees(angle_rad)):.3f}° {positive if angle_rad >= 0.0 else negative}"


def _hours(ra_rad: float) -> str:
    """Right ascension in hours, minutes, seconds.

    Examples
    --------
    >>> _hours(math.radians(101.2875))
    '06h 45m 09.0s'
    """
    tenths = round(math.degrees(ra_rad) / 15.0 * 36000.0) % 864000
    return f"{tenths // 36000:02d}h {tenths // 600 % 60:02d}m {tenths % 600 / 10.0:04.1f}s"
