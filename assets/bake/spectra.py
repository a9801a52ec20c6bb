"""Bakes assets/spectra.npz: observer curves, a camera's sensitivities, airglow, lamp and daylight spectra.

Run `python assets/bake/spectra.py --source DIR`. The curves come from the PyPI package colour-science
(BSD-3-Clause); DIR holds airglow_zenith_spectrum.csv, the mean night airglow spectrum of Paranal in
rayleigh per nm (from PALACE, Noll et al., CC BY 4.0, and the line list of the ESO sky model).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import colour
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

WAVELENGTH_NM = np.arange(380.0, 781.0)
LAMP_WAVELENGTH_NM = np.arange(380.0, 901.0)
DNB_BAND_NM = (500.0, 900.0)
"""Band in which the day/night band of VIIRS sees lights; its response is close to flat there."""
DNB_UNIT_W_M2_SR = 1e-5
"""1 nW cm-2 sr-1 in W m-2 sr-1."""

# Bessell (1990), PASP 102, 1181: the V band as a photon-weighted passband, 470 to 700 nm in 10 nm.
BESSELL_V = (
    0.000, 0.030, 0.163, 0.458, 0.780, 0.967, 1.000, 0.973, 0.898, 0.792, 0.684, 0.574,
    0.461, 0.359, 0.270, 0.197, 0.135, 0.081, 0.045, 0.025, 0.017, 0.013, 0.009, 0.000,
)  # fmt: skip
BESSELL_V_NM = (
    *np.arange(470.0, 700.0, 10.0).tolist(),
    700.0,
)

# Lamps, estimated: (centre nm, standard deviation nm, relative radiance per nm at the centre), from the
# line lists of the elements in each lamp and published plots; a negative height is a self-reversal.
# Blue and red heights of sodium, halide and LED lamps give them the colour temperature of their kind: 2050,
# 4200, 4000 and 3000 K, within 0.004 of the black body in the CIE 1960 diagram.
LAMPS: dict[str, list[tuple[float, float, float]]] = {
    "high_pressure_sodium": [
        (455, 30, 0.04), (467, 2, 0.16), (498, 2, 0.45), (515, 2, 0.145), (568, 4, 0.62), (583, 5, 0.75),
        (589, 2.2, -0.7), (597, 6, 1.00), (615, 5, 0.43), (594, 34, 0.22), (640, 30, 0.08), (671, 4, 0.05),
        (767, 4, 0.12), (819, 4, 0.95),
    ],
    "low_pressure_sodium": [(589.3, 0.5, 1.0), (819, 0.7, 0.06)],
    "metal_halide": [
        (405, 1.5, 0.64), (420, 8, 0.35), (436, 1.5, 0.92), (474, 6, 0.42), (500, 60, 0.28), (535, 2.5, 0.85),
        (546, 2, 0.90), (578, 2, 0.80), (590, 5, 0.95), (570, 22, 0.22), (620, 30, 0.365), (671, 3, 0.365),
        (760, 40, 0.10), (819, 3, 0.25),
    ],
    "led_4000k": [(450, 10, 1.15), (495, 18, 0.10), (540, 32, 0.55), (590, 40, 0.70), (635, 38, 0.367)],
    "led_3000k": [(450, 10, 0.651), (495, 18, 0.08), (540, 32, 0.40), (595, 40, 0.80), (635, 38, 0.478)],
    "fluorescent": [
        (405, 1.2, 0.25), (436, 1.2, 0.75), (450, 22, 0.13), (488, 4, 0.28), (544, 3, 1.00), (578, 1.5, 0.20),
        (586, 4, 0.28), (611, 3, 1.05), (580, 45, 0.12), (709, 3, 0.10),
    ],
    "fishing_green": [(535, 2.5, 1.00), (546, 2, 0.10), (436, 1.5, 0.04), (578, 2, 0.04), (520, 60, 0.015)],
}  # fmt: skip


def resampled(sd: object) -> Array:
    """Spectral distribution of colour-science on WAVELENGTH_NM, linear between its samples."""
    return np.interp(WAVELENGTH_NM, sd.wavelengths, sd.values)  # type: ignore[attr-defined]


def planck_relative(wavelength_nm: Array, temperature_k: float) -> Array:
    """Black body per unit wavelength (energy), arbitrary scale."""
    x = 1.438776877e7 / (wavelength_nm * temperature_k)
    return wavelength_nm**-5 / np.expm1(x) * 1e13


def lamp_spectra() -> tuple[tuple[str, ...], Array]:
    """Lamp names and (n, 401) spectral radiance, W m-2 sr-1 nm-1 per nW cm-2 sr-1 within 500-900 nm."""
    rows = {
        name: np.maximum(sum(h * np.exp(-0.5 * ((LAMP_WAVELENGTH_NM - c) / s) ** 2) for c, s, h in peaks), 0.0)
        for name, peaks in LAMPS.items()
    }
    rows["incandescent"] = planck_relative(LAMP_WAVELENGTH_NM, 2700.0)
    rows["fire"] = planck_relative(LAMP_WAVELENGTH_NM, 1800.0)
    band = (LAMP_WAVELENGTH_NM >= DNB_BAND_NM[0]) & (LAMP_WAVELENGTH_NM <= DNB_BAND_NM[1])
    scaled = [row * (DNB_UNIT_W_M2_SR / row[band].sum()) for row in rows.values()]
    return tuple(rows), np.array(scaled)[:, : WAVELENGTH_NM.size]


def airglow_spectra(path: Path) -> Array:
    """(6, 401) rayleigh per nm for 1 rayleigh of each emission, in the order of EMISSIONS."""
    table = np.genfromtxt(path, delimiter=",", names=True, skip_header=1)
    wavelength = table["lambda_nm"]
    if not np.array_equal(wavelength, WAVELENGTH_NM):
        raise SystemExit(f"{path}: wavelengths {wavelength[0]}..{wavelength[-1]}: 380..780 nm in 1 nm are needed")

    def within(name: str, low: float, high: float) -> float:
        inside = (wavelength >= low) & (wavelength <= high)
        return float(table[name][inside].sum())

    return np.array(
        [
            table["NaD"] / within("NaD", 585, 595),
            table["OI5577"] / within("OI5577", 555, 560),
            table["OI6300_6364"] / within("OI6300_6364", 629, 632),  # per rayleigh of 630.0; 636.4 comes along
            table["OH"] / within("OH", 500, 700),
            table["O2_blue"] / within("O2_blue", 400, 560),
            (table["FeO_class"] + table["HO2_class"]) / within("FeO_class", 480, 700),
        ]
    )


def main() -> None:
    """Read the sources, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True, help="folder of airglow_zenith_spectrum.csv")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "spectra.npz")
    options = parser.parse_args()

    cmfs = colour.MSDS_CMFS["CIE 1931 2 Degree Standard Observer"]
    npl = colour.MSDS_CAMERA_SENSITIVITIES["Nikon 5100 (NPL)"]
    scotopic = colour.colorimetry.SDS_LEFS["CIE 1951 Scotopic Standard Observer"]
    daylight = colour.colorimetry.datasets.SDS_BASIS_FUNCTIONS_CIE_ILLUMINANT_D_SERIES
    lamp_names, lamps = lamp_spectra()
    np.savez_compressed(
        options.out,
        wavelength_nm=WAVELENGTH_NM,
        cie_xyz=np.array([np.interp(WAVELENGTH_NM, cmfs.wavelengths, cmfs.values[:, i]) for i in range(3)]),
        scotopic=resampled(scotopic),
        nikon_5100_npl=np.array([np.interp(WAVELENGTH_NM, npl.wavelengths, npl.values[:, i]) for i in range(3)]),
        daylight_s=np.array([resampled(daylight[name]) for name in ("S0", "S1", "S2")]),
        johnson_v=np.interp(WAVELENGTH_NM, BESSELL_V_NM, BESSELL_V),
        airglow_per_nm=airglow_spectra(options.source / "airglow_zenith_spectrum.csv"),
        lamp_names=np.array(lamp_names),
        lamp_w_m2_sr_nm=lamps,
    )


if __name__ == "__main__":
    main()
