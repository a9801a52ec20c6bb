"""Horizontal basis of the composition table: spherical harmonics, seasons, tides, the Sun's height.

The table holds, for every altitude node, the coefficients of ln(density) and 1/temperature in this
basis. NRLMSIS itself is a sum of such terms, so a least-squares fit of about 420 of them follows it
to a part in a thousand over the whole globe, year and day; no grid over latitude, time or longitude
is needed. The bake (`assets/bake/composition.py`) and the reader use the same functions.
"""

from __future__ import annotations

from math import factorial
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MAX_DEGREE: Final = 6
YEAR_DAYS: Final = 365.25
THERMOSPHERE_SCALE: Final = (900.0, 550.0, 600.0)
"""Typical exospheric temperature, temperature at 130 km, its slope parameter [K]: units of the features."""


def _legendre(lat_rad: Array) -> dict[tuple[int, int], Array]:
    """Associated Legendre functions of sin(latitude), Schmidt-like norm, degree <= 6, order <= 3."""
    sin_lat, cos_lat = np.sin(lat_rad), np.cos(lat_rad)
    p: dict[tuple[int, int], Array] = {}
    for m in range(4):
        p[m, m] = cos_lat**m
        p[m + 1, m] = (2 * m + 1) * sin_lat * cos_lat**m
        for n in range(m + 2, MAX_DEGREE + 1):
            p[n, m] = ((2 * n - 1) * sin_lat * p[n - 1, m] - (n + m - 1) * p[n - 2, m]) / (n - m)
    return {(n, m): v * np.sqrt(factorial(n - m) / factorial(n + m)) for (n, m), v in p.items()}


def _solar_zenith_deg(lat_rad: Array, local_time_h: Array, day: Array) -> Array:
    """Solar zenith angle [deg] from Spencer's (1971) series; good to 0.1 degree."""
    g = 2.0 * np.pi * (day - 1.0) / 365.242
    declination = (
        0.006918
        - 0.399912 * np.cos(g)
        + 0.070257 * np.sin(g)
        - 0.006758 * np.cos(2 * g)
        + 0.000907 * np.sin(2 * g)
        - 0.002697 * np.cos(3 * g)
        + 0.00148 * np.sin(3 * g)
    )
    equation_of_time_h = (229.18 / 60.0) * (
        0.000075 + 0.001868 * np.cos(g) - 0.032077 * np.sin(g) - 0.014615 * np.cos(2 * g) - 0.040849 * np.sin(2 * g)
    )
    hour = 2.0 * np.pi * (local_time_h + equation_of_time_h) / 24.0
    cosine = np.sin(declination) * np.sin(lat_rad) - np.cos(declination) * np.cos(lat_rad) * np.cos(hour)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def linear_basis(lat_rad: Array, lon_rad: Array, day: Array, ut_h: Array) -> Array:
    """Basis functions at places and instants.

    Parameters
    ----------
    lat_rad, lon_rad : array (n,)
        Geodetic latitude and longitude [rad].
    day : array (n,)
        Day of the year with its fraction, 1.0 at the start of the first of January.
    ut_h : array (n,)
        Universal time [h].

    Returns
    -------
    array (n, n_linear)
    """
    p = _legendre(lat_rad)
    year = 2.0 * np.pi * day / YEAR_DAYS
    one = np.ones_like(year)
    seasons = [one, np.cos(year), np.sin(year), np.cos(2 * year), np.sin(2 * year)]
    third = [np.cos(3 * year), np.sin(3 * year)]
    local_h = ut_h + np.degrees(lon_rad) / 15.0
    tide = 2.0 * np.pi * local_h / 24.0
    ut = 2.0 * np.pi * ut_h / 24.0

    def wave(angle: Array) -> list[Array]:
        return [np.cos(angle), np.sin(angle)]

    columns: list[Array] = []
    for n in range(MAX_DEGREE + 1):  # zonal mean, its seasons, its daily march with universal time
        columns += [p[n, 0] * s for s in [*seasons, *third]]
        columns += [p[n, 0] * s * w for s in seasons for w in wave(ut)]
    for order in (1, 2, 3):  # migrating tides
        for n in range(order, MAX_DEGREE + 1):
            columns += [p[n, order] * s * w for s in seasons for w in wave(order * tide)]
    for order in (1, 2):  # stationary planetary waves
        for n in range(order, MAX_DEGREE + 1):
            columns += [p[n, order] * s * w for s in seasons for w in wave(order * lon_rad)]
    for n in range(1, 6):  # longitude with universal time: the magnetic pole
        columns += [p[n, 1] * w for k in (1, -1) for w in wave(lon_rad + k * ut)]
    for n in (3, 5):
        columns += [p[n, 2] * w for w in wave(2 * lon_rad + ut)]
    zenith_deg = _solar_zenith_deg(lat_rad, local_h, day)  # day and night of O and H
    step = -0.5 * np.tanh((zenith_deg - 98.0) / 6.0)
    wide_step = -0.5 * np.tanh((zenith_deg - 101.5) / 20.0)
    columns += [step, wide_step, step * p[2, 0], step * np.sin(lat_rad)]
    return np.stack(columns, axis=-1)


def thermosphere_features(thermosphere: Array, mean: Array) -> Array:
    """Powers of the thermosphere's temperature parameters: above 110 km the logarithms are not linear.

    Parameters
    ----------
    thermosphere : array (n, 3)
        Exospheric temperature, temperature at 130 km, slope parameter [K], from `linear_basis`.
    mean : array (3,)
        Their global mean at this solar flux [K]; powers of the departures interpolate well between fluxes.

    Returns
    -------
    array (n, 10)
    """
    q, b, g = np.moveaxis((thermosphere - mean) / np.asarray(THERMOSPHERE_SCALE), -1, 0)
    return np.stack([q * q, q * g, g * g, q * b, g * b, b * b, q**3, q * q * g, q * g * g, g**3], axis=-1)
