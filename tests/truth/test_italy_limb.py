"""Limb of the Italy view against the photograph ISS065-E-394522.

The photograph's profile (median linearised sRGB of three ranges of columns; levels good to +-50 %, ratios to +-30 %,
heights to +-2 km) lies in tests/data/camera_photo_limb.csv; ours is measured in the same way, blurred by 2.2 km.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from earthlimb.renderer import Frame
from tests.support.limb import LimbProfile, limb_profile
from tests.truth.tables import rows

PHOTO = "photograph, columns {}: {}"
RANGES = {"250-420": slice(250, 420), "680-780": slice(680, 780), "860-990": slice(860, 990)}
"""Columns of the picture in which the photograph's limb was measured."""
LEFT_EDGE = slice(20, 120)
"""Tangent points at 53 N, where that night's green was several times brighter."""


def photograph(columns: str) -> LimbProfile:
    table = [row for row in rows("camera_photo_limb.csv") if row["columns"] == columns]
    return LimbProfile(
        np.array([float(row["tangent_alt_km"]) for row in table]),
        np.array([[float(row[c]) for c in "RGB"] for row in table]),
    )


def red_over_green(limb: LimbProfile, z_km: float) -> float:
    red, green, _ = limb.at(z_km)
    return float(red / green)


@pytest.mark.parametrize("columns", RANGES)
def test_colours(italy: Frame, validated: Callable[..., None], columns: str) -> None:
    ours, theirs = limb_profile(italy, RANGES[columns]), photograph(columns)
    for z_km, bound in ((86.0, (1.6, 2.9)), (94.0, (0.3, 0.7))):
        source = PHOTO.format(columns, f"{red_over_green(theirs, z_km):.2f}")
        validated(f"R/G at {z_km:.0f} km, columns {columns}", red_over_green(ours, z_km), bound, source)


@pytest.mark.parametrize("columns", RANGES)
def test_heights(italy: Frame, validated: Callable[..., None], columns: str) -> None:
    ours, theirs = limb_profile(italy, RANGES[columns]), photograph(columns)
    source = PHOTO.format(columns, f"{theirs.peak_km(0):.0f} km, samples of 4 km")
    validated(f"height of the red maximum, columns {columns}", ours.peak_km(0), (84.0, 88.0), source, "km")


def test_green_maximum(italy: Frame, validated: Callable[..., None]) -> None:
    peak = limb_profile(italy, RANGES["250-420"], blur_km=1.0).peak_km(1)
    validated("height of the green maximum, columns 250-420", peak, (91.0, 95.0), "photograph: 91 to 95 km", "km")


def test_level(italy: Frame, validated: Callable[..., None]) -> None:
    """Median over the ranges; the photograph's exposure fixes the scale to a factor 1.5."""
    ours = [limb_profile(italy, part) for part in RANGES.values()]
    theirs = [photograph(columns) for columns in RANGES]
    for name, channel, z_km in (("R", 0, 86.0), ("G", 1, 94.0)):
        level, photo = (float(np.median([limb.at(z_km)[channel] for limb in limbs])) for limbs in (ours, theirs))
        claim = f"{name} at {z_km:.0f} km over the photograph's"
        validated(claim, level / photo, (1 / 1.5, 1.5), f"photograph: {photo:.4f} linear; level within 1.5")


def test_shape_from_62_to_98_km(italy: Frame, validated: Callable[..., None]) -> None:
    """Each profile over its own maximum: rms of what is left, channels R and G, three ranges."""
    off = []
    for columns, part in RANGES.items():
        ours, theirs = limb_profile(italy, part), photograph(columns)
        heights = np.arange(62.0, 99.0, 4.0)
        for channel in (0, 1):
            mine = np.array([ours.at(z)[channel] for z in heights]) / ours.rgb[:, channel].max()
            photo = np.array([theirs.at(z)[channel] for z in heights]) / theirs.rgb[:, channel].max()
            off.append(mine - photo)
    rms = float(np.sqrt(np.mean(np.square(off))))
    validated("rms off the photograph's shape, R and G, 62 to 98 km", rms, 0.2, "photograph, three ranges")


def test_what_the_fit_leaves(italy: Frame, residual: Callable[[str, float], None]) -> None:
    """The scene has one set of factors; the photograph changes along the limb."""
    left, middle = limb_profile(italy, LEFT_EDGE), limb_profile(italy, RANGES["680-780"])
    residual("italy-left-edge-green", float(left.at(94.0)[1] / middle.at(94.0)[1]))
    residual("italy-plateau", float(middle.at(60.0)[0] / middle.rgb[:, 0].max()))
    red = middle.rgb[:, 0]
    below = slice(None, int(red.argmax()) + 1)
    width = middle.upper_half_km(0) - float(np.interp(0.5 * red.max(), red[below], middle.z_km[below]))
    residual("italy-red-width", width)
    tenths = []
    for limb in (limb_profile(italy, part) for part in RANGES.values()):
        above = slice(int(limb.rgb[:, 0].argmax()), None)
        tenths.append(float(np.interp(-0.1 * limb.rgb[:, 0].max(), -limb.rgb[above, 0], limb.z_km[above])))
    residual("italy-red-top", float(np.median(tenths)))
