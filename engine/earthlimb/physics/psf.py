"""The core of the lens's point spread, drawn out by the shutter, summed over pixels; twin of lib/psf.glsl."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

CORE_FWHM_PHOTOSITES = 3.0
"""Full width at half maximum on the axis at f/1.4, photosites: middle of 2.5 to 3.5 (Nikon D5, 28 mm)."""
MIN_SIGMA_PX = 0.5
"""Least width in a picture, px: resampling to a smaller picture spreads light over neighbours. With the
pixel's own box the FWHM is then 1.36 px; down-sampled photographs of the station show 1.35 to 1.65 px."""

_erf = np.vectorize(math.erf, otypes=[np.float64])


def core_sigma_px(photosites_per_px: float, fwhm_photosites: ArrayLike = CORE_FWHM_PHOTOSITES) -> Floats:
    """Width of the core in a picture whose pixel is `photosites_per_px` photosites wide, px.

    `fwhm_photosites` is that of the lens at the place, `LensModel.core_fwhm_photosites`.

    Examples
    --------
    >>> round(float(core_sigma_px(1.0)), 3), float(core_sigma_px(5.6))
    (1.274, 0.5)
    """
    fwhm = np.asarray(fwhm_photosites, np.float64)
    return np.asarray(np.maximum(MIN_SIGMA_PX, fwhm / math.sqrt(8.0 * math.log(2.0)) / photosites_per_px))


def node_count(dx_px: ArrayLike, dy_px: ArrayLike, sigma_px: float) -> NDArray[np.int64]:
    """Into how many points a streak is divided: their distance stays below sigma."""
    return np.maximum(np.ceil(np.hypot(dx_px, dy_px) / sigma_px), 1.0).astype(np.int64)


def node_sigma_px(step_px: ArrayLike, sigma_px: float) -> Floats:
    """Width of a node along x or y: the core and the variance of its own piece of the streak, step^2 / 12."""
    step = np.asarray(step_px, np.float64)
    return np.sqrt(sigma_px * sigma_px + step * step / 12.0)


def pixel_share(x_px: ArrayLike, y_px: ArrayLike, sigma_x_px: ArrayLike, sigma_y_px: ArrayLike) -> Floats:
    """Part of a Gaussian's energy that falls on a pixel, exact.

    Parameters
    ----------
    x_px, y_px : (...) array
        The pixel's centre less the Gaussian's.
    sigma_x_px, sigma_y_px : (...) array

    Returns
    -------
    (...) float64
        Between 0 and 1; over all pixels the sum is 1.

    Examples
    --------
    >>> float(pixel_share(0.0, 0.0, 0.5, 0.5).round(4))   # erf(1 / sqrt 2)^2
    0.4661
    """

    def along(x: ArrayLike, sigma: ArrayLike) -> Floats:
        scale = 1.0 / (math.sqrt(2.0) * np.asarray(sigma, np.float64))
        at = np.asarray(x, np.float64)
        return np.asarray(_erf((at + 0.5) * scale) - _erf((at - 0.5) * scale))

    return 0.25 * along(x_px, sigma_x_px) * along(y_px, sigma_y_px)


def streak_share(x_px: ArrayLike, y_px: ArrayLike, dx_px: float, dy_px: float, sigma_px: float) -> Floats:
    """Part of a streaked star's energy that falls on a pixel.

    Parameters
    ----------
    x_px, y_px : (...) array
        The pixel's centre less the streak's middle.
    dx_px, dy_px : float
        The streak, end minus start.
    sigma_px : float
        Width of the core.

    Notes
    -----
    A Gaussian convolved with a line, integrated over the pixel, has no closed form. The line is divided into
    equal pieces no longer than sigma; each is a Gaussian with the piece's variance added, whose integral is
    exact. So the energy is exact for any streak; the shape is within 1.5 % of its peak, worst on
    diagonals, where the pieces forget that they lie aslant.
    """
    n = int(node_count(dx_px, dy_px, sigma_px))
    step_x, step_y = dx_px / n, dy_px / n
    sigma_x, sigma_y = node_sigma_px(step_x, sigma_px), node_sigma_px(step_y, sigma_px)
    x, y = np.asarray(x_px, np.float64), np.asarray(y_px, np.float64)
    total = np.zeros(np.broadcast(x, y).shape)
    for i in range(n):
        at = i - 0.5 * (n - 1)
        total += pixel_share(x - at * step_x, y - at * step_y, sigma_x, sigma_y)
    return total / n
