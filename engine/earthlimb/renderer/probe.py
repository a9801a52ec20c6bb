"""What single pixels see, as the command line's probe prints it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from earthlimb.astro.places import nearest_place
from earthlimb.constants import EMISSIONS
from earthlimb.renderer.frame import Frame
from earthlimb.renderer.renderer import Renderer
from earthlimb.scene import Scene
from earthlimb.world.star_seen import star_in_pixel

_ANGLE_DIGITS, _LENGTH_DIGITS, _FIGURES = 6, 4, 6
"""Decimals of degrees (0.004") and kilometres (0.1 m), figures of light: finer than anything that they tell."""


def probe(scene: Scene, pixels: Sequence[tuple[int, int]], device: str = "auto") -> list[dict[str, Any]]:
    """What each pixel (column, row from the upper left, zero-based) sees; keys as in CONTRACT.

    Values that do not exist are None: the range of a ray that misses the ground, the star before the ground, the
    place in the sky. `hidden_by_station`: what the other keys name lies behind a frame or a module. The star is the one
    that the picture shows there, see `world.star_seen`: the brightest within the pixel, else the nearest.
    """
    with Renderer(device=device) as renderer:
        frame = renderer.render(scene, layers=True, stage="linear")
    return [_seen(frame, x, y) for x, y in pixels]


def _seen(frame: Frame, x: int, y: int) -> dict[str, Any]:
    world = frame.world
    at = np.array([x + 0.5]), np.array([y + 0.5])
    direction = world.rays_gcrs(*at)[0]
    seen = world.geometry(*at)
    hits = bool(np.isfinite(seen.range_km[0]))
    assert frame.rgb_linear is not None
    star = None if hits else star_in_pixel(world, direction)
    place = nearest_place(float(seen.lat_rad[0]), float(seen.lon_rad[0])) if hits else None
    return {
        "pixel": [x, y],
        "ra_deg": round(math.degrees(math.atan2(direction[1], direction[0])), _ANGLE_DIGITS) % 360.0,
        "dec_deg": round(math.degrees(math.asin(min(max(direction[2], -1.0), 1.0))), _ANGLE_DIGITS),
        "tangent_km": round(float(seen.tangent_km[0]), _LENGTH_DIGITS),
        "hits_ground": hits,
        "hidden_by_station": bool(world.hidden(*at)[0]),
        "lat_deg": round(math.degrees(seen.lat_rad[0]), _ANGLE_DIGITS),
        "lon_deg": round(math.degrees(seen.lon_rad[0]), _ANGLE_DIGITS),
        "range_km": round(float(seen.range_km[0]), _LENGTH_DIGITS) if hits else None,
        "rgb_linear": [_figures(value) for value in frame.rgb_linear[y, x].tolist()],
        "airglow_rayleigh": {name: _figures(float(frame.layer(f"airglow.{name}")[y, x])) for name in EMISSIONS},
        "nearest_star": None
        if star is None
        else {
            "name": star.name,
            "hip": star.hip,
            "vmag": round(float(star.vmag), 2),
            "separation_deg": round(math.degrees(star.separation_rad), _ANGLE_DIGITS),
        },
        "nearest_place": None
        if place is None
        else {
            "name": place.name,
            "country": place.country,
            "population": place.population,
            "distance_km": round(place.distance_km, _LENGTH_DIGITS),
        },
    }


def _figures(value: float) -> float:
    """A number in six figures.

    Examples
    --------
    >>> _figures(0.0012345678)
    0.00123457
    """
    return float(f"{value:.{_FIGURES}g}")
