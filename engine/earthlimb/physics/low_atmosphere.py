"""Refraction, dimming and reddening by the air below 100 km, for rays at the limb and from the ground.

Tables made by `assets/bake/low_atmosphere.py`: US Standard Atmosphere 1976, 300 DU of ozone, background
aerosol, sphere of 6371 km. They hold the amounts of air and ozone along refracted rays, so that the
transmission is exact at every wavelength: lines in the ozone band at 589 and 600 nm included.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.resources import asset

Array = NDArray[np.float64]

HARD_LIMB_KM: Final = 1.77
"""Apparent height of the ground's edge: lower lines of sight end on the Earth."""
AIR_TOP_KM: Final = 100.0

OZONE_FIRST_NM: Final = 365.0
OZONE_STEP_NM: Final = 10.0
OZONE_CM2: Final = (
    1.18e-23, 2.182e-24, 2.818e-24, 6.636e-24, 1.527e-23, 2.763e-23, 5.52e-23, 8.451e-23, 1.582e-22,
    2.316e-22, 3.669e-22, 4.924e-22, 7.752e-22, 9.016e-22, 1.48e-21, 1.602e-21, 2.139e-21, 2.755e-21,
    3.091e-21, 3.5e-21, 4.266e-21, 4.672e-21, 4.398e-21, 4.701e-21, 5.019e-21, 4.305e-21, 3.74e-21,
    3.215e-21, 2.662e-21, 2.238e-21, 1.852e-21, 1.473e-21, 1.209e-21, 9.423e-22, 7.455e-22, 6.566e-22,
    5.105e-22, 4.15e-22, 4.228e-22, 3.237e-22, 2.451e-22, 2.801e-22, 2.534e-22, 1.624e-22,
)  # fmt: skip
"""Ozone cross section at 233 K, means over 10 nm about 365, 375, ... 795 nm [cm2] (Serdyuchenko et al.
2014, University of Bremen)."""
OZONE_ANCHORS: Final = (
    (450.0, 1.73e-22),
    (550.0, 3.33e-21),
    (589.0, 4.595e-21),
    (600.0, 5.095e-21),
    (650.0, 2.45e-21),
)
"""Unaveraged values that the 10-nm means are bent to (ESO sky model; 589 and 600 nm are 1.38 and 1.53
times the value at 550 nm)."""


def rayleigh_cm2(wavelength_nm: ArrayLike) -> Array:
    """Rayleigh cross section of air with 360 ppm CO2 [cm2] (Bodhaine et al. 1999, eq. 29).

    Examples
    --------
    >>> f"{float(rayleigh_cm2(550.0)):.3e}"
    '4.510e-27'
    """
    l2 = (np.asarray(wavelength_nm, dtype=np.float64) * 1e-3) ** 2
    above = 1.0455996 - 341.29061 / l2 - 0.90230850 * l2
    return np.asarray(1e-28 * above / (1.0 + 0.0027059889 / l2 - 85.968563 * l2))


@cache
def _ozone_knots() -> tuple[Array, Array]:
    """Wavelengths [nm] and ln of the cross section: means and anchors together."""
    nm = OZONE_FIRST_NM + OZONE_STEP_NM * np.arange(len(OZONE_CM2))
    ln = np.log(OZONE_CM2)
    at, value = np.array(OZONE_ANCHORS).T
    nm_all = np.concatenate([nm, at])
    ln_all = np.concatenate([ln, np.log(value)])
    order = np.argsort(nm_all)
    return nm_all[order], ln_all[order]


def ozone_cm2(wavelength_nm: ArrayLike) -> Array:
    """Ozone cross section, 380 to 790 nm [cm2]: log-linear between `OZONE_CM2` and `OZONE_ANCHORS`."""
    nm, ln = _ozone_knots()
    return np.asarray(np.exp(np.interp(np.asarray(wavelength_nm, dtype=np.float64), nm, ln)))


