"""Spectra on one wavelength grid: shipped curves, black bodies, daylight, stars and lamps.

Everything is in photons (m-2 s-1 sr-1 nm-1, or without sr-1 for a point source) unless a name says W.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.constants import BOLTZMANN_J_K, PHOTONS_PER_RAYLEIGH_M2_S_SR, PLANCK_J_S, SPEED_OF_LIGHT_KM_S
from earthlimb.resources import asset

FloatArray = NDArray[np.float64]

WAVELENGTH_NM: FloatArray = np.arange(380.0, 781.0)
"""The grid of every spectrum here, nm; sums over it are integrals because the step is 1 nm."""
PHOTON_ENERGY_J: FloatArray = PLANCK_J_S * SPEED_OF_LIGHT_KM_S * 1e3 / (WAVELENGTH_NM * 1e-9)
"""Energy of one photon at each wavelength of the grid, J."""

STAR_V0_PHOTONS_M2_S_NM = 9.95e7
"""Photons m-2 s-1 nm-1 at 550 nm from a star of V = 0 and B-V = 0 (995 photons cm-2 s-1 A-1)."""
BV_RANGE = (-0.4, 2.5)
"""B-V outside this range is clipped: the temperature relation is not meant for it."""


@dataclass(frozen=True)
class SpectraTable:
    """The shipped curves (assets/spectra.npz), all on `WAVELENGTH_NM`."""

    cie_xyz: FloatArray
    """(3, 401) CIE 1931 2-degree colour matching functions."""
    scotopic: FloatArray
    """(401,) CIE 1951 scotopic luminous efficiency."""
    nikon_5100_npl: FloatArray
    """(3, 401) energy sensitivities of a Nikon D5100, each channel's maximum 1."""
    daylight_s: FloatArray
    """(3, 401) the CIE daylight functions S0, S1, S2."""
    johnson_v: FloatArray
    """(401,) V band as a photon passband (Bessell 1990)."""
    airglow_per_nm: FloatArray
    """(6, 401) rayleigh per nm for 1 rayleigh of each emission, in the order of EMISSIONS."""
    lamp_names: tuple[str, ...]
    lamp_w_m2_sr_nm: FloatArray
    """(n, 401) W m-2 sr-1 nm-1 for 1 nW cm-2 sr-1 within 500-900 nm."""


@cache
def spectra_table() -> SpectraTable:
    """The shipped curves, read once."""
    with np.load(asset("spectra.npz")) as data:
        return SpectraTable(
            cie_xyz=data["cie_xyz"],
            scotopic=data["scotopic"],
            nikon_5100_npl=data["nikon_5100_npl"],
            daylight_s=data["daylight_s"],
            johnson_v=data["johnson_v"],
            airglow_per_nm=data["airglow_per_nm"],
            lamp_names=tuple(str(name) for name in data["lamp_names"]),
            lamp_w_m2_sr_nm=data["lamp_w_m2_sr_nm"],
        )


def airglow_photons() -> FloatArray:
    """(6, 401) photons m-2 s-1 sr-1 nm-1 for one rayleigh of each emission, in the order of EMISSIONS."""
    return spectra_table().airglow_per_nm * PHOTONS_PER_RAYLEIGH_M2_S_SR


def planck_photons(temperature_k: ArrayLike) -> FloatArray:
    """Photon spectrum of a black body, shape (..., 401), scaled to 1 at 550 nm.

    Notes
    -----
    Photons per nm go as lambda^-4 / (exp(hc / lambda k T) - 1).
    """
    temperature = np.asarray(temperature_k, float)[..., None]

    def shape(wavelength_nm: FloatArray | float) -> FloatArray:
        x = PLANCK_J_S * SPEED_OF_LIGHT_KM_S * 1e12 / (np.asarray(wavelength_nm) * BOLTZMANN_J_K * temperature)
        return np.asarray((550.0 / np.asarray(wavelength_nm)) ** 4 / np.expm1(x))

    return shape(WAVELENGTH_NM) / shape(550.0)


def daylight_photons(temperature_k: float) -> FloatArray:
    """Photon spectrum (401,) of a white of this colour temperature, 1 at 550 nm.

    CIE daylight from 4500 K up, a black body below 3500 K, between them a mixture linear in 1/T,
    so that white balance moves without a step.

    Notes
    -----
    CIE 15:2004, 3.1: the chromaticity of daylight and its three functions; valid to 25000 K.
    """
    t = float(temperature_k)
    t_day = min(max(t, 4000.0), 25000.0)
    if t_day <= 7000.0:
        x = -4.6070e9 / t_day**3 + 2.9678e6 / t_day**2 + 0.09911e3 / t_day + 0.244063
    else:
        x = -2.0064e9 / t_day**3 + 1.9018e6 / t_day**2 + 0.24748e3 / t_day + 0.237040
    y = -3.0 * x * x + 2.87 * x - 0.275
    m = 0.0241 + 0.2562 * x - 0.7341 * y
    s = spectra_table().daylight_s
    energy = s[0] + (-1.3515 - 1.7703 * x + 5.9114 * y) / m * s[1] + (0.03 - 31.4424 * x + 30.0717 * y) / m * s[2]
    photons = energy * WAVELENGTH_NM
    day = photons / photons[170]  # index 170 is 550 nm
    share = np.clip((1.0 / 3500.0 - 1.0 / t) / (1.0 / 3500.0 - 1.0 / 4500.0), 0.0, 1.0)
    return np.asarray(share * day + (1.0 - share) * planck_photons(t))


def star_temperature_k(bv: ArrayLike) -> FloatArray:
    """Colour temperature of a star of colour index B-V, K.

    Notes
    -----
    Ballesteros 2012 (EPL 97, 34008), eq. 14: a black body seen through B and V.

    Examples
    --------
    >>> round(float(star_temperature_k(0.65)), -1)
    5780.0
    """
    index = np.clip(np.asarray(bv, float), *BV_RANGE)
    return 4600.0 * (1.0 / (0.92 * index + 1.7) + 1.0 / (0.92 * index + 0.62))


def star_photons(bv: ArrayLike) -> FloatArray:
    """Photons m-2 s-1 nm-1 above the air from stars of V = 0, shape (..., 401).

    Every star counts the same through the V band; the scale is that of B-V = 0.
    """
    band = spectra_table().johnson_v
    zero = planck_photons(star_temperature_k(0.0))
    shape = planck_photons(star_temperature_k(bv))
    return shape * (STAR_V0_PHOTONS_M2_S_NM * (zero @ band) / (shape @ band))[..., None]


def lamp_photons(lamp: str) -> FloatArray:
    """(401,) photons m-2 s-1 sr-1 nm-1 of a lamp whose radiance within 500-900 nm is 1 nW cm-2 sr-1.

    Raises
    ------
    KeyError
        When there is no lamp of that name.
    """
    table = spectra_table()
    if lamp not in table.lamp_names:
        raise KeyError(f"lamp {lamp!r}: allowed are {', '.join(table.lamp_names)}")
    return table.lamp_w_m2_sr_nm[table.lamp_names.index(lamp)] / PHOTON_ENERGY_J
