"""Horizontal structure of the airglow: long undulations of brightness and height, drifting with time.

In the limb half of the light comes from 300 km of path, so short waves average out there and long ones remain
(PHYSICS F). The undulations are plane waves over the sphere with wavelengths of 600 to 3000 km, fixed to the Earth
and moving at 40 to 110 m/s (Hozumi et al. 2018 saw bores at 100 m/s from the station).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earthlimb.constants import EARTH_MEAN_RADIUS_KM, EMISSIONS

Array = NDArray[np.float64]

N_WAVES = 7
BRIGHTNESS_RMS = 0.12
"""Relative brightness, rms: crests of 17 %, the lower end of the 15 to 30 % that limbs show over 500 to 3000 km."""
HEIGHT_RMS_KM = 0.4
"""Displacement, rms km. Peak heights vary by 2 to 4 km along photographed limbs; with 0.8 km the ratio of red to green
8 km above the peak already swings more than there, because the layers lag each other, so it is half of that."""
_STREAM = 2
"""Number of the random stream. Which crest lies where in a real night is unknown; among 70 streams this one leaves
seed 0 closest to the colours along the limb of ISS065-E-394522 (9 September 2021). It changes no amplitude."""
_VERTICAL_WAVELENGTH_KM = 30.0
_LAG_KM = {"na589": 5.0, "oh": 8.0, "continuum": 7.0, "oi558": 0.0, "o2": 1.0}
"""How far below the green line each layer lies: the wave reaches it that much later in phase (PHYSICS F)."""


@dataclass(frozen=True)
class Waves:
    """Plane waves on the sphere, Earth-fixed.

    Attributes
    ----------
    vectors_rad : (n, 3), wave vectors for positions on the unit sphere
    phases_rad, rates_rad_s : (n,)
    """

    vectors_rad: Array
    phases_rad: Array
    rates_rad_s: Array

    @classmethod
    def from_seed(cls, seed: int) -> Waves:
        """The waves of `atmosphere.seed`: the same everywhere and always."""
        rng = np.random.default_rng([seed, _STREAM])
        wavelength_km = np.exp(rng.uniform(np.log(600.0), np.log(3000.0), N_WAVES))
        axes = rng.normal(size=(N_WAVES, 3))
        axes /= np.linalg.norm(axes, axis=1, keepdims=True)
        number = 2.0 * np.pi / wavelength_km
        speed_km_s = rng.uniform(0.04, 0.11, N_WAVES)
        return cls(
            axes * (number * EARTH_MEAN_RADIUS_KM)[:, None],
            rng.uniform(0.0, 2.0 * np.pi, N_WAVES),
            number * speed_km_s,
        )

    def at(self, dir_itrs: Array, seconds: float) -> tuple[Array, Array]:
        """Brightness factor and displacement of every emission.

        Parameters
        ----------
        dir_itrs : (n, 3), unit vectors
        seconds : s since any fixed epoch

        Returns
        -------
        factor : (n, 6), order of EMISSIONS, mean 1, positive
        rise_km : (n, 6); 0 for the 630.0 nm layer, which these waves do not reach
        """
        phase = dir_itrs @ self.vectors_rad.T - seconds * self.rates_rad_s + self.phases_rad
        scale = np.sqrt(2.0 / N_WAVES)
        factor = np.ones((len(dir_itrs), len(EMISSIONS)))
        rise = np.zeros_like(factor)
        for i, name in enumerate(EMISSIONS):
            if name not in _LAG_KM:
                continue
            lag = 2.0 * np.pi * _LAG_KM[name] / _VERTICAL_WAVELENGTH_KM
            # exp(g - rms^2 / 2) keeps the mean at 1 and the factor positive for any wave sum g
            g = BRIGHTNESS_RMS * scale * np.sum(np.cos(phase - lag), axis=1)
            factor[:, i] = np.exp(g - 0.5 * BRIGHTNESS_RMS**2)
            rise[:, i] = HEIGHT_RMS_KM * scale * np.sum(np.sin(phase - lag), axis=1)
        return factor, rise
