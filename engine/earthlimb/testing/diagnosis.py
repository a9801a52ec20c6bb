"""What is wrong with a picture that differs: turned, moved, mixed up, scaled by a known factor, or where it differs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_EXPLAINS = 0.2
"""An explanation is believed when it leaves at most this share of the difference."""
_FURTHEST_PX = 3
_APART_PX = 4
"""Places closer than this are one place."""
_FACTORS = (
    (1e3, "1000 times: is the unit of one a thousandth of the other's (rayleigh, kilorayleigh)?"),
    (1e6, "1e6 times: is the unit of one a millionth of the other's (rayleigh, megarayleigh; um, m)?"),
    (1e4, "10,000 times: is one per m2 and the other per cm2, or in um instead of cm?"),
    (10.0, "10 times: is one in nm and the other in Angstrom, or per nm and per Angstrom?"),
    (180.0 / np.pi, "57.3 times: is one in degrees and the other in radians?"),
    (4.0 * np.pi, "4 pi times: is one per steradian and the other not?"),
    (np.pi, "pi times: is one a luminance or radiance and the other an exitance or irradiance?"),
    (683.002, "683 times: is one in watts and the other in lumens (candela)?"),
    (255.0, "255 times: is one 0 to 1 and the other 0 to 255?"),
)


def diagnose(got: NDArray[np.generic], reference: NDArray[np.generic]) -> str:
    """Find the simplest mistake that explains most of the difference; empty when none does.

    Parameters
    ----------
    got, reference : (h, w) or (h, w, 3) arrays of one shape
        NaN and infinity count as zero.
    """
    g, r = (np.nan_to_num(a.astype(np.float64), posinf=0.0, neginf=0.0) for a in (got, reference))
    limit = _EXPLAINS * float(np.abs(g - r).mean())
    found = [(float(np.abs(a - b).mean()), text) for text, a, b in _explanations(g, r)]
    left, text = min(found, default=(np.inf, ""))
    return text if left < limit else ""


def worst_places(difference: Array, n: int = 3) -> list[tuple[int, int]]:
    """Row and column of the largest entries of |difference| (h, w), at least 4 px apart."""
    left = np.nan_to_num(np.abs(difference), nan=np.inf)
    places: list[tuple[int, int]] = []
    while len(places) < n and left.max() > 0.0:
        row, column = (int(i) for i in np.unravel_index(int(left.argmax()), left.shape))
        places.append((row, column))
        near = (
            slice(max(row - _APART_PX, 0), row + _APART_PX + 1),
            slice(max(column - _APART_PX, 0), column + _APART_PX + 1),
        )
        left[near] = 0.0
    return places


def _explanations(g: Array, r: Array) -> Iterator[tuple[str, Array, Array]]:
    yield "the rows are flipped: row 0 must be the top of the picture", g[::-1], r
    yield "the columns are mirrored: column 0 must be the left of the picture", g[:, ::-1], r
    yield "the picture is turned by 180 degrees", g[::-1, ::-1], r
    if g.ndim == 3:
        for order in list(permutations(range(3)))[1:]:
            names = "".join("RGB"[i] for i in order)
            yield f"the channels are swapped: in the order {names} they agree", g[..., list(order)], r
    factor = _factor(g, r)
    if factor:
        yield _factor_text(factor), g / factor, r
    yield from _shifts(g, r)


def _shifts(g: Array, r: Array) -> Iterator[tuple[str, Array, Array]]:
    reach = range(-_FURTHEST_PX, _FURTHEST_PX + 1)
    height, width = g.shape[:2]
    for dy in reach:
        for dx in reach:
            if (dy, dx) == (0, 0) or abs(dy) >= height or abs(dx) >= width:
                continue
            inner = g[max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)]
            outer = r[max(-dy, 0) : height + min(-dy, 0), max(-dx, 0) : width + min(-dx, 0)]
            parts = [f"{abs(dy)} row{'s' * (abs(dy) > 1)} {'down' if dy > 0 else 'up'}"] if dy else []
            parts += [f"{abs(dx)} column{'s' * (abs(dx) > 1)} to the {'right' if dx > 0 else 'left'}"] if dx else []
            yield f"the picture is shifted by {' and '.join(parts)}", inner, outer


def _factor(g: Array, r: Array) -> float:
    """The factor that most of the bright entries have in common; 0 without any."""
    bright = np.abs(r) > 0.05 * np.abs(r).max()
    if not bright.any():
        return 0.0
    return float(np.median(g[bright] / r[bright]))


def _factor_text(factor: float) -> str:
    for size, text in _FACTORS:
        for value, side in ((factor, "the picture has"), (1.0 / factor, "the reference has")):
            if abs(value / size - 1.0) < 0.01:
                return f"{side} {text}"
    return f"the picture has {factor:.4g} times the reference everywhere"
