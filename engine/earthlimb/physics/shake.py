"""How a hand shakes a camera: drift and tremor from a seeded spectrum, as angles over the exposure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DRIFT_RMS_RAD_S = math.radians(0.1)
"""Rms turning rate of the line of sight of a hand-held camera in weightlessness: middle of 0.05 to 0.15 deg/s."""
TREMOR_RMS_RAD = math.radians(0.015)
"""Rms deflection of the line of sight by tremor: middle of 0.01 to 0.02 deg."""
TREMOR_HZ = (5.0, 10.0)
DRIFT_HZ = (0.02, 5.0)
"""Band of the drift. Its rate has the PSD 1 / (1 + (f / 0.1 Hz)^2): 1/f^2 above the corner."""
CORNER_HZ = 0.1
_N_DRIFT, _N_TREMOR = 40, 12
FACTOR = {"none": 0.0, "clamped": 0.0, "braced": 1.0 / 3.0, "loose": 1.0}
"""Share of the hand's shake by `camera.shake`; a clamp on the window frame holds still."""


@dataclass(frozen=True, eq=False)
class Shake:
    """A sum of sines about the camera's right, down and forward axes.

    Attributes
    ----------
    omega_rad_s : (n,) angular frequencies
    sine_rad, cosine_rad : (n, 3) amplitudes
    """

    omega_rad_s: Floats
    sine_rad: Floats
    cosine_rad: Floats

    @classmethod
    def from_seed(cls, name: str, seed: int, frame: int) -> Shake:
        """The shake of one exposure.

        Parameters
        ----------
        name : "none", "clamped", "braced" or "loose"
        seed, frame : the scene's seed and the number of the exposure

        Notes
        -----
        Research: drift of 0.05 to 0.15 deg/s rms with 1/f^2 and a tremor of 0.01 to 0.02 deg at 5 to 10 Hz,
        a third of it braced on the window's frame. The rms values are those of the line of sight: right and down
        share them, the roll gets as much as one of these. Each sine has a random phase and a random (Rayleigh)
        amplitude about the spectrum, so the angles are Gaussian.
        """
        factor = FACTOR[name]
        if factor == 0.0:
            return cls(np.zeros(0), np.zeros((0, 3)), np.zeros((0, 3)))
        # doubles of PCG64 are the same on every machine and in every version of NumPy
        random = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, frame, 0x5AFE)))).random
        n = _N_DRIFT + _N_TREMOR
        edges = np.geomspace(*DRIFT_HZ, _N_DRIFT + 1)
        drift_hz = edges[:-1] * (edges[1:] / edges[:-1]) ** random(_N_DRIFT)
        power = np.diff(edges) / (1.0 + (np.sqrt(edges[:-1] * edges[1:]) / CORNER_HZ) ** 2)
        rate = DRIFT_RMS_RAD_S * np.sqrt(power / power.sum())
        tremor_hz = TREMOR_HZ[0] + (np.arange(_N_TREMOR) + random(_N_TREMOR)) * np.diff(TREMOR_HZ) / _N_TREMOR
        omega = 2.0 * np.pi * np.concatenate([drift_hz, tremor_hz])
        rms = np.concatenate([rate / omega[:_N_DRIFT], np.full(_N_TREMOR, TREMOR_RMS_RAD / math.sqrt(_N_TREMOR))])
        # two axes share the variance; a Rayleigh amplitude of scale s makes a sine of variance s^2
        amplitude = factor * rms[:, None] / math.sqrt(2.0) * np.sqrt(-2.0 * np.log(1.0 - random((n, 3))))
        phase = 2.0 * np.pi * random((n, 3))
        return cls(omega, amplitude * np.sin(phase), amplitude * np.cos(phase))

    def angles_rad(self, time_s: float) -> Floats:
        """Rotation vector (3,) of the camera against the one at mid-exposure, its own axes, rad."""
        turn = self.omega_rad_s * time_s
        return np.asarray(np.sin(turn) @ self.sine_rad + (np.cos(turn) - 1.0) @ self.cosine_rad)

    @property
    def still(self) -> bool:
        """Whether nothing shakes."""
        return len(self.omega_rad_s) == 0