@dataclass(frozen=True)
class LowAtmosphere:
    """The tables. Load once with `load`.

    Attributes
    ----------
    h_app_km : array (k,)
        Apparent heights of limb rays: impact parameter minus 6371 km, from the hard limb to 100 km.
    bending_table_rad, air_cm2, ozone_cm2 : array (k,)
        Total bending and amounts along both legs.
    aerosol_depth : array (k, 3)
        Optical depth at `aerosol_nm`.
    elevation_rad : array (m,)
        Apparent elevations at the ground, 0 to 90 degrees; `ground_*` as above for one leg.
    """

    h_app_km: Array
    bending_table_rad: Array
    air_cm2: Array
    ozone_cm2: Array
    aerosol_depth: Array
    elevation_rad: Array
    ground_bending_rad: Array
    ground_air_cm2: Array
    ground_ozone_cm2: Array
    ground_aerosol_depth: Array
    aerosol_nm: Array
    hard_limb_km: float = HARD_LIMB_KM

    @classmethod
    @cache
    def load(cls) -> LowAtmosphere:
        """Read the shipped tables, once."""
        with np.load(asset("low_atmosphere.npz")) as data:
            fields = {("bending_table_rad" if k == "bending_rad" else k): data[k] for k in data.files}
        return cls(**fields)

    @cached_property
    def _ln_bending(self) -> Array:
        return np.asarray(np.log(self.bending_table_rad))

    @cached_property
    def _bending_slope(self) -> Array:
        return np.asarray(np.gradient(self.bending_table_rad, self.h_app_km))

    def bending_rad(self, h_app_km: ArrayLike) -> Array:
        """Total bending of a limb ray [rad] at 550 nm; below the hard limb the limb's, 0 above 100 km."""
        h = np.asarray(h_app_km, dtype=np.float64)
        ln = np.interp(h, self.h_app_km, self._ln_bending)
        return np.where(h > AIR_TOP_KM, 0.0, np.exp(ln))

    def dilution(self, h_app_km: ArrayLike, distance_km: ArrayLike) -> Array:
        """Factor on a star's light because refraction spreads its bundle: 1 / (1 + D |d bending / d h|).

        Parameters
        ----------
        h_app_km : array
            Apparent height [km].
        distance_km : array
            From the eye to the tangent point [km]; broadcast.
        """
        h = np.asarray(h_app_km, dtype=np.float64)
        steepness = np.where(h > AIR_TOP_KM, 0.0, np.abs(np.interp(h, self.h_app_km, self._bending_slope)))
        return np.asarray(1.0 / (1.0 + np.asarray(distance_km, dtype=np.float64) * steepness))

    def apparent_from_geometric(self, h_geo_km: ArrayLike, distance_km: float) -> Array:
        """Apparent height of a star whose straight line passes at h_geo_km (often below the ground).

        Solves h_geo = h_app - D bending(h_app), which rises with h_app. Below the hard limb NaN: no light.
        """
        straight_km = self.h_app_km - distance_km * self.bending_table_rad
        h = np.asarray(h_geo_km, dtype=np.float64)
        inside = np.interp(h, straight_km, self.h_app_km, left=np.nan)
        return np.where(h > straight_km[-1], h, inside)

    def _aerosol(self, position: Array, grid: Array, table: Array, wavelength_nm: Array) -> Array:
        """Optical depth at positions and wavelengths (broadcast), power law between 450, 550 and 650 nm."""
        ln = [np.interp(position, grid, np.log(np.maximum(table[:, k], 1e-12))) for k in range(3)]
        ln_nm = np.log(self.aerosol_nm)
        x = np.log(wavelength_nm)
        short = ln[1] + (ln[0] - ln[1]) * (x - ln_nm[1]) / (ln_nm[0] - ln_nm[1])
        long = ln[1] + (ln[2] - ln[1]) * (x - ln_nm[1]) / (ln_nm[2] - ln_nm[1])
        return np.asarray(np.exp(np.where(wavelength_nm < self.aerosol_nm[1], short, long)))

    def transmission_limb(self, h_app_km: ArrayLike, wavelength_nm: ArrayLike, aerosol: float = 1.0) -> Array:
        """Share of light left after the whole limb path (both legs), without the dilution.

        Parameters
        ----------
        h_app_km, wavelength_nm : array
            Apparent height [km], wavelength 380 to 790 [nm]; broadcast.
        aerosol : float
            Factor on the background aerosol; 0 is clean air.

        Returns
        -------
        array
            0 below the hard limb, 1 above 100 km.
        """
        h, nm = np.broadcast_arrays(np.asarray(h_app_km, dtype=np.float64), np.asarray(wavelength_nm, dtype=np.float64))
        air = np.exp(np.interp(h, self.h_app_km, np.log(self.air_cm2)))
        ozone = np.exp(np.interp(h, self.h_app_km, np.log(self.ozone_cm2)))
        depth = rayleigh_cm2(nm) * air + ozone_cm2(nm) * ozone
        depth = depth + aerosol * self._aerosol(h, self.h_app_km, self.aerosol_depth, nm)
        return np.where(h < HARD_LIMB_KM, 0.0, np.where(h > AIR_TOP_KM, 1.0, np.exp(-depth)))

    def transmission_ground(self, elevation_rad: ArrayLike, wavelength_nm: ArrayLike, aerosol: float = 1.0) -> Array:
        """Share of a ground lamp's light that leaves the air, by apparent elevation at the lamp.

        Parameters
        ----------
        elevation_rad, wavelength_nm : array
            Elevation 0 to pi/2 [rad], wavelength 380 to 790 [nm]; broadcast.
        aerosol : float
            Factor on the aerosol (vertical optical depth 0.107 at 550 nm).
        """
        e, nm = np.broadcast_arrays(
            np.asarray(elevation_rad, dtype=np.float64), np.asarray(wavelength_nm, dtype=np.float64)
        )
        air = np.exp(np.interp(e, self.elevation_rad, np.log(self.ground_air_cm2)))
        ozone = np.exp(np.interp(e, self.elevation_rad, np.log(self.ground_ozone_cm2)))
        depth = rayleigh_cm2(nm) * air + ozone_cm2(nm) * ozone
        depth = depth + aerosol * self._aerosol(e, self.elevation_rad, self.ground_aerosol_depth, nm)
        return np.asarray(np.exp(-depth))
