"""The unresolved starlight: brightness and colour of the Milky Way by direction; twin of lib/sky.glsl."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from earthlimb.physics.photometry import S10_MAG_ARCSEC2
from earthlimb.resources import asset

Floats = NDArray[np.float64]

S10_RANGE = (20.0, 5000.0)
"""Brightness at codes 0 and 255 of the first channel, S10(V), equal ratios between."""
BV_RANGE = (0.0, 2.0)
"""Colour index B - V at codes 0 and 255 of the second channel."""


@dataclass(frozen=True)
class MilkyWay:
    """Map of the sky, J2000 equatorial: RA = 90 deg - 360 deg x / width, Dec = 90 deg - 180 deg y / height.

    Attributes
    ----------
    codes : (height, width, 2) uint8
        Brightness and colour, encoded over `S10_RANGE` and `BV_RANGE`.
    """

    codes: NDArray[np.uint8]

    def s10(self) -> Floats:
        """Brightness (height, width) in S10(V): tenth-magnitude stars per square degree."""
        return _s10(self.codes[..., 0] / 255.0)

    def bv(self) -> Floats:
        """Colour index B - V (height, width)."""
        return _bv(self.codes[..., 1] / 255.0)

    def at(self, dir_gcrs: ArrayLike) -> tuple[Floats, Floats]:
        """Brightness S10(V) and colour B - V (...) in directions (..., 3), between texels by their codes."""
        height, width = self.codes.shape[:2]
        uv = map_uv(dir_gcrs)
        x, y = uv[..., 0] * width - 0.5, np.clip(uv[..., 1] * height - 0.5, 0.0, height - 1.0)
        i, j = np.floor(x).astype(int), np.minimum(y.astype(int), height - 2)
        u, v = (x - i)[..., None], (y - j)[..., None]
        east, west = i % width, (i + 1) % width
        codes = (
            (self.codes[j, east] * (1.0 - u) + self.codes[j, west] * u) * (1.0 - v)
            + (self.codes[j + 1, east] * (1.0 - u) + self.codes[j + 1, west] * u) * v
        ) / 255.0
        return _s10(codes[..., 0]), _bv(codes[..., 1])


def _s10(code: Floats) -> Floats:
    return np.asarray(S10_RANGE[0] * (S10_RANGE[1] / S10_RANGE[0]) ** code)


def _bv(code: Floats) -> Floats:
    return np.asarray(BV_RANGE[0] + (BV_RANGE[1] - BV_RANGE[0]) * code)


def load_milky_way() -> MilkyWay:
    """The shipped map, 2048 x 1024 (A. Mellinger; see assets/SOURCES.toml)."""
    with Image.open(asset("milky_way.png")) as picture:
        return MilkyWay(np.asarray(picture, np.uint8))


def map_uv(dir_gcrs: ArrayLike) -> Floats:
    """Place (..., 2) of directions (..., 3) in the map, in widths and heights; x lies in -0.25 to 0.75.

    Examples
    --------
    >>> map_uv([0.0, 1.0, 0.0]).round(6).tolist()   # RA 90 deg on the equator: left edge, half way down
    [0.0, 0.5]
    """
    d = np.asarray(dir_gcrs, np.float64)
    ra = np.arctan2(d[..., 1], d[..., 0])
    dec = np.arctan2(d[..., 2], np.hypot(d[..., 0], d[..., 1]))
    return np.stack([0.25 - ra / (2.0 * np.pi), 0.5 - dec / np.pi], axis=-1)


def colour_table(of_sky: Callable[[Floats, Floats], Floats], n: int = 64) -> Floats:
    """Radiance of 1 S10(V) by colour: (n, 4) response channels at equal steps over `BV_RANGE`.

    Parameters
    ----------
    of_sky : callable (mag arcsec-2 (n,), B - V (n,)) -> (n, 4)
        `physics.response.Response.of_sky`.
    """
    return np.asarray(of_sky(np.full(n, S10_MAG_ARCSEC2), np.linspace(*BV_RANGE, n)))


TRANSMISSION_STEP_KM = 0.25
TRANSMISSION_TOP_KM = 100.0
TYPICAL_BV = 0.75


def transmission_table(star_response: Callable[[Floats, Floats, Floats], Floats]) -> Floats:
    """Transmission of the limb for the Milky Way by apparent height: (401, 4), from 0 in steps of 0.25 km.

    Parameters
    ----------
    star_response : callable (V, B - V, apparent height km) -> (n, 4)
        `physics.response.StarTable.response`. A star of B - V = 0.75 stands for the map's colours.
    """
    height = np.arange(0.0, TRANSMISSION_TOP_KM + 0.5 * TRANSMISSION_STEP_KM, TRANSMISSION_STEP_KM)
    v, bv = np.zeros_like(height), np.full_like(height, TYPICAL_BV)
    response = star_response(v, bv, height)
    above = star_response(v[:1], bv[:1], np.array([1e4]))
    return np.asarray(response / np.where(above == 0.0, 1.0, above))  # a camera has no scotopic channel


def sky_transmission(table: Floats, h_app_km: ArrayLike) -> Floats:
    """Transmission (..., 4) at apparent heights (...), km: 0 below the ground, as at the top above it."""
    h = np.asarray(h_app_km, np.float64)
    at = np.clip(h / TRANSMISSION_STEP_KM, 0.0, len(table) - 1.0)
    i = np.minimum(at.astype(int), len(table) - 2)
    u = (at - i)[..., None]
    return np.asarray(np.where((h < 0.0)[..., None], 0.0, table[i] * (1.0 - u) + table[i + 1] * u))
