"""Bake assets/composition.npz: NRLMSIS 2.1 as harmonic coefficients, PyIRI's F2 layer as maps.

    python assets/bake/composition.py [OUT.npz]      # needs the public packages pymsis and PyIRI; 2 minutes

NRLMSIS: random places, days and hours (fixed seed); ln(density) and 1/T at each altitude node are
fitted by least squares in the basis of `earthlimb.physics.composition_basis`. PyIRI: the four numbers
of the F2 layer on a grid over month, solar activity, universal time, latitude and longitude.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import PyIRI
import PyIRI.main_library as iri
import pymsis

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "engine"))
from earthlimb.physics.composition_basis import linear_basis, thermosphere_features  # noqa: E402

ALT_NODES_KM = np.r_[
    60,
    66,
    72,
    75,
    77,
    78,
    80,
    82,
    84,
    85,
    np.arange(85.5, 88.1, 0.5),
    89,
    np.arange(90, 122, 2),
    124,
    127,
    130,
    134,
    140,
    np.arange(150, 230, 10),
    np.arange(240, 340, 20),
    np.arange(360, 601, 40),
].astype(float)
SPECIES = {"n2": 1, "o2": 2, "o": 3, "h": 5}
F107_LEVELS = (65.0, 85.0, 110.0, 145.0, 190.0, 250.0)
QUIET_AP, STORM_AP = 4.0, 12.0
AP_NODES = (0.0, 2.0, 4.0, 5.0, 6.0, 8.0, 12.0, 16.0, 20.0, 30.0, 50.0)
F2_STEP = (0.004, 0.1, 0.04, 0.04)  # foF2 MHz; hmF2, thickness below and above km: a thousandth
QUANTUM = 1e-5  # of a coefficient of ln(density) or 1000/T; of 1e-2 K: coefficients are stored as whole numbers
MIDDLE_F107, DAILY_EXCESS = 110.0, 30.0
N_SAMPLES = 24_000
H_FLOOR_KM = 78.0  # below, the hydrogen of NRLMSIS ends within 2 km; the table goes on with its slope


def sample(rng, f107, f107a, ap):
    """Random places and times with the model's columns: basis inputs and (n, n_alt, 11)."""
    n = N_SAMPLES
    lat = np.arcsin(rng.uniform(-1, 1, n))
    lon = rng.uniform(-np.pi, np.pi, n)
    second = rng.integers(0, int(365.25 * 86400), n)
    times = np.datetime64("2021-01-01T00:00:00") + second.astype("timedelta64[s]")
    n_alt = ALT_NODES_KM.size
    total = n * n_alt
    out = (
        pymsis.calculate(
            np.repeat(times, n_alt),
            np.repeat(np.degrees(lon), n_alt),
            np.repeat(np.degrees(lat), n_alt),
            np.tile(ALT_NODES_KM, n),
            np.full(total, f107),
            np.full(total, f107a),
            np.full((total, 7), ap),
            version=2.1,
        )
        .reshape(n, n_alt, 11)
        .astype(float)
    )
    return linear_basis(lat, lon, second / 86400 + 1.0, (second % 86400) / 3600), out


def thermosphere(out):
    """Exospheric temperature, temperature at 130 km, slope parameter from the profile."""
    at = lambda z: int(np.searchsorted(ALT_NODES_KM, z))  # noqa: E731
    top, t130, t180 = out[:, -1, 10], out[:, at(130), 10], out[:, at(180), 10]
    return np.stack([top, t130, -np.log((top - t180) / (top - t130)) * (top - t130)], axis=-1)


def ap_response():
    """Exospheric temperature against Ap at `AP_NODES`: 0 at Ap 4, 1 at Ap 12; densities follow within 5 %."""
    rng, n = np.random.default_rng(3), 400
    lat, lon = np.degrees(np.arcsin(rng.uniform(-1, 1, n))), rng.uniform(-180, 180, n)
    times = np.datetime64("2021-01-01T00:00:00") + rng.integers(0, 365 * 86400, n).astype("timedelta64[s]")

    def change(ap):
        flux = np.full(n, MIDDLE_F107)
        runs = [
            pymsis.calculate(times, lon, lat, np.full(n, 600.0), flux, flux, np.full((n, 7), a), version=2.1)
            for a in (ap, QUIET_AP)
        ]
        return (runs[0] - runs[1])[:, 10].astype(float)

    storm = change(STORM_AP)
    return np.array([change(ap) @ storm / (storm @ storm) for ap in AP_NODES])


