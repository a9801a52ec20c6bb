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


def test_colours_of_the_median(italy: Frame, validated: Callable[..., None]) -> None:
    """Of the three ranges, within a factor 1.5."""
    for z_km in (86.0, 94.0):
        ours = float(np.median([red_over_green(limb_profile(italy, part), z_km) for part in RANGES.values()]))
        theirs = float(np.median([red_over_green(photograph(columns), z_km) for columns in RANGES]))
        claim = f"R/G at {z_km:.0f} km over the photograph's, median of three ranges"
        validated(claim, ours / theirs, (1 / 1.5, 1.5), f"photograph: {theirs:.2f}")


@pytest.mark.parametrize("columns", RANGES)
def test_red_gives_way_to_green(italy: Frame, validated: Callable[..., None], columns: str) -> None:
    ours, theirs = limb_profile(italy, RANGES[columns]), photograph(columns)
    heights = np.arange(84.0, 100.0, 0.1)

    def crossing(limb: LimbProfile) -> float:
        below_one = np.array([red_over_green(limb, z) for z in heights]) < 1.0
        assert np.count_nonzero(np.diff(below_one)) == 1, "once"
        return float(heights[below_one.argmax()])

    source = PHOTO.format(columns, f"{crossing(theirs):.1f} km")
    validated(f"height where R/G falls through 1, columns {columns}", crossing(ours), (88.0, 93.0), source, "km")


def test_top_edge(italy: Frame, validated: Callable[..., None]) -> None:
    """Where red and green fall to half above their maxima, and how green ends."""
    ours, theirs = [limb_profile(italy, part) for part in RANGES.values()], [photograph(c) for c in RANGES]
    for name, channel in (("red", 0), ("green", 1)):
        height, photo = (float(np.median([limb.upper_half_km(channel) for limb in limbs])) for limbs in (ours, theirs))
        claim = f"{name}'s upper half height less the photograph's, median of three ranges"
        validated(claim, height - photo, (-2.0, 2.0), f"photograph: {photo:.1f} km (+-2)", "km")
    off = [
        mine.at(z)[1] / mine.rgb[:, 1].max() - photo.at(z)[1] / photo.rgb[:, 1].max()
        for mine, photo in zip(ours, theirs, strict=True)
        for z in (98.0, 102.0)
    ]
    rms = float(np.sqrt(np.mean(np.square(off))))
    validated("rms off the photograph's top edge, G over its maximum, 98 and 102 km", rms, 0.1, "three ranges")


def test_shape_of_the_plateau(italy: Frame, validated: Callable[..., None]) -> None:
    """How it falls from 74 to 42 km; its height over the peak is a residual."""
    for name, channel in (("R", 0), ("G", 1)):
        fall = []
        for limbs in ([limb_profile(italy, part) for part in RANGES.values()], [photograph(c) for c in RANGES]):
            fall.append(float(np.median([limb.at(42.0)[channel] / limb.at(74.0)[channel] for limb in limbs])))
        claim = f"plateau: {name} at 42 km over {name} at 74 km, over the photograph's, median of three ranges"
        validated(claim, fall[0] / fall[1], (0.7, 1.3), f"photograph: {fall[1]:.2f}")


def test_what_the_fit_leaves(italy: Frame, residual: Callable[[str, float], None]) -> None:
    """The scene has one set of factors; the photograph changes along the limb."""
    left, middle = limb_profile(italy, LEFT_EDGE), limb_profile(italy, RANGES["680-780"])
    residual("italy-left-edge-green", float(left.at(94.0)[1] / middle.at(94.0)[1]))
    residual("italy-plateau", float(middle.at(60.0)[0] / middle.rgb[:, 0].max()))
    red = middle.rgb[:, 0]
    below = slice(None, int(red.argmax()) + 1)
    width = middle.upper_half_km(0) - float(np.interp(0.5 * red.max(), red[below], middle.z_km[below]))
    residual("italy-red-width", width)
    ranges = [limb_profile(italy, part) for part in RANGES.values()]
    plateau = float(np.median([limb.at(60.0)[1] / limb.rgb[:, 1].max() for limb in ranges]))
    residual("italy-green-plateau", plateau)
    tenths = []
    for limb in ranges:
        above = slice(int(limb.rgb[:, 0].argmax()), None)
        tenths.append(float(np.interp(-0.1 * limb.rgb[:, 0].max(), -limb.rgb[above, 0], limb.z_km[above])))
    residual("italy-red-top", float(np.median(tenths)))
