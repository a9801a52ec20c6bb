"""Limb profiles of developed pictures: colour against tangent height, as photographs are measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earthlimb.renderer import Frame

Floats = NDArray[np.float64]


def linear_srgb(code: NDArray[np.float32]) -> Floats:
    """Linear values of sRGB code values 0 to 1 (IEC 61966-2-1)."""
    c = np.asarray(code, np.float64)
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


@dataclass(frozen=True)
class LimbProfile:
    """Mean linear colour (n, 3) at tangent heights (n,), km, blurred by sigma = 2.2 km."""

    z_km: Floats
    rgb: Floats

    def at(self, z_km: float) -> Floats:
        """Colour at a height."""
        return np.array([np.interp(z_km, self.z_km, self.rgb[:, c]) for c in range(3)])

    def peak_km(self, channel: int) -> float:
        """Height of a channel's maximum."""
        return float(self.z_km[self.rgb[:, channel].argmax()])

    def upper_half_km(self, channel: int) -> float:
        """Height above the maximum where a channel has half of it."""
        value = self.rgb[:, channel]
        above = slice(int(value.argmax()), None)
        return float(np.interp(-0.5 * value.max(), -value[above], self.z_km[above]))


def limb_profile(
    frame: Frame, columns: slice = slice(None), blur_km: float = 2.2, *, subtract_sky: bool = False
) -> LimbProfile:
    """Profile from 20 to 125 km of the developed picture's columns."""
    assert frame.picture is not None
    height = frame.layer("geometry.tangent_km")[:, columns]
    rgb = linear_srgb(frame.picture[:, columns])
    step = 0.5
    z = np.arange(12.0, 133.0, step)
    index = np.round((height - z[0]) / step).astype(int)
    mean = np.full((z.size, 3), np.nan)
    for i in range(z.size):
        here = index == i
        if here.any():
            mean[i] = rgb[here].mean(axis=0)
    known = np.isfinite(mean[:, 0])
    mean = np.stack([np.interp(z, z[known], mean[known, c]) for c in range(3)], axis=1)
    half = int(3 * blur_km / step)
    kernel = np.exp(-0.5 * (np.arange(-half, half + 1) * step / blur_km) ** 2)
    smooth = np.stack([np.convolve(mean[:, c], kernel / kernel.sum(), mode="same") for c in range(3)], axis=1)
    if subtract_sky:
        smooth = smooth - rgb[(height > 125.0) & (height < 140.0)].mean(axis=0)
    inside = (z >= 20.0) & (z <= 122.0)
    return LimbProfile(z[inside], smooth[inside])
