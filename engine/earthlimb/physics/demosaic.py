"""The colour mosaic of a sensor and its interpolation; the twin of lib/demosaic.glsl."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.physics.fixed_pattern import BAYER_CHANNEL

Floats = NDArray[np.float64]

CROSS = np.array([[0, 0, -1, 0, 0], [0, 0, 2, 0, 0], [-1, 2, 4, 2, -1], [0, 0, 2, 0, 0], [0, 0, -1, 0, 0]]) / 8.0
"""Green at red and blue places."""
ROW = np.array([[0, 0, 0.5, 0, 0], [0, -1, 0, -1, 0], [-1, 4, 5, 4, -1], [0, -1, 0, -1, 0], [0, 0, 0.5, 0, 0]]) / 8.0
"""Red or blue at green places whose row holds that colour; turned, whose column does."""
DIAGONAL = (
    np.array([[0, 0, -1.5, 0, 0], [0, 2, 0, 2, 0], [-1.5, 0, 6, 0, -1.5], [0, 2, 0, 2, 0], [0, 0, -1.5, 0, 0]]) / 8.0
)
"""Red at blue places and blue at red ones."""


def channel_of(x: ArrayLike, y: ArrayLike) -> NDArray[np.int64]:
    """Channel (0, 1, 2: R, G, B) of the place in column x and row y of the mosaic.

    Examples
    --------
    >>> channel_of([0, 1, 0, 1], [0, 0, 1, 1]).tolist()
    [0, 1, 1, 2]
    """
    return np.asarray(np.asarray(BAYER_CHANNEL)[np.asarray(y) & 1, np.asarray(x) & 1])


def mosaic(rgb: ArrayLike) -> Floats:
    """(height, width): of (height, width, 3) what the colour filters let through."""
    full = np.asarray(rgb, float)
    y, x = np.mgrid[: full.shape[0], : full.shape[1]]
    return np.asarray(np.take_along_axis(full, channel_of(x, y)[..., None], axis=-1)[..., 0])


def demosaic(raw: ArrayLike) -> Floats:
    """(height, width, 3) from a mosaic (height, width).

    Notes
    -----
    Malvar, He and Cutler 2004 (ICASSP), "High-quality linear interpolation for demosaicing of Bayer-patterned color
    images": bilinear interpolation corrected by the Laplacian of the colour that is known. Beyond the edge the mosaic
    is mirrored about the border's pixels, which keeps its colours.
    """
    data = np.asarray(raw, float)
    height, width = data.shape
    padded = np.pad(data, 2, mode="reflect") if min(data.shape) > 2 else np.pad(data, 2, mode="edge")

    def filtered(kernel: Floats) -> Floats:
        return sum(
            (kernel[j, i] * padded[j : j + height, i : i + width] for j in range(5) for i in range(5)), np.zeros(1)
        )

    cross, row, column, diagonal = (filtered(k) for k in (CROSS, ROW, ROW.T, DIAGONAL))
    y, x = np.mgrid[:height, :width]
    own = channel_of(x, y)
    red_row = (y & 1) == 0
    out = np.empty((height, width, 3))
    out[..., 1] = np.where(own == 1, data, cross)
    out[..., 0] = np.select([own == 0, own == 2], [data, diagonal], np.where(red_row, row, column))
    out[..., 2] = np.select([own == 2, own == 0], [data, diagonal], np.where(red_row, column, row))
    return out
