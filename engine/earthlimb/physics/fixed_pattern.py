"""What belongs to one sensor: spread of gain and offset, hot photosites that grow with months in orbit, cosmic rays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from earthlimb.physics.exposure import CameraBody
from earthlimb.physics.sensor_model import frame_seed, normal_from_bits, random_bits

Floats = NDArray[np.float64]

BAYER_CHANNEL = ((0, 1), (1, 2))
"""Channel of the photosite in row y & 1 and column x & 1: R G over G B, as in all Nikons here."""
COSMIC_PER_CM2_S = 5.0
"""Charged particles through a sensor inside the station: estimated from its 0.25 mGy a day; 10 times in the South
Atlantic anomaly."""
COSMIC_DEPTH_UM = 5.0
"""Depth of silicon that collects charge; estimated."""
COSMIC_E_PER_UM = 80.0
"""Electron-hole pairs along a fast singly charged particle in silicon."""
_COSMIC_SPREAD = 0.4  # of the logarithm of the charge; stands for Landau's distribution
_COSMIC_LONGEST_UM = 3000.0
_STREAM_PATTERN, _STREAM_HOT, _STREAM_COSMIC = 1, 2, 3
"""Numbers that keep the draws of one seed apart."""


@dataclass(frozen=True)
class SensorPattern:
    """One sensor's pattern at one picture size; numbers of a photosite.

    Attributes
    ----------
    sensor_seed
        Which specimen of the body it is.
    prnu, dsnu_e, dark_e_s
        Spread of gain, spread of offset, mean dark current.
    hot_share, hot_mean_e_s
        Share of hot photosites, mean of their dark current.
    """

    sensor_seed: int
    photosites_long: int
    photosites_short: int
    prnu: float
    dsnu_e: float
    dark_e_s: float
    hot_share: float
    hot_mean_e_s: float


class Crop(NamedTuple):
    """Where on the sensor a picture lies that is a part of what it recorded.

    The sensor's long side is `factor` times the picture's; its middle lies at `cx_px`, `cy_px` of the picture, where
    the optical axis is.
    """

    factor: float
    cx_px: float
    cy_px: float


def sensor_pattern(
    body: CameraBody, *, sensor_seed: int, months_in_orbit: float, factor: float = 1.0
) -> SensorPattern | None:
    """The pattern of a body: a new one's times a factor, and the hot photosites of so many months in orbit.

    None where both are nothing.
    """
    if factor <= 0.0 and months_in_orbit <= 0.0:
        return None
    return SensorPattern(
        sensor_seed=sensor_seed,
        photosites_long=body.photosites_long,
        photosites_short=body.photosites_short,
        prnu=factor * body.prnu,
        dsnu_e=factor * body.dsnu_e,
        dark_e_s=factor * body.dark_e_s,
        hot_share=min(factor * body.hot_share_new + months_in_orbit * body.hot_share_per_month, 0.1),
        hot_mean_e_s=body.hot_mean_e_s,
    )


def _sensor_corner_px(
    photosites: tuple[int, int], width_px: int, height_px: int, crop: Crop | None
) -> tuple[float, float]:
    """Where the sensor's upper left corner lies in the picture, px; an upright picture has the sensor on its side."""
    scale = _long_px(width_px, height_px, crop) / photosites[0]
    long, short = scale * photosites[0], scale * photosites[1]
    wide, high = (short, long) if height_px > width_px else (long, short)
    if crop is not None:
        return crop.cx_px - 0.5 * wide, crop.cy_px - 0.5 * high
    return 0.5 * (width_px - wide), 0.5 * (height_px - high)


def _long_px(width_px: int, height_px: int, crop: Crop | None) -> float:
    """The sensor's long side in pixels of the picture."""
    return max(width_px, height_px) * (1.0 if crop is None else crop.factor)


def pattern_map(pattern: SensorPattern, width_px: int, height_px: int, crop: Crop | None = None) -> Floats:
    """(height, width, 2): gain, and offset in electrons, of every image pixel; a crop has its part of the whole's.

    Notes
    -----
    A pixel of n photosites has 1/sqrt(n) of their spread of gain and sqrt(n) times their spread of offset; a channel
    in which a share of them counts, 1/sqrt(share) and sqrt(share) of that (interface/exposure.glsl).
    """
    photosites = (pattern.photosites_long, pattern.photosites_short)
    n = (photosites[0] / _long_px(width_px, height_px, crop)) ** 2
    left, top = (0.0, 0.0) if crop is None else _sensor_corner_px(photosites, width_px, height_px, crop)
    columns, rows = np.arange(width_px) - round(left), np.arange(height_px) - round(top)
    seed = frame_seed(pattern.sensor_seed, _STREAM_PATTERN)
    z = normal_from_bits(random_bits(columns[None, :] & 0xFFFFFFFF, rows[:, None] & 0xFFFFFFFF, seed))
    return np.stack([1.0 + pattern.prnu / np.sqrt(n) * z[..., 0], pattern.dsnu_e * np.sqrt(n) * z[..., 1]], axis=-1)


