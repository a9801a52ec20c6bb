"""City lights seen from above: emission law, extinction and the halo of the air around them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.physics.lights_filter import COARSE, TEXEL_KM

Floats = NDArray[np.float64]

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
LAMPS_ON_RAD = np.deg2rad(-6.0)
"""Elevation of the Sun below which every lamp is lit; at 0 none is."""
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


def lamps_lit(sin_sun: ArrayLike) -> Floats:
    """Share of the lamps that are lit, (...), for the sine of the Sun's elevation at the place.

    All of them in the dark, none by day; towns switch through civil dusk, 6 degrees below the horizon to the horizon
    (street lamps come on at about 30 to 70 lx, which the sky has 1 to 3 degrees after sunset).

    >>> lamps_lit(np.sin(np.deg2rad([-20.0, -3.0, 5.0]))).round(2)
    array([1. , 0.5, 0. ])
    """
    t = np.clip(np.asarray(sin_sun, float) / -np.sin(LAMPS_ON_RAD) + 1.0, 0.0, 1.0)
    return np.asarray(1.0 - t * t * (3.0 - 2.0 * t))


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
