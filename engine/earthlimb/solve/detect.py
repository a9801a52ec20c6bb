"""Point sources of a night photograph and how much the picture around each looks like sky."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sep
from numpy.typing import NDArray
from scipy.ndimage import median_filter

Array = NDArray[np.float64]

_SURROUNDINGS_PX = 9
"""Side of the square whose median is a pixel's surroundings: wider than a star, narrower than the airglow's layer."""
_MESH_PX = 16
"""Cell in which the noise is measured."""
_THRESHOLD = 3.5
"""Detection threshold over the local noise."""
_FLOOR_GREY = 1.0 / 255.0
"""Least noise assumed: one step of an 8-bit picture. A clipped black sky would else turn every step into a star."""
_KERNEL_SIGMA_PX = 0.8
_LARGEST_PX = 3.0
"""Semi-major axis (rms) beyond which a source is no star: towns, clouds, structure."""
_LONGEST = 3.5
"""Axis ratio beyond which it is an edge; streaks of 2 s exposures stay below."""


@dataclass(frozen=True, eq=False)
class Sources:
    """Point sources, brightest first.

    Attributes
    ----------
    xy_px : (n, 2) place in the picture, pixel centres at half-integers
    flux : (n,) sum of grey values above the surroundings
    dark_rank : (n,) share of the picture that is darker than the surroundings of the source, 0 to 1
    """

    xy_px: Array
    flux: Array
    dark_rank: Array

    def __len__(self) -> int:
        return len(self.flux)

    def pick(self, keep: NDArray[np.intp] | NDArray[np.bool_]) -> Sources:
        """Some of the sources, in the order given."""
        return Sources(self.xy_px[keep], self.flux[keep], self.dark_rank[keep])


def find_sources(grey: NDArray[np.float32]) -> Sources:
    """Star-like sources of a picture.

    Parameters
    ----------
    grey : (h, w) float32
        Mean of the display values, 0 to 1, as encoded (about a square root of the light).

    Returns
    -------
    Sources
        Perhaps none. Lights of towns are among them: their surroundings' noise raises the threshold, and their
        `dark_rank` is high.
    """
    data = np.ascontiguousarray(grey, dtype=np.float32)
    level = median_filter(data, size=_SURROUNDINGS_PX, mode="nearest")
    left = data - level
    noise = np.maximum(sep.Background(left, bw=_MESH_PX, bh=_MESH_PX, fw=3, fh=3).rms(), _FLOOR_GREY)
    axis = np.exp(-0.5 * (np.arange(-2, 3) / _KERNEL_SIGMA_PX) ** 2)
    sep.set_extract_pixstack(max(1_000_000, data.size // 2))
    try:
        found = sep.extract(
            left, _THRESHOLD, err=noise, minarea=2, deblend_cont=0.005,
            filter_kernel=np.outer(axis, axis).astype(np.float32),
        )  # fmt: skip
    except Exception:  # too many objects or pixels: a picture of noise
        return Sources(np.zeros((0, 2)), np.zeros(0), np.zeros(0))
    found = found[(found["a"] <= _LARGEST_PX) & (found["a"] <= _LONGEST * np.maximum(found["b"], 0.3))]
    found = found[np.argsort(-found["flux"], kind="stable")]
    x, y = found["x"].astype(np.float64), found["y"].astype(np.float64)
    here = level[np.clip(y.astype(int), 0, data.shape[0] - 1), np.clip(x.astype(int), 0, data.shape[1] - 1)]
    rank = np.searchsorted(np.sort(level[::4, ::4].ravel()), here) / level[::4, ::4].size
    return Sources(np.stack([x + 0.5, y + 0.5], axis=1), found["flux"].astype(np.float64), rank)