def hot_photosites(pattern: SensorPattern) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Column, row and dark current [e- s-1] of the hot photosites; the same ones and more as the share grows."""
    count = pattern.photosites_long * pattern.photosites_short * pattern.hot_share
    i = np.arange(round(count))
    bits = random_bits(i & 0xFFFF, i >> 16, frame_seed(pattern.sensor_seed, _STREAM_HOT)).astype(np.float64)
    u = (bits + 0.5) / 2.0**32
    x = (u[:, 0] * pattern.photosites_long).astype(np.int64)
    y = (u[:, 1] * pattern.photosites_short).astype(np.int64)
    return x, y, -pattern.hot_mean_e_s * np.log(u[:, 2])


def binned(
    x: NDArray[np.int64],
    y: NDArray[np.int64],
    value: Floats,
    photosites: tuple[int, int],
    width_px: int,
    height_px: int,
    *,
    mosaic: bool = False,
    crop: Crop | None = None,
) -> Floats:
    """(height, width, 3) sums of what photosites hold, each in the channel of its place in the mosaic.

    The picture's long side covers the sensor's, unless it is a crop; another aspect cuts the sensor, or shows none
    beyond it. `mosaic`: each pixel holds one channel, to which all photosites below it count, as their light does.
    """
    scale = _long_px(width_px, height_px, crop) / photosites[0]
    left, top = _sensor_corner_px(photosites, width_px, height_px, crop)
    turned = height_px > width_px  # an upright picture: the sensor stands on its short side
    px = ((x + 0.5) * scale, (y + 0.5) * scale)
    column = (px[1] if turned else px[0]) + left
    row = (px[0] if turned else px[1]) + top
    inside = (column >= 0.0) & (column < width_px) & (row >= 0.0) & (row < height_px)
    at_row, at_column = row[inside].astype(int), column[inside].astype(int)
    owner = (at_row, at_column) if mosaic else (y[inside], x[inside])
    channel = np.asarray(BAYER_CHANNEL)[owner[0] & 1, owner[1] & 1]
    out = np.zeros((height_px, width_px, 3))
    np.add.at(out, (at_row, at_column, channel), value[inside])
    return out


def dark_rate_map(
    pattern: SensorPattern,
    width_px: int,
    height_px: int,
    *,
    channel_share: tuple[float, float, float] = (1.0, 1.0, 1.0),
    mosaic: bool = False,
    crop: Crop | None = None,
) -> Floats:
    """(height, width, 3) dark current of every image pixel, e- s-1: all photosites' mean and the hot ones' own.

    `channel_share`: of a pixel's photosites that count in R, G, B; `mosaic`, `crop`: see `binned`.
    """
    x, y, rate = hot_photosites(pattern)
    size = (pattern.photosites_long, pattern.photosites_short)
    n = (size[0] / _long_px(width_px, height_px, crop)) ** 2
    mean = n * pattern.dark_e_s * np.asarray(channel_share)
    return mean + binned(x, y, rate, size, width_px, height_px, mosaic=mosaic, crop=crop)


def cosmic_map(
    body: CameraBody,
    *,
    rate_cm2_s: float,
    shutter_s: float,
    seed: int,
    width_px: int,
    height_px: int,
    mosaic: bool = False,
    crop: Crop | None = None,
) -> Floats:
    """(height, width, 3) electrons of the cosmic rays of one exposure.

    Parameters
    ----------
    rate_cm2_s
        Particles through the sensor; they come from all sides, so most tracks are short.
    seed
        Of this exposure, see `frame_seed`.
    mosaic, crop
        See `binned`.

    Notes
    -----
    Through a layer of COSMIC_DEPTH_UM a particle at angle a from the normal draws a track of depth tan(a); through a
    plane come cos(a) sin(a) of them. Charge: log-normal about COSMIC_E_PER_UM along the path; heavy ions are left out.
    """
    rng = np.random.default_rng([frame_seed(seed, _STREAM_COSMIC), _STREAM_COSMIC])
    area_cm2 = body.sensor_long_mm * body.sensor_short_mm / 100.0
    n = int(rng.poisson(rate_cm2_s * area_cm2 * shutter_s))
    cos = np.sqrt(rng.uniform(1e-6, 1.0, n))
    length_um = np.minimum(COSMIC_DEPTH_UM * np.sqrt(1.0 - cos * cos) / cos, _COSMIC_LONGEST_UM)
    charge_e = COSMIC_E_PER_UM * np.hypot(length_um, COSMIC_DEPTH_UM) * rng.lognormal(0.0, _COSMIC_SPREAD, n)
    azimuth = rng.uniform(0.0, 2.0 * np.pi, n)
    start = rng.uniform(0.0, 1.0, (n, 2)) * [body.photosites_long, body.photosites_short]
    steps = np.maximum(np.ceil(2.0 * length_um / body.pitch_um), 1.0).astype(int)
    which = np.repeat(np.arange(n), steps)
    along = (np.arange(which.size) - np.repeat(np.cumsum(steps) - steps, steps) + 0.5) / steps[which]
    spread = rng.normal(0.0, 0.4, (which.size, 2))  # charge diffuses by some tenths of a photosite
    x = start[which, 0] + along * (length_um * np.cos(azimuth) / body.pitch_um)[which] + spread[:, 0]
    y = start[which, 1] + along * (length_um * np.sin(azimuth) / body.pitch_um)[which] + spread[:, 1]
    on = (x >= 0.0) & (x < body.photosites_long) & (y >= 0.0) & (y < body.photosites_short)
    size = (body.photosites_long, body.photosites_short)
    value = (charge_e / steps)[which][on]
    column, row = x[on].astype(np.int64), y[on].astype(np.int64)
    return binned(column, row, value, size, width_px, height_px, mosaic=mosaic, crop=crop)
