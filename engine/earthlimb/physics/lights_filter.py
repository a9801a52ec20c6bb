"""The grid of the lights map, its filtering over a pixel's footprint, and the pattern below its resolution."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

TEXEL_RAD = np.pi / 10800.0
"""Step of the lights map: one arc minute, rad."""
TEXEL_KM = 1.8532
"""One arc minute of a meridian, km (WGS84, mean over latitudes within 0.5 %)."""
COARSE = 8
"""Lamp colour and halo have one cell per COARSE x COARSE texels of the lights map."""
MAX_LEVEL = 5
"""Coarsest mip level of the lights map; the window is aligned to 2**MAX_LEVEL texels, so its levels are
exact means."""
SHARPER = 0.7
"""Width of the filter over that of the footprint: linear filtering between texels widens it again."""
SWEPT_PX = 1.0
"""Motion of the ground below this is hidden by a pixel's own footprint: the lights are sampled at one place."""
PATTERN_SIZE = 512
"""Side of the sub-resolution pattern, in its own texels."""
PATTERN_PER_TEXEL = 16
"""Pattern texels per texel of the map: 116 m of latitude each."""


def pattern(size: int = PATTERN_SIZE, seed: int = 7) -> NDArray[np.float32]:
    """What lies below the map's resolution: a periodic field of quarters and streets whose mean is 1.

    Returns
    -------
    (size, size) float32, positive, mean 1 to rounding. Log-normal with spectral slope -1 between 4 and 64
    texels
    (0.5 to 7 km): bright quarters, dark gaps, no structure at the texel itself.
    """
    rng = np.random.default_rng(seed)
    k = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :])
    band = np.where(k > 0.0, np.exp(-((k * 4.0) ** 2)) / np.maximum(k, 1.0 / 48.0), 0.0)
    noise = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((size, size))) * band, s=(size, size))
    field = np.exp(0.9 * noise / noise.std())
    return np.asarray(field / field.mean(), np.float32)


def mip_levels(image: ArrayLike, levels: int) -> list[Floats]:
    """The image and its successive 2 x 2 means, `levels` + 1 arrays; sizes must divide."""
    out = [np.asarray(image, float)]
    for _ in range(levels):
        last = out[-1]
        out.append(0.25 * (last[0::2, 0::2] + last[1::2, 0::2] + last[0::2, 1::2] + last[1::2, 1::2]))
    return out


def sample_mips(levels: list[Floats], texel: ArrayLike, lod: ArrayLike, *, wrap: bool = False) -> Floats:
    """Trilinear fetch as the GPU does it; the twin of `textureLod`.

    Parameters
    ----------
    levels : from `mip_levels`
    texel : (n, 2) column and row in texels of level 0, centres at half-integers
    lod : (n,) level, clamped to those there are
    wrap : repeat beyond the edge instead of holding it
    """
    at = np.asarray(texel, float)
    level = np.clip(np.asarray(lod, float), 0.0, len(levels) - 1.0)
    low = np.minimum(np.floor(level).astype(int), len(levels) - 1)
    out = np.zeros(len(at))
    for number, image in enumerate(levels):
        weight = np.where(low == number, 1.0 - (level - low), np.where(low == number - 1, level - low, 0.0))
        if not weight.any():
            continue
        height, width = image.shape
        x, y = at[:, 0] / 2**number - 0.5, at[:, 1] / 2**number - 0.5
        x0, y0 = np.floor(x).astype(int), np.floor(y).astype(int)
        fx, fy = x - x0, y - y0
        value = np.zeros(len(at))
        for dy, wy in ((0, 1.0 - fy), (1, fy)):
            for dx, wx in ((0, 1.0 - fx), (1, fx)):
                col, row = x0 + dx, y0 + dy
                if wrap:
                    col, row = col % width, row % height
                else:
                    col, row = np.clip(col, 0, width - 1), np.clip(row, 0, height - 1)
                value += wx * wy * image[row, col]
        out += weight * value
    return out


def footprint_texels(footprint_km: ArrayLike, along_en: ArrayLike, cos_lat: ArrayLike) -> tuple[Floats, Floats]:
    """Axes of a pixel's footprint in texels of the map.

    Parameters
    ----------
    footprint_km : (n, 2) full width across and along the direction of view
    along_en : (n, 2) unit vector east, north of that direction on the ground
    cos_lat : (n,)

    Returns
    -------
    across, along : (n, 2) vectors (column, row); a row grows southwards
    """
    size = np.asarray(footprint_km, float)
    en = np.asarray(along_en, float)
    cos = np.maximum(np.asarray(cos_lat, float), 0.05)  # nearer to the poles a column is narrower than any footprint
    east = 1.0 / (TEXEL_KM * cos)
    across = size[:, :1] * np.stack([en[:, 1] * east, en[:, 0] / TEXEL_KM], axis=1)
    along = size[:, 1:] * np.stack([en[:, 0] * east, -en[:, 1] / TEXEL_KM], axis=1)
    return across, along


def city_radiance(
    levels: list[Floats],
    pattern_levels: list[Floats] | None,
    texel: ArrayLike,
    origin_texel: tuple[int, int],
    footprint_km: ArrayLike,
    along_en: ArrayLike,
    cos_lat: ArrayLike,
    taps: int,
    path_en: ArrayLike | None = None,
) -> Floats:
    """Radiance towards the zenith, top of the air, averaged over footprints. GLSL twin: `city_radiance`.

    Parameters
    ----------
    levels : mip levels of the window's radiance, nW cm-2 sr-1
    pattern_levels : mip levels of `pattern()`, or None to leave it out
    texel : (n, 2) column and row in the window
    origin_texel : column and row of the window in the world's map, so that the pattern stays where it is
    footprint_km, along_en, cos_lat : as in `footprint_texels`
    taps : samples along the footprint; each is filtered to the longer of the short axis and its share of the
        long one
    path_en : (n, 2), optional
        Way of the place while the shutter is open, east and north, km. Where it is longer than SWEPT_PX footprints the
        result is the mean of the middles of its two halves.

    Returns
    -------
    (n,) nW cm-2 sr-1
    """
    at = np.asarray(texel, float)
    if path_en is not None:
        way, size = np.asarray(path_en, float), np.asarray(footprint_km, float)
        quarter, _ = footprint_texels(np.full_like(way, 0.25), way[:, ::-1] * [-1.0, 1.0], cos_lat)
        quarter = np.where(np.hypot(*way.T)[:, None] > SWEPT_PX * size[:, :1], quarter, 0.0)
        halves = [
            city_radiance(levels, pattern_levels, at + q, origin_texel, footprint_km, along_en, cos_lat, taps)
            for q in (quarter, -quarter)
        ]
        return np.asarray(0.5 * (halves[0] + halves[1]))
    across, along = footprint_texels(footprint_km, along_en, cos_lat)
    width = SHARPER * np.maximum(np.hypot(*across.T), np.hypot(*along.T) / taps)
    lod = np.log2(np.maximum(width, 1.0))  # 1: no level is sharper than the map itself
    fine_lod = np.log2(np.maximum(width * PATTERN_PER_TEXEL, 1.0))
    value = np.zeros(len(at))
    for tap in range(taps):
        place = at + ((tap + 0.5) / taps - 0.5) * along
        light = sample_mips(levels, place, lod)
        if pattern_levels is not None:
            fine = (place + np.array([origin_texel], float)) * PATTERN_PER_TEXEL
            light = light * sample_mips(pattern_levels, fine, fine_lod, wrap=True)
        value += light
    return value / taps
