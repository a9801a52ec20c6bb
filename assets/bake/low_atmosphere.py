"""Bake assets/low_atmosphere.npz: bending and path amounts of refracted rays through the low air.

    python assets/bake/low_atmosphere.py [OUT.npz]      # no inputs, 10 s

Air: US Standard Atmosphere 1976. Ozone: its mid-latitude model scaled to 300 DU. Aerosol: background
(stratosphere as SAGE III on the station sees typical northern mid-latitudes; troposphere an exponential of
scale height 1.5 km and optical depth 0.10 at 550 nm). Rays: with x = n r and x^2 = a^2 + s^2 (a is the
impact parameter) everything is regular in s:

    bending = -2 a INT (dn/dr) / (n (n + r n')) ds / x        amount = 2 INT density ds / (n + r n')
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
RADIUS_KM = 6371.0
TOP_KM = 130.0
AEROSOL_NM = (450.0, 550.0, 650.0)

# US76 below 86 km: base geopotential altitude km, lapse rate K/km (NOAA-S/T 76-1562, table 4)
LAYERS = ((0.0, -6.5), (11.0, 0.0), (20.0, 1.0), (32.0, 2.8), (47.0, 0.0), (51.0, -2.8), (71.0, -2.0))
# total number density above, m-3 (same source, table 8)
ABOVE_KM = (86.0, 88.0, 90.0, 95.0, 100.0, 110.0, 120.0, 130.0)
ABOVE_M3 = (1.447e20, 1.016e20, 7.116e19, 2.920e19, 1.189e19, 2.144e18, 5.107e17, 1.930e17)
# US76 mid-latitude ozone, m-3 every 2 km from 0 km (same source, table 18; above 74 km by its last slope)
OZONE_M3 = (
    7.0e17, 6.8e17, 5.8e17, 5.7e17, 6.5e17, 1.13e18, 2.02e18, 2.35e18, 2.95e18, 4.04e18, 4.77e18,
    4.86e18, 4.54e18, 4.03e18, 3.24e18, 2.52e18, 2.03e18, 1.58e18, 1.22e18, 8.73e17, 6.07e17, 3.98e17,
    2.74e17, 1.69e17, 1.03e17, 6.64e16, 3.84e16, 2.55e16, 1.61e16, 1.12e16, 7.33e15, 4.81e15, 3.17e15,
    1.72e15, 7.5e14, 5.4e14, 2.2e14, 1.7e14,
)  # fmt: skip
OZONE_DU = 300.0
# background aerosol above the boundary layer, extinction at 450, 550, 650 nm, km-1: our inversion of the limb
# optical depths of a typical northern mid-latitude profile of SAGE III on the station
STRATOSPHERE_KM = (*range(6, 41), 45, 50)
STRATOSPHERE_PER_KM = (
    (7.559e-06, 5.443e-06, 3.874e-06), (1.373e-05, 1.007e-05, 7.347e-06), (1.933e-05, 1.425e-05, 1.039e-05),
    (3.405e-05, 2.494e-05, 1.813e-05), (5.496e-05, 4.044e-05, 2.946e-05), (9.026e-05, 6.616e-05, 4.816e-05),
    (1.526e-04, 1.121e-04, 8.155e-05), (2.432e-04, 1.783e-04, 1.298e-04), (4.209e-04, 3.094e-04, 2.253e-04),
    (6.393e-04, 4.675e-04, 3.403e-04), (1.221e-03, 9.014e-04, 6.566e-04), (1.449e-03, 1.046e-03, 7.606e-04),
    (1.298e-03, 9.436e-04, 6.871e-04), (1.030e-03, 7.758e-04, 5.742e-04), (7.622e-04, 5.943e-04, 4.467e-04),
    (6.281e-04, 4.888e-04, 3.710e-04), (5.173e-04, 3.943e-04, 2.971e-04), (4.015e-04, 3.024e-04, 2.205e-04),
    (3.161e-04, 2.365e-04, 1.760e-04), (2.402e-04, 1.762e-04, 1.254e-04), (1.858e-04, 1.312e-04, 9.392e-05),
    (1.447e-04, 1.039e-04, 7.121e-05), (1.097e-04, 8.122e-05, 5.847e-05), (7.230e-05, 4.948e-05, 3.503e-05),
    (6.045e-05, 3.232e-05, 2.219e-05), (4.229e-05, 2.261e-05, 1.552e-05), (2.959e-05, 1.582e-05, 1.086e-05),
    (2.070e-05, 1.107e-05, 7.599e-06), (1.448e-05, 7.740e-06, 5.314e-06), (1.013e-05, 5.416e-06, 3.718e-06),
    (7.079e-06, 3.784e-06, 2.598e-06), (4.943e-06, 2.643e-06, 1.815e-06), (3.426e-06, 1.832e-06, 1.258e-06),
    (2.436e-06, 1.303e-06, 8.935e-07), (1.469e-06, 7.850e-07, 5.392e-07), (2.591e-07, 1.386e-07, 9.507e-08),
    (4.000e-08, 2.000e-08, 1.500e-08),
)  # fmt: skip
TROPOSPHERE_DEPTH = 0.10
TROPOSPHERE_SCALE_KM = 1.5
ANGSTROM = 1.3

TROPOPAUSE_SMOOTHING_KM = 0.5
"""The lapse rate of US76 jumps at 11 and 20 km; real tropopauses are this soft, and so are dimmed stars."""

Z_KM = np.arange(0.0, TOP_KM + 0.01, 0.05)


def air_cm3(smoothing_km):
    """Number density [cm-3] at `Z_KM`: hydrostatic through the seven layers, lapse rates softened."""
    h = 6356.766 * Z_KM / (6356.766 + Z_KM)  # geopotential altitude km
    wide = np.arange(-5.0, h[-1] + 5.0, 0.01)
    base, rate = np.array(LAYERS).T
    lapse = rate[np.clip(np.searchsorted(base, wide, side="right") - 1, 0, None)]
    if smoothing_km > 0.0:
        kernel = np.exp(-0.5 * (np.arange(-500, 501) * 0.01 / smoothing_km) ** 2)
        lapse = np.convolve(np.pad(lapse, 500, mode="edge"), kernel / kernel.sum(), mode="valid")
    start = int(np.argmin(np.abs(wide)))
    integral = np.concatenate([[0.0], np.cumsum(0.5 * (lapse[1:] + lapse[:-1]) * 0.01)])
    t_k = 288.15 + integral - integral[start]
    inverse = np.concatenate([[0.0], np.cumsum(0.5 * (1 / t_k[1:] + 1 / t_k[:-1]) * 0.01)])
    ln_p = -34.163195 * (inverse - inverse[start])
    n = 101325.0 / (1.380649e-23 * 288.15) * np.exp(np.interp(h, wide, ln_p)) * 288.15 / np.interp(h, wide, t_k)
    above = Z_KM > 86.0
    n[above] = np.exp(np.interp(Z_KM[above], ABOVE_KM, np.log(ABOVE_M3)))
    return n * 1e-6


def ozone_cm3():
    """Ozone [cm-3] at `Z_KM`, scaled to 300 DU."""
    ln = np.log(OZONE_M3)
    z = 2.0 * np.arange(len(OZONE_M3))
    n = np.exp(np.where(Z_KM <= z[-1], np.interp(Z_KM, z, ln), ln[-1] + (Z_KM - z[-1]) * (ln[-1] - ln[-5]) / 8.0))
    return n * (OZONE_DU * 2.6867e16) / (np.trapezoid(n * 1e-6, Z_KM) * 1e5) * 1e-6


def aerosol_per_km():
    """Extinction [km-1] at `Z_KM` and the three wavelengths: troposphere and stratosphere, shape (3, n_z)."""
    wave = np.array(AEROSOL_NM)[:, None]
    low = TROPOSPHERE_DEPTH / TROPOSPHERE_SCALE_KM * np.exp(-Z_KM / TROPOSPHERE_SCALE_KM) * (550.0 / wave) ** ANGSTROM
    high = [np.interp(Z_KM, STRATOSPHERE_KM, b, left=0.0, right=0.0) for b in np.transpose(STRATOSPHERE_PER_KM)]
    return low + np.array(high)


def ciddor(wavelength_um):
    """n - 1 of dry standard air (288.15 K, 101325 Pa, 450 ppm CO2; Ciddor 1996, eq. 1)."""
    s2 = wavelength_um**-2
    return 1e-8 * (5792105.0 / (238.0185 - s2) + 167917.0 / (57.362 - s2))


class Rays:
    """Refracted rays at 550 nm through spherical air."""

    def __init__(self, air):
        self.r = RADIUS_KM + Z_KM
        self.excess = ciddor(0.55) * air / air[0]
        self.n = 1.0 + self.excess
        self.slope = np.gradient(np.log(self.excess), Z_KM, edge_order=2) * self.excess
        self.x = self.n * self.r
        node, weight = np.polynomial.legendre.leggauss(400)
        self.t, self.w = 0.5 * (node + 1.0), 0.5 * weight

    def leg(self, a, s_start, fields):
        """From path s_start outwards: bending of this leg [rad], integrals of the fields over length [km]."""
        s_end = np.sqrt(self.x[-1] ** 2 - a * a)
        s = s_start + (s_end - s_start) * self.t**2  # dense where the air is
        ds = (s_end - s_start) * 2.0 * self.t * self.w
        x = np.sqrt(a * a + s * s)
        r = np.interp(x, self.x, self.r)
        z = r - RADIUS_KM
        slope = np.interp(z, Z_KM, self.slope)
        n = x / r
        bending = -a * np.sum(slope / (n * (n + r * slope)) * ds / x)
        length = ds / (n + r * slope)
        amounts = [np.sum(np.exp(np.interp(z, Z_KM, f)) * length) for f in fields]
        return bending, np.array(amounts)


def main() -> None:
    out_path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "assets" / "low_atmosphere.npz"
    air, ozone, aerosol = air_cm3(TROPOPAUSE_SMOOTHING_KM), ozone_cm3(), aerosol_per_km()
    rays = Rays(air)
    fields = [
        np.log(np.maximum(f, 1e-300)) for f in (air * 1e5, ozone * 1e5, *aerosol)
    ]  # cm-2 per km, optical depth per km
    limb_h, limb = [], []
    for h_app in np.arange(rays.x[0] - RADIUS_KM, 100.01, 0.1):
        bending, amounts = rays.leg(RADIUS_KM + h_app, 0.0, fields)
        limb_h.append(h_app)
        limb.append([2.0 * bending, *(2.0 * amounts)])
    elevation = np.radians(np.concatenate([np.arange(0, 2, 0.05), np.arange(2, 10, 0.25), np.arange(10, 91, 1.0)]))
    ground = []
    for e in elevation:
        a = rays.x[0] * np.cos(e)
        bending, amounts = rays.leg(a, rays.x[0] * np.sin(e), fields)
        ground.append([bending, *amounts])
    limb, ground = np.array(limb), np.array(ground)
    np.savez_compressed(
        out_path,
        h_app_km=np.array(limb_h),
        bending_rad=limb[:, 0],
        air_cm2=limb[:, 1],
        ozone_cm2=limb[:, 2],
        aerosol_depth=limb[:, 3:],
        elevation_rad=elevation,
        ground_bending_rad=ground[:, 0],
        ground_air_cm2=ground[:, 1],
        ground_ozone_cm2=ground[:, 2],
        ground_aerosol_depth=ground[:, 3:],
        aerosol_nm=np.array(AEROSOL_NM),
    )
    print(out_path, out_path.stat().st_size, "hard limb", limb_h[0])


if __name__ == "__main__":
    main()
