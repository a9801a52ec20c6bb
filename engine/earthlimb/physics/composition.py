"""Temperature and composition of the air by altitude at an instant and places, 60 to 600 km.

Two sources: the baked table (NRLMSIS 2.1 as harmonic coefficients, within a few parts in a thousand
of the model), or NRLMSIS itself when the optional package pymsis is installed. Electrons always come
from the baked maps of PyIRI.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from earthlimb.physics.chemistry import Air
from earthlimb.physics.composition_basis import linear_basis, thermosphere_features
from earthlimb.physics.composition_ionosphere import electron_density_cm3, f2_layer
from earthlimb.physics.composition_nodes import high_altitudes_km, low_altitudes_km, spline_matrix
from earthlimb.resources import asset

Array = NDArray[np.float64]
Source = Literal["auto", "table", "msis"]

F107_RANGE = (60.0, 260.0)
"""Solar flux between which the table is interpolated; beyond it is held."""


@dataclass(frozen=True)
class Composition:
    """Air on both emission grids at n places.

    Attributes
    ----------
    low : Air
        Arrays (n, 281), 60 to 130 km.
    high : Air
        Arrays (n, 236), 130 to 600 km.
    ne_high_cm3 : array (n, 236)
        Electron density by night.
    source : str
        `"table"` or `"msis"`.
    """

    low: Air
    high: Air
    ne_high_cm3: Array
    source: str


@dataclass(frozen=True)
class _Table:
    alt_nodes_km: Array
    f107_levels: Array
    coefficients: Array
    thermosphere: Array
    thermosphere_mean: Array
    coefficients_storm: Array
    thermosphere_storm: Array
    coefficients_daily: Array
    thermosphere_daily: Array
    daily_excess: Array
    ap_nodes: Array
    ap_response: Array
    f2_maps: NDArray[np.uint16]
    f2_low: Array
    f2_step: Array


@cache
def _table() -> _Table:
    with np.load(asset("composition.npz")) as data:
        quantum = float(data["quantum"])
        fields = {k: data[k] for k in data.files if k != "quantum"}
    for key, value in fields.items():
        if key.startswith("coefficients"):
            fields[key] = value * quantum
        elif key.startswith("thermosphere") and key != "thermosphere_mean":
            fields[key] = value * (1e3 * quantum)
    return _Table(**fields)


@cache
def _splines(nodes: tuple[float, ...]) -> tuple[Array, Array]:
    """Matrices from the nodes to the low and the high grid."""
    x = np.asarray(nodes)
    return spline_matrix(x, low_altitudes_km()), spline_matrix(x, high_altitudes_km())


def _lagrange(x: float, nodes: Array) -> Array:
    """Weights of the polynomial through all nodes at x."""
    return np.array([np.prod([(x - b) / (a - b) for b in nodes if b != a]) for a in nodes])


def _table_nodes(
    day: float, ut_h: float, lat_rad: Array, lon_rad: Array, f107: float, f107a: float, ap: float
) -> Array:
    """1000/T and ln of four densities at the table's nodes, shape (n, 5, n_nodes)."""
    table = _table()
    mean_flux = float(np.clip(f107a, *F107_RANGE))
    solar = _lagrange(mean_flux, table.f107_levels)
    storm = float(np.interp(ap, table.ap_nodes, table.ap_response))
    daily = (float(np.clip(f107, *F107_RANGE)) - mean_flux) / float(table.daily_excess)
    coefficients = np.tensordot(solar, table.coefficients, axes=1)
    coefficients += storm * table.coefficients_storm + daily * table.coefficients_daily
    thermosphere = np.tensordot(solar, table.thermosphere, axes=1)
    thermosphere += storm * table.thermosphere_storm + daily * table.thermosphere_daily
    basis = linear_basis(lat_rad, lon_rad, np.full(lat_rad.shape, day), np.full(lat_rad.shape, ut_h))
    full = np.concatenate(
        [basis, thermosphere_features(basis @ thermosphere, solar @ table.thermosphere_mean)], axis=-1
    )
    return np.asarray((full @ coefficients.reshape(full.shape[1], -1)).reshape(-1, *coefficients.shape[1:]))


def _air(nodes: Array, spline: Array) -> Air:
    field = nodes @ spline.T
    density = np.exp(field[:, 1:])
    return Air(1e3 / field[:, 0], density[:, 0], density[:, 1], density[:, 2], density[:, 3])


def msis_installed() -> bool:
    """Whether the optional package pymsis can be imported."""
    try:
        import pymsis  # noqa: F401
    except ImportError:
        return False
    return True


def composition(
    utc: datetime,
    lat_rad: Array,
    lon_rad: Array,
    f107: float,
    f107a: float,
    ap: float,
    source: Source = "auto",
) -> Composition:
    """Air at one instant over n places.

    Parameters
    ----------
    utc : datetime
        With a zone.
    lat_rad, lon_rad : array (n,)
        Geodetic latitude and longitude [rad].
    f107, f107a : float
        Solar flux at 10.7 cm of the day before and its 81-day mean [solar flux units].
    ap : float
        Daily geomagnetic index.
    source : str
        `"auto"` takes NRLMSIS itself where pymsis is installed and has sound numbers, else the table.

    Returns
    -------
    Composition

    Notes
    -----
    The table follows NRLMSIS 2.1 to 0.1-0.2 % rms in every density between 78 and 300 km (worst 1-2 %)
    for any place, day and hour; below 78 km hydrogen goes on with its slope, where NRLMSIS has none.
    """
    utc = utc.astimezone(UTC)
    lat_rad = np.atleast_1d(np.asarray(lat_rad, dtype=np.float64))
    lon_rad = np.atleast_1d(np.asarray(lon_rad, dtype=np.float64))
    ut_h = utc.hour + utc.minute / 60.0 + (utc.second + utc.microsecond * 1e-6) / 3600.0
    use_msis = source == "msis" or (source == "auto" and msis_installed())
    if use_msis:
        from earthlimb.physics.composition_msis import NODES_KM, msis_nodes

        nodes_km, nodes = NODES_KM, msis_nodes(utc, lat_rad, lon_rad, f107, f107a, ap)
        # where the day's flux is far from its mean (500 against 50) NRLMSIS has negative and infinite temperatures
        inverse_t = nodes[:, 0]
        sound = np.isfinite(nodes).all() and inverse_t.min() > 1e3 / 5000.0 and inverse_t.max() < 1e3 / 100.0
        use_msis = source == "msis" or bool(sound)
    if not use_msis:
        day = utc.timetuple().tm_yday + ut_h / 24.0
        nodes_km, nodes = _table().alt_nodes_km, _table_nodes(day, ut_h, lat_rad, lon_rad, f107, f107a, ap)
    to_low, to_high = _splines(tuple(nodes_km))
    table = _table()
    layer = f2_layer(table.f2_maps, table.f2_low, table.f2_step, utc, lat_rad, lon_rad, f107)
    ne = electron_density_cm3(high_altitudes_km(), layer)
    return Composition(_air(nodes, to_low), _air(nodes, to_high), ne, "msis" if use_msis else "table")
