"""City lights seen from above: emission law, extinction, halo, sub-resolution pattern, filtering."""

from __future__ import annotations

from collections.abc import Callable

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
PATTERN_SIZE = 512
"""Side of the sub-resolution pattern, in its own texels."""
PATTERN_PER_TEXEL = 16
"""Pattern texels per texel of the map: 116 m of latitude each."""

EMISSION_FULL_RAD = np.deg2rad(22.0)
"""Elevation above which a city shines as towards the zenith."""
EMISSION_GRAZING_RAD = np.deg2rad(7.5)
"""Elevation below which the emission no longer rises."""
EMISSION_RISE = 2.0
"""Radiance gained between the two: 1.95 at 15 degrees, 2.54 at 12 degrees."""
HALO_FRACTION = 0.06
"""Share of a city's upward light, seen from the zenith in green, that air and haze scatter into its surroundings
(5 to 15 % in photographs). It varies with elevation and colour as `halo_gain`."""
HALO_SCALE_KM = 15.0
"""Distance over which that scattered light falls by e."""
SLANT_WIDTH = 1024
"""Entries of the slant table, uniform in the square root of the elevation's sine."""
BEAM, SURFACE, HALO = 0, 1, 2
"""Rows of the slant table."""


def emission_factor(elevation_rad: ArrayLike) -> Floats:
    """Radiance of a city towards `elevation_rad` over that towards the zenith, extinction apart.

    Parameters
    ----------
    elevation_rad : (...) elevation of the observer as seen from the city

    Returns
    -------
    (...) 1 above 22 degrees, rising smoothly to 3 at 7.5 degrees and below

    Notes
    -----
    A smooth law through what a photograph of Italy from orbit asks for on top of extinction: 1 above 20
    degrees, 1.8-2.0 at 15, 2.5 at 12; within 10 % of each. Nothing was measured below 10 degrees: there it
    is held. The GPU reads it from the slant table.

    >>> emission_factor(np.deg2rad([90.0, 15.0, 12.0])).round(2)
    array([1.  , 1.95, 2.54])
    """
    t = (EMISSION_FULL_RAD - np.asarray(elevation_rad, float)) / (EMISSION_FULL_RAD - EMISSION_GRAZING_RAD)
    t = np.clip(t, 0.0, 1.0)
    return np.asarray(1.0 + EMISSION_RISE * t * t * (3.0 - 2.0 * t))


def slant_elevation_rad(width: int = SLANT_WIDTH) -> Floats:
    """Elevations of the entries of a slant table, (width,) rad: dense near the horizon."""
    return np.asarray(np.arcsin((np.arange(width) / (width - 1.0)) ** 2))


def slant_table(
    transmission: Callable[[Floats, float], Floats],
    wavelength_nm: ArrayLike,
    weights: ArrayLike,
    *,
    width: int = SLANT_WIDTH,
) -> NDArray[np.float32]:
    """What the air does to light from the ground by elevation, folded with what each response channel collects.

    Parameters
    ----------
    transmission : function of (elevation_rad (n,), wavelength_nm) -> (n,), of the whole atmosphere
    wavelength_nm : (k,)
    weights : (4, k) what each channel collects at each wavelength from lamps at the top of the air; any
        scale. A channel that collects nothing gets the mean of the others' weights.

    Returns
    -------
    (3, width, 4) float32. Row BEAM: T(e) / T(zenith) times `emission_factor`, for lights whose radiance is known
    towards the zenith. Row SURFACE: T(e). Row HALO: `halo_gain` of T(e) over that of the zenith in green.
    """
    elevation = slant_elevation_rad(width)
    share = np.array(weights, float)
    dark = share.sum(axis=1) <= 0.0
    share[dark] = share[~dark].mean(axis=0)
    share /= share.sum(axis=1, keepdims=True)
    each = np.stack([np.asarray(transmission(elevation, float(w))) for w in np.ravel(wavelength_nm)], axis=1)
    # weights hold at the top of the air seen from the zenith, so the absolute row undoes that leg
    ground = share / np.maximum(each[-1], 1e-12)  # 1e-12: an opaque band must not divide by zero
    absolute = each @ (ground / ground.sum(axis=1, keepdims=True)).T
    relative = (each / np.maximum(each[-1], 1e-12)) @ share.T
    scattered = halo_gain(absolute) / halo_gain(absolute[-1, 1])
    return np.stack([relative * emission_factor(elevation)[:, None], absolute, scattered]).astype(np.float32)


