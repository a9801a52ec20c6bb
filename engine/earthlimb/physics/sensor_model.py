"""Electrons with shot and read noise from counter-based random numbers; the twin of lib/noise.glsl.

A pixel's noise depends on the seed, its column and row and nothing else: not on threads, tiles or order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
UintArray = NDArray[np.uint32]

SKEW_LIMIT = 0.5
"""Largest skewness that the quantile expansion gets: beyond it, it would no longer be monotone. Only pixels
whose light and read noise are both a few electrons without read noise would exceed it."""

_GOLDEN = np.uint32(0x9E3779B9)
_N_BITS = 25
"""Counted for a deviate: those below are nearly periodic over a picture, plane waves of a tenth of the noise."""
_VARIANCE = _N_BITS / 4.0 + 1.0 / 12.0
_KURTOSIS_MEND = (_N_BITS / 8.0 + 1.0 / 120.0) / _VARIANCE**2 / 24.0


def random_bits(x: ArrayLike, y: ArrayLike, seed: int) -> UintArray:
    """Three independent 32-bit numbers, shape (..., 3), for column x, row y and a seed.

    Notes
    -----
    PCG3D of Jarzynski and Olano 2020, "Hash Functions for GPU Rendering", JCGT 9(3).
    """
    x_in, y_in = np.broadcast_arrays(np.asarray(x, np.uint32), np.asarray(y, np.uint32))
    m, a = np.uint32(1664525), np.uint32(1013904223)
    with np.errstate(over="ignore"):  # arithmetic modulo 2^32 is meant
        p = x_in * m + a
        q = y_in * m + a
        r = np.full_like(p, np.uint32(seed & 0xFFFFFFFF)) * m + a
        for last in (False, True):
            p = p + q * r
            q = q + r * p
            r = r + p * q
            if not last:
                p, q, r = (v ^ (v >> np.uint32(16)) for v in (p, q, r))
    return np.stack([p, q, r], axis=-1)


def frame_seed(seed: int, frame: int) -> int:
    """Seed of one exposure: frame i of a video draws from (seed, i); 32 bits.

    Examples
    --------
    >>> frame_seed(0, 0) != frame_seed(0, 1) != frame_seed(1, 0)
    True
    """
    return int(random_bits(seed & 0xFFFFFFFF, frame & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF)[0])


def normal_from_bits(bits: ArrayLike) -> FloatArray:
    """Standard normal deviates from 32-bit numbers.

    Notes
    -----
    The number of set bits among the upper 25 is binomial, 25 throws of a coin; a uniform number, 23 bits of a
    multiplicative hash, fills the gaps; a cubic term mends the fourth moment (the excess is -2/25). Against a
    normal distribution: Kolmogorov distance 0.3 %, 0.9 to 1.05 of the deviates beyond 2 to 4.5 sigma, none beyond
    5.6. Over a picture they are white: no plane wave has more than chance gives the strongest of them.
    Counting bits costs a tenth of an inverse error function on the software rasteriser.
    """
    whole = np.asarray(bits, np.uint32)
    upper = whole >> np.uint32(32 - _N_BITS)
    v = upper - ((upper >> np.uint32(1)) & np.uint32(0x55555555))
    v = (v & np.uint32(0x33333333)) + ((v >> np.uint32(2)) & np.uint32(0x33333333))
    v = (v + (v >> np.uint32(4))) & np.uint32(0x0F0F0F0F)
    with np.errstate(over="ignore"):  # arithmetic modulo 2^32 is meant
        count = ((v * np.uint32(0x01010101)) >> np.uint32(24)).astype(np.float64)
        fraction = ((whole * _GOLDEN) >> np.uint32(9)).astype(np.float64) * 2.0**-23
    z = (count + fraction - 0.5 * (_N_BITS + 1)) / np.sqrt(_VARIANCE)
    return np.asarray(z * (1.0 + _KURTOSIS_MEND * (z * z - 3.0)))


def noisy_electrons(mean_e: ArrayLike, read_variance_e2: float, normal: ArrayLike) -> FloatArray:
    """A draw of (Poisson of this mean) + (Gaussian of this variance) for a standard normal deviate.

    Parameters
    ----------
    mean_e
        Mean electrons of a pixel; below zero counts as zero.
    read_variance_e2
        n times the photosite's read noise squared, for a pixel that sums n photosites.
    normal
        Standard normal deviate.

    Notes
    -----
    Cornish-Fisher expansion of the sum's quantile with its variance mean + read variance and its third and
    fourth cumulants, both the mean: one normal deviate instead of a loop over a Poisson's terms. Mean,
    variance and skewness of the draws are right to their statistical error wherever the read noise is above
    1 electron (tests/unit/test_camera_sensor.py); with 0.6, as the Nikon Z 9's at high ISO, the skewness of pixels of
    a few electrons is a fifth too small. Lost: whole numbers.
    """
    mean = np.maximum(np.asarray(mean_e, float), 0.0)
    z = np.asarray(normal, float)
    variance = np.maximum(mean + read_variance_e2, 1e-6)
    sigma = np.sqrt(variance)
    skew = np.minimum(mean / (variance * sigma), SKEW_LIMIT)
    kurtosis = skew / sigma
    w = z + skew * (z * z - 1.0) / 6.0
    w = w + kurtosis * (z * z - 3.0) * z / 24.0 - skew * skew * (2.0 * z * z - 5.0) * z / 36.0
    return np.asarray(mean + sigma * w)


def expose(
    mean_e: ArrayLike, *, photosites_per_px: float, read_noise_e: float, saturation_e: float, seed: int
) -> FloatArray:
    """One exposure: noisy, saturated electrons of every image pixel.

    Parameters
    ----------
    mean_e
        (height, width, 3) mean electrons, row 0 at the top.
    photosites_per_px
        n: saturation and read-noise variance of a pixel are n times a photosite's.
    read_noise_e, saturation_e
        Of one photosite.
    seed
        See `frame_seed`.

    Returns
    -------
    (height, width, 3) electrons; read noise makes some of them negative.
    """
    mean = np.asarray(mean_e, float)
    height, width = mean.shape[:2]
    bits = random_bits(np.arange(width)[None, :], np.arange(height)[:, None], seed)
    drawn = noisy_electrons(mean, photosites_per_px * read_noise_e**2, normal_from_bits(bits))
    return np.minimum(drawn, photosites_per_px * saturation_e)


def vignetting(
    x: ArrayLike, y: ArrayLike, *, f_px: float, cx_px: float, cy_px: float, k1: float,
    half_diagonal_px: float, mechanical_ev: float,
) -> FloatArray:  # fmt: skip
    """Share of the light on the axis that reaches pixel (x, y) for the same radiance.

    Notes
    -----
    cos^4 of the ray's angle, times 2^(-ev rho^4) for the barrel, where rho is the radius in the picture over
    half its diagonal: the loss sets in late, as measured on fast wide lenses. Estimated, see the body's file.
    """
    u = (np.asarray(x, float) + 0.5 - cx_px) / f_px
    v = (np.asarray(y, float) + 0.5 - cy_px) / f_px
    r2 = u * u + v * v
    tangent = 1.0 + k1 * r2
    cos2 = 1.0 / (1.0 + r2 * tangent * tangent)
    rho2 = r2 * (f_px / half_diagonal_px) ** 2
    return np.asarray(cos2 * cos2 * np.exp2(-mechanical_ev * rho2 * rho2))
