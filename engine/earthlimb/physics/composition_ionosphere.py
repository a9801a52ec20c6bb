"""Night-time electron density from the baked maps of the F2 layer (PyIRI, CCIR coefficients).

The maps hold critical frequency, peak height and the two thicknesses by month, solar activity,
universal time, latitude and longitude; the profile is IRI's: an Epstein layer below the peak that is
tapered to zero at 110 km, NeQuick's widening Epstein layer above. The E and F1 layers are left out:
by night they lie where 630.0 nm is quenched.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

E_PEAK_KM: Final = 110.0
LEVEL_IG12: Final = 100.0
"""Ionosonde index of the second level of the maps; the first has 0."""


def ionosonde_index(f107: float) -> float:
    """IG12 for a solar flux: F10.7 = 63.75 + 0.728 R + 0.00089 R^2, then IRI's IG12(R12)."""
    r12 = (-0.728 + np.sqrt(0.728**2 + 4 * 8.9e-4 * (max(f107, 63.75) - 63.75))) / (2 * 8.9e-4)
    return float(-11.5634 + 1.5332 * r12 - 0.0031 * r12**2)


def _month_weights(utc: datetime) -> list[tuple[int, float]]:
    """The two months (index 0 to 11) around the instant with their weights; maps stand for the 15th."""
    this = datetime(utc.year, utc.month, 15, tzinfo=UTC)
    other = this + timedelta(days=30 if utc >= this else -30)
    other = other.replace(day=15)
    weight = abs((utc - this) / (other - this))
    return [(this.month - 1, 1.0 - weight), (other.month - 1, weight)]


def _periodic_weights(angle_rad: Array, n_samples: int, waves: int) -> Array:
    """Trigonometric interpolation (n, n_samples) of samples at 2 pi k / n_samples."""
    difference = angle_rad[:, None] - 2.0 * np.pi * np.arange(n_samples) / n_samples
    k = np.arange(1, waves + 1)
    weights = 1.0 + 2.0 * np.cos(difference[..., None] * k).sum(axis=-1)
    if n_samples == 2 * waves + 2:  # the wave at the Nyquist limit, half of it each way
        weights += np.cos(difference * (waves + 1))
    return np.asarray(weights / n_samples)


def _cubic_weights(position: Array, n_samples: int) -> tuple[NDArray[np.intp], Array]:
    """Indices (n, 4) and Lagrange weights (n, 4) at fractional positions in a row of samples."""
    first = np.clip(np.floor(position).astype(np.intp) - 1, 0, n_samples - 4)
    x = position - first
    nodes = np.arange(4)
    weights = np.stack([np.prod([(x - b) / (a - b) for b in nodes if b != a], axis=0) for a in nodes], axis=-1)
    return first[:, None] + nodes, weights


def f2_layer(
    maps: NDArray[np.uint16],
    low: Array,
    step: Array,
    utc: datetime,
    lat_rad: Array,
    lon_rad: Array,
    f107: float,
) -> Array:
    """F2 layer at n places: foF2 [MHz], hmF2, thickness below, thickness above [km], shape (n, 4)."""
    level = ionosonde_index(f107) / LEVEL_IG12
    hour = utc.hour + utc.minute / 60.0 + utc.second / 3600.0
    ut_weights = _periodic_weights(np.array([2.0 * np.pi * hour / 24.0]), maps.shape[2], (maps.shape[2] - 1) // 2)
    field: Array = np.zeros((maps.shape[3], maps.shape[4], maps.shape[5]))
    for month, month_weight in _month_weights(utc):
        for i, level_weight in enumerate((1.0 - level, level)):
            daily = np.tensordot(ut_weights[0], maps[month, i].astype(float), axes=1)
            field += month_weight * level_weight * daily
    field = field * step + low
    n_lat, n_lon = maps.shape[3], maps.shape[4]
    rows, lat_weights = _cubic_weights((np.degrees(lat_rad) + 90.0) / 180.0 * (n_lat - 1), n_lat)
    lon_weights = _periodic_weights(lon_rad + np.pi, n_lon, (n_lon - 1) // 2)
    return np.asarray(np.einsum("na,nl,nalf->nf", lat_weights, lon_weights, field[rows]))


def electron_density_cm3(alt_km: Array, layer: Array) -> Array:
    """Profile (n, n_alt) [cm-3] at altitudes above 110 km from layers (n, 4)."""
    critical_mhz, peak_km, below_km, above_km = np.moveaxis(layer[..., None], -2, 0)
    peak_cm3 = 1.24e4 * np.maximum(critical_mhz, 0.1) ** 2  # plasma frequency; Nm stays positive as in PyIRI
    above_km = np.where(above_km > 0.0, above_km, 30.0)
    dh = alt_km - peak_km
    rise = np.maximum(dh, 0.0)
    widening = 1.0 + 100.0 * 0.125 * rise / (100.0 * above_km + 0.125 * rise)
    x = np.where(dh >= 0.0, rise / (above_km * widening), dh / below_km)
    epstein = 1.0 / np.cosh(np.clip(x, -60.0, 60.0) / 2.0) ** 2
    taper = 1.0 - np.clip(-dh / (peak_km - E_PEAK_KM), 0.0, 1.0) ** 4
    return np.asarray(peak_cm3 * epstein * taper)
