"""When the station passes a place, a region or a star in darkness."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro.track import Track
from earthlimb.constants import WGS84_A_KM, WGS84_B_KM, WGS84_F

Array = NDArray[np.float64]
Margins = Callable[[Array], Array]
"""How far each condition is met (n, m) [rad] at times (n,) [s]: a pass is where all are positive."""

HORIZON_RAD = math.radians(3.0)
"""Least elevation of the station above a place's horizon."""
SUN_AT_PLACE_RAD = math.radians(-12.0)
"""Highest Sun at a place."""
STAR_BAND_RAD = math.radians(10.0)
"""A star counts up to that far above the hard limb."""
_COARSE_S = 60.0
_FINE_S = 1.0
_CHUNK = 20_000
_FASTEST_RAD_S = math.radians(0.08)
"""How fast a condition can change near its edge: a star's height above the limb by the orbit's rate, 0.066 degrees a
second; the station's elevation within 10 degrees of the horizon by less."""


@dataclass(frozen=True, slots=True)
class Span:
    """One pass: times of its start, its best moment and its end [s]."""

    start_s: float
    best_s: float
    end_s: float


def find_spans(margins: Margins, best: Margins, duration_s: float) -> list[Span]:
    """All passes from 0 to a duration [s].

    Parameters
    ----------
    margins : callable
        Conditions; each may rise by `_FASTEST_RAD_S` near its edge.
    best : callable
        A quantity (n,) that is largest in the best moment.
    duration_s : float

    Notes
    -----
    Samples every minute find where all conditions could be met between two of them; there samples every second find the
    passes, and bisection their ends to 1 ms. A pass that touches its condition for less than a second between two
    samples may be missed.
    """
    spans: list[Span] = []
    slack = _COARSE_S * _FASTEST_RAD_S
    windows: list[list[float]] = []
    for first in range(0, max(math.ceil(duration_s / _COARSE_S), 1), _CHUNK):
        t_s = np.arange(first, min(first + _CHUNK, math.ceil(duration_s / _COARSE_S)) + 1, dtype=np.float64)
        t_s *= _COARSE_S
        near = np.flatnonzero((margins(t_s) > -slack).all(axis=1))
        for t in t_s[near].tolist():
            if windows and t - _COARSE_S <= windows[-1][1]:
                windows[-1][1] = min(t + _COARSE_S, duration_s)
            else:
                windows.append([max(t - _COARSE_S, 0.0), min(t + _COARSE_S, duration_s)])
    for group in _groups(windows):
        spans += _spans_in(group, margins, best)
    return _joined(spans, best)


