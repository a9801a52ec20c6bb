"""Night-time photochemistry: volume emission rates from temperature and composition.

Every function takes arrays of one shape (temperature in K, number densities in cm-3) and returns
photon cm-3 s-1 of the same shape. `CALIBRATION` holds the constants that bring the bare rates to the
zenith brightness of the Paranal mean spectrum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SODIUM_COLUMN_CM2: Final = 4.0e9
"""Column of atomic Na of the bare chemistry, cm-2 (35-year lidar mean, Moussaoui et al. 2010)."""
IRON_COLUMN_CM2: Final = 1.0e10
"""Column of atomic Fe of the bare chemistry, cm-2 (typical lidar mean)."""

SODIUM_LAYER_KM: Final = (91.8, 3.8, 4.8)
"""Na layer: peak, rms width below, rms width above, km (Starfire lidar; Langowski et al. 2016)."""
IRON_LAYER_KM: Final = (88.0, 3.5, 4.5)
"""Fe layer: peak, rms width below, rms width above, km (lidar; gives the 600-nm continuum its height)."""

SODIUM_YIELD: Final = 0.10
"""Share of NaO + O that leaves Na(2P); the calibration lowers it to 0.061 (Unterguggenberger et al. 2017)."""
FEO_YIELD: Final = 0.10
"""Photon yield of Fe + O3 of the bare chemistry (0.13 +- 0.03 or half of that, Unterguggenberger 2017)."""

CALIBRATION: Final[dict[str, float]] = {
    "na589": 0.614,
    "oi558": 0.613,
    "oi630": 0.901,
    "oh": 321.0 / 276279.0,
    "o2": 150.0 / 4968.4,
    "continuum": 640.0 / 46.06,
}
"""Observed over bare zenith brightness (Paranal mean: PALACE, ESO sky model). `oh` turns the photons
of OH(v=8) into those of all bands in 500-700 nm; `o2` the Herzberg rate into 400-560 nm; `continuum`
the FeO rate into the whole continuum of 480-700 nm."""


@dataclass(frozen=True)
class Air:
    """Temperature (K) and number densities (cm-3), arrays of one shape."""

    temperature_k: Array
    n2_cm3: Array
    o2_cm3: Array
    o_cm3: Array
    h_cm3: Array


def layer_density_cm3(alt_km: Array, layer_km: tuple[float, float, float], column_cm2: float) -> Array:
    """Density of a metal layer: two half Gaussians that meet at the peak.

    Parameters
    ----------
    alt_km : array
        Altitude [km].
    layer_km : tuple
        Peak, rms width below it, rms width above it [km].
    column_cm2 : float
        Vertical column [cm-2].

    Returns
    -------
    array
        Density [cm-3], shape of `alt_km`.

    Examples
    --------
    >>> float(layer_density_cm3(np.array([91.8]), SODIUM_LAYER_KM, 4e9)[0].round())
    3711.0
    """
    peak_km, below_km, above_km = layer_km
    width_km = np.where(alt_km < peak_km, below_km, above_km)
    peak_cm3 = column_cm2 / ((below_km + above_km) * 1e5 * np.sqrt(np.pi / 2.0))
    return np.asarray(peak_cm3 * np.exp(-0.5 * ((alt_km - peak_km) / width_km) ** 2))


def association_rate(air: Air) -> Array:
    """Rate coefficient of O + O + M [cm6 s-1] (McDade et al. 1986)."""
    return np.asarray(4.7e-33 * (300.0 / air.temperature_k) ** 2)


def ozone_cm3(alt_km: Array, air: Air) -> Array:
    """Night-time ozone in steady state, O + O2 + M against H + O3 and O + O3 (rates: JPL).

    The window 1 / (1 + exp(-(z - 79.5 km) / 0.6 km)) takes away the spike where the hydrogen of
    NRLMSIS ends (below 77 km); above 82 km it is 1 within 2 %.

    Parameters
    ----------
    alt_km : array
        Altitude [km], broadcast against the air.
    air : Air
        Temperature and densities.
    """
    t_k = air.temperature_k
    gain = 6.0e-34 * (300.0 / t_k) ** 2.4 * air.o_cm3 * air.o2_cm3 * (air.n2_cm3 + air.o2_cm3)
    loss = 1.4e-10 * np.exp(-470.0 / t_k) * air.h_cm3 + 8.0e-12 * np.exp(-2060.0 / t_k) * air.o_cm3
    return np.asarray(gain / loss / (1.0 + np.exp(-(alt_km - 79.5) / 0.6)))


def ver_oi558(air: Air) -> Array:
    """OI 557.7 nm, two-step Barth mechanism (McDade et al. 1986; constants as Murtagh et al. 1990)."""
    quench = 1.35 + 4.0e-12 * np.exp(-865.0 / air.temperature_k) * air.o2_cm3
    transfer = 15.0 * air.o2_cm3 + 211.0 * air.o_cm3
    third_body = air.n2_cm3 + air.o2_cm3
    return np.asarray(1.18 * association_rate(air) * air.o_cm3**3 * third_body / (quench * transfer))


def ver_na589(air: Air, o3_cm3: Array, na_cm3: Array) -> Array:
    """Na D1 + D2: Na + O3 -> NaO, NaO + O -> Na(2P) with the yield `SODIUM_YIELD`."""
    return np.asarray(SODIUM_YIELD * 1.1e-9 * np.exp(-116.0 / air.temperature_k) * na_cm3 * o3_cm3)


def oh_production(air: Air, o3_cm3: Array) -> Array:
    """OH in v = 9, 8 made by H + O3 [cm-3 s-1] (rate: JPL)."""
    return np.asarray(1.4e-10 * np.exp(-470.0 / air.temperature_k) * air.h_cm3 * o3_cm3)


def ver_oh8(air: Air, o3_cm3: Array) -> Array:
    """OH(v=8) with quenching by O2, N2 and O; the height law of all visible Meinel bands."""
    loss = 186.0 + 8.0e-12 * air.o2_cm3 + 7.0e-13 * air.n2_cm3 + 2.0e-10 * air.o_cm3
    return np.asarray(oh_production(air, o3_cm3) * 186.0 / loss)


def ver_feo(air: Air, o3_cm3: Array, fe_cm3: Array) -> Array:
    """Fe + O3 -> FeO* with the yield `FEO_YIELD`: the height law of the 480-700 nm continuum."""
    return np.asarray(FEO_YIELD * 3.4e-10 * np.exp(-146.0 / air.temperature_k) * fe_cm3 * o3_cm3)


def ver_o2_blue(air: Air) -> Array:
    """O2 Herzberg and Chamberlain bands: O + O + M with quenching (approximate height law)."""
    loss = 11.0 + 1.3e-11 * air.o_cm3 + 4.5e-13 * air.o2_cm3 + 3.0e-13 * air.n2_cm3
    return np.asarray(association_rate(air) * air.o_cm3**2 * (air.n2_cm3 + air.o2_cm3) / loss)


def ver_oi630(air: Air, ne_cm3: Array) -> Array:
    """OI 630.0 nm alone, O+ + O2 and dissociative recombination (Link & Cogger 1988).

    [O+] follows from the charge balance of O+, O2+ and NO+ with `ne_cm3`; ions and electrons have the
    temperature of the gas, as at night. The companion at 636.4 nm (a third of it) is not counted: it
    belongs to the colour of one rayleigh of this emission.
    """
    t_k = air.temperature_k
    x = t_k / 300.0
    k_o2 = 3.23e-12 * np.exp(3.72 / x - 1.87 / x**2)
    k_n2 = 2.78e-13 * np.exp(2.07 / x - 0.61 / x**2)
    recombine_o2 = 1.95e-7 * x**-0.7
    recombine_no = 4.0e-7 * x**-0.9
    safe_ne = np.maximum(ne_cm3, 1e-6)  # a division; no electrons means no emission
    o_plus = ne_cm3 / (1.0 + (k_o2 * air.o2_cm3 / recombine_o2 + k_n2 * air.n2_cm3 / recombine_no) / safe_ne)
    quench = (
        2.0e-11 * np.exp(111.8 / t_k) * air.n2_cm3
        + 2.9e-11 * np.exp(67.5 / t_k) * air.o2_cm3
        + 1.6e-12 * t_k**0.91 * ne_cm3
    )
    radiative = 7.45e-3
    return np.asarray(5.63e-3 / radiative * 1.1 * k_o2 * o_plus * air.o2_cm3 / (1.0 + quench / radiative))