def fit(rng, f107, f107a, ap, mean=None):
    """Coefficients (n_terms, 5, n_alt), those of the thermosphere (n_linear, 3), its mean (3,)."""
    basis, out = sample(rng, f107, f107a, ap)
    thermo, *_ = np.linalg.lstsq(basis, thermosphere(out), rcond=1e-9)
    mean = (basis @ thermo).mean(axis=0) if mean is None else mean
    full = np.concatenate([basis, thermosphere_features(basis @ thermo, mean)], axis=-1)
    fields = [1e3 / out[:, :, 10]]
    for name, column in SPECIES.items():
        ln = np.log(out[:, :, column] * 1e-6)
        if name == "h":
            i = int(np.searchsorted(ALT_NODES_KM, H_FLOOR_KM))
            slope = (ln[:, i + 1] - ln[:, i]) / (ALT_NODES_KM[i + 1] - ALT_NODES_KM[i])
            ln[:, :i] = ln[:, i, None] + slope[:, None] * (ALT_NODES_KM[:i] - ALT_NODES_KM[i])
        fields.append(ln)
    target = np.stack(fields, axis=1)
    coefficients, *_ = np.linalg.lstsq(full, target.reshape(N_SAMPLES, -1), rcond=1e-9)
    error = full @ coefficients - target.reshape(N_SAMPLES, -1)
    rms = error.std(axis=0).reshape(5, -1)
    print(
        f"F10.7 {f107:.0f}/{f107a:.0f} Ap {ap:.0f}: rms of ln at 86, 94, 104, 250 km\n",
        rms[:, np.searchsorted(ALT_NODES_KM, [86, 94, 104, 240])].round(4),
    )
    return coefficients.reshape(-1, *target.shape[1:]), thermo, mean


def ionosphere():
    """Maps (12 months, 2 levels of IG12, 13 UT, lat, lon, 4): foF2 MHz, hmF2, B_bottom, B_top km."""
    lat_deg = np.arange(-90, 91, 3.0)
    lon_deg = np.arange(-180, 180, 10.0)
    ut_h = np.arange(13) * 24.0 / 13.0
    lon, lat = np.meshgrid(lon_deg, lat_deg)
    maps = []
    for month in range(1, 13):
        f2, *_ = iri.IRI_monthly_mean_par(2021, month, ut_h, lon.ravel(), lat.ravel(), PyIRI.coeff_dir, 0)
        stack = np.stack([f2[key] for key in ("fo", "hm", "B_bot", "B_top")], axis=-1)  # UT, place, level, 4
        maps.append(np.moveaxis(stack, 2, 0).reshape(2, 13, lat_deg.size, lon_deg.size, 4))
    return np.stack(maps)


def whole(values):
    """Coefficients as whole multiples of `QUANTUM`: they compress to half the size of floats."""
    return np.round(values / QUANTUM).astype(np.int32)


def main() -> None:
    out_path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "assets" / "composition.npz"
    rng = np.random.default_rng(20210920)
    levels = [fit(rng, f, f, QUIET_AP) for f in F107_LEVELS]
    middle, thermo, mean = fit(np.random.default_rng(7), MIDDLE_F107, MIDDLE_F107, QUIET_AP)
    storm = fit(np.random.default_rng(7), MIDDLE_F107, MIDDLE_F107, STORM_AP, mean)
    daily = fit(np.random.default_rng(7), MIDDLE_F107 + DAILY_EXCESS, MIDDLE_F107, QUIET_AP, mean)
    maps = ionosphere()
    low = maps.min(axis=(0, 1, 2, 3, 4))
    step = np.array(F2_STEP)
    np.savez_compressed(
        out_path,
        alt_nodes_km=ALT_NODES_KM,
        f107_levels=np.asarray(F107_LEVELS),
        coefficients=whole(np.stack([c for c, _, _ in levels])),
        thermosphere=whole(np.stack([t for _, t, _ in levels]) * 1e-3),
        thermosphere_mean=np.stack([m for _, _, m in levels]),
        coefficients_storm=whole(storm[0] - middle),
        thermosphere_storm=whole((storm[1] - thermo) * 1e-3),
        coefficients_daily=whole(daily[0] - middle),
        thermosphere_daily=whole((daily[1] - thermo) * 1e-3),
        daily_excess=np.float64(DAILY_EXCESS),
        ap_nodes=np.asarray(AP_NODES),
        ap_response=ap_response(),
        quantum=np.float64(QUANTUM),
        f2_maps=np.round((maps - low) / step).astype(np.uint16),
        f2_low=low,
        f2_step=step,
    )
    print(out_path, out_path.stat().st_size)


if __name__ == "__main__":
    main()