def never_together(margins: Margins, duration_s: float) -> NDArray[np.bool_]:
    """Which conditions (m,) are met at no time at all, by samples every half minute: why nothing was found."""
    t_s = np.linspace(0.0, duration_s, max(math.ceil(duration_s / 30.0), 1) + 1)
    met = [(margins(part) > 0.0).any(axis=0) for part in np.array_split(t_s, max(len(t_s) // _CHUNK, 1))]
    return ~np.any(met, axis=0)


def _groups(windows: list[list[float]]) -> list[list[list[float]]]:
    """Windows in groups whose samples make one array of a good size."""
    groups: list[list[list[float]]] = []
    length_s = math.inf
    for window in windows:
        if window[1] <= window[0]:
            continue
        if length_s > _CHUNK * _FINE_S:
            groups.append([])
            length_s = 0.0
        groups[-1].append(window)
        length_s += window[1] - window[0]
    return groups


def _spans_in(windows: list[list[float]], margins: Margins, best: Margins) -> list[Span]:
    parts = [np.append(np.arange(start, end, _FINE_S), end).astype(np.float64) for start, end in windows]
    t_s = np.concatenate(parts)
    which = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    inside = np.asarray((margins(t_s) > 0.0).all(axis=1), np.bool_)
    changes = np.flatnonzero((inside[1:] != inside[:-1]) & (which[1:] == which[:-1]))
    crossings = _bisected(margins, t_s[changes], t_s[changes + 1], inside[changes])
    limits: list[tuple[float, float]] = []
    first = 0
    for k, part in enumerate(parts):
        own = crossings[which[changes] == k].tolist()
        begins, finishes = bool(inside[first]), bool(inside[first + len(part) - 1])
        ends = [*([float(part[0])] if begins else []), *own, *([float(part[-1])] if finishes else [])]
        limits += zip(ends[::2], ends[1::2], strict=True)
        first += len(part)
    if not limits:
        return []
    within = [np.linspace(a, b, max(int(b - a) + 1, 3)) for a, b in limits]
    worth = np.split(best(np.concatenate(within)), np.cumsum([len(t) for t in within])[:-1])
    return [Span(a, float(t[int(np.argmax(w))]), b) for (a, b), t, w in zip(limits, within, worth, strict=True)]


def _bisected(margins: Margins, low_s: Array, high_s: Array, inside_low: NDArray[np.bool_]) -> Array:
    low_s, high_s = low_s.copy(), high_s.copy()
    if not low_s.size:
        return low_s
    for _ in range(10):
        middle = 0.5 * (low_s + high_s)
        same = (margins(middle) > 0.0).all(axis=1) == inside_low
        low_s, high_s = np.where(same, middle, low_s), np.where(same, high_s, middle)
    return 0.5 * (low_s + high_s)


def _joined(spans: list[Span], best: Margins) -> list[Span]:
    """Passes that the border between two windows cut, in one piece."""
    whole: list[Span] = []
    for span in spans:
        if whole and span.start_s - whole[-1].end_s < 1e-9:
            moments = np.array([whole[-1].best_s, span.best_s])
            chosen = float(moments[int(np.argmax(best(moments)))])
            whole[-1] = Span(whole[-1].start_s, chosen, span.end_s)
        else:
            whole.append(span)
    return whole


def places_itrs(lat_rad: Array, lon_rad: Array) -> tuple[Array, Array]:
    """Positions (n, 3) [km] on WGS84 and directions to the zenith (n, 3), ITRS."""
    lat, lon = np.atleast_1d(lat_rad), np.atleast_1d(lon_rad)
    up = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    e2 = WGS84_F * (2.0 - WGS84_F)
    n = WGS84_A_KM / np.sqrt(1.0 - e2 * np.sin(lat) ** 2)
    return n[:, None] * up * np.array([1.0, 1.0, 1.0 - e2]), up


def elevation_rad(station_itrs_km: Array, place_itrs_km: Array, up: Array) -> Array:
    """Elevation (n,) of the station (n, 3) above the horizon of a place (3,)."""
    towards = station_itrs_km - place_itrs_km
    return np.asarray(np.arcsin(np.clip(towards @ up / np.linalg.norm(towards, axis=1), -1.0, 1.0)))


def over_places(track: Track, lat_rad: Array, lon_rad: Array, sun_rad: float) -> tuple[Margins, Margins]:
    """Conditions and best moment of passes over one place, or over the one of several that is best placed.

    For several places the two conditions are met at one of them at least: the margins are those of the place whose
    smaller margin is largest.
    """
    places, ups = places_itrs(lat_rad, lon_rad)

    def margins(t_s: Array) -> Array:
        station, sun = track.pos_itrs_km(t_s), track.sun_dir_itrs(t_s)
        found = np.full((len(t_s), 2), -math.pi)
        for place, up in zip(places, ups, strict=True):
            pair = np.stack(
                [elevation_rad(station, place, up) - HORIZON_RAD, sun_rad - np.arcsin(np.clip(sun @ up, -1.0, 1.0))],
                axis=1,
            )
            better = pair.min(axis=1) > found.min(axis=1)
            found[better] = pair[better]
        return found

    def best(t_s: Array) -> Array:
        station, sun = track.pos_itrs_km(t_s), track.sun_dir_itrs(t_s)
        highest = np.full(len(t_s), -math.pi)
        for place, up in zip(places, ups, strict=True):
            dark = sun @ up < math.sin(sun_rad) + 1e-9
            highest = np.where(dark, np.maximum(highest, elevation_rad(station, place, up)), highest)
        return highest

    return margins, best


def limb_elevation_rad(station_km: Array, level: Array) -> Array:
    """Elevation (n,), negative, of the hard limb of WGS84 in horizontal directions (n, 3) from the station (n, 3).

    Notes
    -----
    In coordinates divided by the ellipsoid's axes the Earth is the unit sphere, and a ray along level + t up touches it
    where (p . d)2 = (p . p - 1) (d . d): a quadratic in t, the tangent of the elevation. Horizontal is here at right
    angles to the geocentric vertical.
    """
    scale = np.array([WGS84_A_KM, WGS84_A_KM, WGS84_B_KM])
    up = station_km / np.linalg.norm(station_km, axis=1, keepdims=True)
    p, h, u = station_km / scale, level / scale, up / scale

    def dot(a: Array, b: Array) -> Array:
        return np.asarray(np.einsum("ij,ij->i", a, b))

    c = dot(p, p) - 1.0
    a2 = dot(p, u) ** 2 - c * dot(u, u)
    a1 = 2.0 * (dot(p, h) * dot(p, u) - c * dot(h, u))
    a0 = dot(p, h) ** 2 - c * dot(h, h)
    return np.asarray(np.arctan((-a1 - np.sqrt(np.maximum(a1 * a1 - 4.0 * a2 * a0, 0.0))) / (2.0 * a2)))


def above_limb_rad(station_km: Array, dirs: Array) -> Array:
    """How far directions (n, 3) stand above the hard limb, seen from the station (n, 3) [rad]; straight rays."""
    up = station_km / np.linalg.norm(station_km, axis=1, keepdims=True)
    along = np.einsum("ij,ij->i", dirs, up)
    level = dirs - along[:, None] * up
    length = np.linalg.norm(level, axis=1, keepdims=True)
    level = np.where(length > 1e-12, level / np.maximum(length, 1e-12), np.cross(up, np.roll(up, 1, axis=1)))
    return np.asarray(np.arcsin(np.clip(along, -1.0, 1.0)) - limb_elevation_rad(station_km, level))


def over_star(
    track: Track, dir_at: Callable[[Array], Array], layer_km: float, sun_rad: float
) -> tuple[Margins, Margins]:
    """Conditions and best moment of a star's passes along the limb.

    Parameters
    ----------
    track : Track
    dir_at : callable
        Directions (n, 3) to the star in ITRS at times (n,) [s].
    layer_km : float
        The best moment is that at which the line of sight's lowest point is nearest to this height [km].
    sun_rad : float
        Highest Sun above the station's horizontal plane.
    """

    def margins(t_s: Array) -> Array:
        station, sun = track.pos_itrs_km(t_s), track.sun_dir_itrs(t_s)
        height = above_limb_rad(station, dir_at(t_s))
        up = station / np.linalg.norm(station, axis=1, keepdims=True)
        sun_elevation = np.arcsin(np.clip(np.einsum("ij,ij->i", sun, up), -1.0, 1.0))
        return np.stack([height, STAR_BAND_RAD - height, sun_rad - sun_elevation], axis=1)

    def best(t_s: Array) -> Array:
        station = track.pos_itrs_km(t_s)
        radius = np.linalg.norm(station, axis=1)
        dip = np.arccos(np.minimum((WGS84_A_KM + layer_km) / radius, 1.0)) - np.arccos(WGS84_A_KM / radius)
        return -np.abs(above_limb_rad(station, dir_at(t_s)) + dip)

    return margins, best
