"""Bakes assets/milky_way.png: surface brightness and colour of the unresolved starlight, equirectangular.

    python assets/bake/milky_way.py --source FOLDER_OF_stellarium_milkyway_2048_equatorial.png

The picture is `milkyway.png` of the Debian package stellarium-data 0.22.2 (A. Mellinger's all-sky mosaic
without stars, turned to J2000 equatorial coordinates). Needs scipy; takes ten seconds.

Right ascension falls with x: RA = 90 deg - 360 deg x / W, Dec = 90 deg - 180 deg y / H at pixel edges. The
source is encoded with gamma 2.2 above a black level of 3. It was made to look well, not to measure: the
black level hides what the galactic poles show, and colours are stronger than in the sky. So:

- brightness = FLOOR_S10 + scale * green, with the scale that makes the mean over the sphere
  MEAN_STARLIGHT_S10 less what the catalogue's stars give (Leinert et al. 1998 and Allen 1973 have about 100
  S10(V) for all starlight, and mag 24 to 24.5 arcsec-2 for the poles without bright stars);
- B - V = 0.75 (the mean of integrated starlight) where blue / green has its mean, and half the source's
  contrast in magnitudes elsewhere: 1.25 in the bulge, 0.65 in Cygnus.

Left-over stars and noise go by a median and, where the sky is dark, a wider mean.
Decoding: physics/milky_way.py.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter, median_filter

Floats = NDArray[np.float64]

BLACK = 3.0
GAMMA = 2.2
FLOOR_S10 = 25.0
MEAN_STARLIGHT_S10 = 100.0
CATALOGUE_S10 = 41.3  # sum of 10^(-0.4 (V - 10)) over assets/stars.npz, V <= 9, over 41,253 square degrees
MEAN_BV = 0.75
BV_CONTRAST = 0.5
S10_RANGE = (20.0, 5000.0)  # as in physics/milky_way.py
BV_RANGE = (0.0, 2.0)


def smooth(channel: Floats) -> Floats:
    """Median over 5 px, then a mean over 3 px where the sky is dark; right ascension wraps."""
    clean = median_filter(np.pad(channel, ((0, 0), (8, 8)), mode="wrap"), size=5, mode="nearest")[:, 8:-8]
    wide = gaussian_filter(clean, 3.0, mode=("nearest", "wrap"))
    dark = np.clip(1.5 - wide / 0.004, 0.0, 1.0)  # 0.004 of full scale: the edge of the band
    return np.asarray(dark * wide + (1.0 - dark) * clean)


def main() -> None:
    """Write the picture beside this folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "milky_way.png")
    arguments = parser.parse_args()
    picture = Image.open(arguments.source / "stellarium_milkyway_2048_equatorial.png").convert("RGB")
    encoded = np.asarray(picture, np.float64)
    linear = (np.clip(encoded - BLACK, 0.0, None) / (255.0 - BLACK)) ** GAMMA
    green, blue = smooth(linear[..., 1]), smooth(linear[..., 2])

    height = green.shape[0]
    area = np.cos(np.pi * ((np.arange(height) + 0.5) / height - 0.5))[:, None] * np.ones_like(green)
    mean_green = np.average(green, weights=area)
    scale = (MEAN_STARLIGHT_S10 - CATALOGUE_S10 - FLOOR_S10) / mean_green
    s10 = FLOOR_S10 + scale * green

    wide_green, wide_blue = (gaussian_filter(c, 4.0, mode=("nearest", "wrap")) for c in (green, blue))
    mean_ratio = np.average(blue, weights=area) / mean_green
    floor = FLOOR_S10 / scale  # what the black level hides has the mean's colour
    ratio = (wide_blue + floor * mean_ratio) / (wide_green + floor) / mean_ratio
    bv = MEAN_BV - 2.5 * BV_CONTRAST * np.log10(ratio)

    low, high = np.log(S10_RANGE)
    code_s10 = np.clip(np.rint(255.0 * (np.log(s10) - low) / (high - low)), 0, 255)
    code_bv = np.clip(np.rint(255.0 * (bv - BV_RANGE[0]) / (BV_RANGE[1] - BV_RANGE[0])), 0, 255)
    stacked = np.stack([code_s10, code_bv], axis=-1).astype(np.uint8)
    Image.fromarray(stacked, "LA").save(arguments.out, optimize=True)
    mean_s10 = np.average(s10, weights=area)
    print(f"{arguments.out}: {arguments.out.stat().st_size} bytes, mean {mean_s10:.1f} S10")


if __name__ == "__main__":
    main()