def sample_slant(table: ArrayLike, sin_elevation: ArrayLike, row: int) -> Floats:
    """(n, 4) nearest entry of a slant table; at most 0.7 % off above 5 degrees. GLSL twin: `slant`."""
    tab = np.asarray(table, float)
    u = np.sqrt(np.clip(np.asarray(sin_elevation, float), 0.0, 1.0))
    out: Floats = tab[row, np.floor(u * (tab.shape[1] - 1) + 0.5).astype(int)]
    return out


def halo(coarse_radiance: ArrayLike, cos_lat: ArrayLike, cell_km: float = COARSE * TEXEL_KM) -> Floats:
    """Light scattered around cities: the coarse map convolved with an exponential of unit integral.

    Parameters
    ----------
    coarse_radiance : (h, w, c) radiance on cells of equal angle, any unit
    cos_lat : (h,) cosine of each row's latitude
    cell_km : height of a cell

    Returns
    -------
    (h, w, c) in the same unit, times HALO_FRACTION. The flux (radiance times area) of the result is
    HALO_FRACTION of that of the input, but for what leaves the window.

    Notes
    -----
    Surface density exp(-d / s) / (2 pi s^2) with s = HALO_SCALE_KM. By FFT per channel on a plane whose
    east-west step is that of the middle row; rows are weighted by cos(lat) before and after, which keeps the
    flux.
    """
    field = np.asarray(coarse_radiance, float)
    height, width, _ = field.shape
    cos = np.maximum(np.asarray(cos_lat, float), 0.05)[:, None]
    pad = int(np.ceil(6.0 * HALO_SCALE_KM / cell_km))
    ny, nx = height + 2 * pad, width + 4 * pad
    y = np.fft.fftfreq(ny, 1.0 / ny)[:, None] * cell_km
    x = np.fft.fftfreq(nx, 1.0 / nx)[None, :] * cell_km * float(cos[height // 2, 0])
    kernel = np.exp(-np.hypot(x, y) / HALO_SCALE_KM)
    transfer = np.fft.rfft2(kernel / kernel.sum())
    out = np.empty_like(field)
    for channel in range(field.shape[2]):
        spectrum = np.fft.rfft2(field[:, :, channel] * cos, s=(ny, nx))
        out[:, :, channel] = np.fft.irfft2(spectrum * transfer, s=(ny, nx))[:height, :width] / cos
    return np.asarray(HALO_FRACTION * np.maximum(out, 0.0))  # the FFT leaves -1e-16 of the maximum in the dark


def halo_gain(transmission: ArrayLike) -> Floats:
    """Scattered light that leaves the air, over what a source as strong as at the ground would give in endless air.

    Parameters
    ----------
    transmission : (...) of the whole atmosphere along the line of sight

    Returns
    -------
    (...) from 0 in clear air over a maximum of 0.30 at a transmission of 0.17 to 0 in opaque air

    Notes
    -----
    Formal solution for a source function that falls linearly with optical depth above the ground, as light from
    the ground does that thins out within half the air's scale height: (1 - (1 + x) T) / x with x = -ln T.
    The GPU reads it from the slant table.

    >>> halo_gain([0.8, 0.4, 0.1]).round(3)
    array([0.096, 0.255, 0.291])
    """
    # 0.999: thinner air would lose the difference to rounding; 1e-30: the horizon may be opaque to the last bit
    t = np.clip(np.asarray(transmission, float), 1e-30, 0.999)
    depth = -np.log(t)
    return np.asarray((1.0 - (1.0 + depth) * t) / depth)


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

    Returns
    -------
    (n,) nW cm-2 sr-1
    """
    at = np.asarray(texel, float)
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
