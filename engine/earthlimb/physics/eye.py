"""What a person at the window sees: adaptation, mesopic luminance, acuity, thresholds, brightness on a display.

Twin of lib/eye.glsl. Luminances are cd m-2 (photopic of the CIE 1931, scotopic of the CIE 1951 observer).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

MES2_A, MES2_B = 0.7670, 0.3334
"""CIE 191:2010, MES2: m = a + b lg L; 0 below 0.005, 1 above 5 cd m-2."""
MES2_ROD = 683.0 / 1699.0
"""Rods' weight in the same formula, V'(555 nm)."""
MES2_ROUNDS = 6
"""Of the fixed point; it shrinks its error at least four times a round."""
VEIL_SHARE = 0.087
"""Share of lit surroundings in the adaptation of the place looked at (Moon and Spencer 1945)."""
DARK_DECADES_PER_MIN = 0.3
"""The equivalent background fades by so much: 0.24 of the threshold (Lamb and Pugh 2004) over its slope of 0.8."""
ABSOLUTE_CD_M2 = 2e-6
"""Faintest wide light, order of magnitude (Blackwell 1946, free viewing)."""
CABIN_WHITE = 3.0
"""White paper over the mean of a lit cabin; an estimate."""
FOVEA_SR = 1.53e-6
"""Solid angle of a star's image on the retina: 4 arcmin full width at half maximum; an estimate."""
MTF_SIGMA_CYCLES = 0.3415
"""A Gaussian blur of sigma = 0.3415 / R leaves a tenth of the contrast of R cycles."""
LOWEST_CPD = 1.0
"""The fit of acuity falls below zero at 1e-6 cd m-2; a rod's pool still resolves about half a degree."""
NL_PER_CD_M2 = 1.0 / 3.183e-6
LX_PER_FOOTCANDLE = 10.764
ROD_EVENTS = 8.7e8
"""Rod events of one scotopic cd m-2 sr: 1.5e15 photons s-1 m-2 (507 nm, 1700 lm W-1) through a pupil of 7 mm in 0.15 s,
of which a tenth is counted (Barlow 1956: 0.05 to 0.1)."""


@dataclass(frozen=True)
class EyeState:
    """An adapted eye before a display.

    Attributes
    ----------
    background_cd_m2
        Equivalent background: as if this light lay over everything.
    threshold_cd_m2
        Wide light that is just seen.
    white_cd_m2
        Luminance that the display's white stands for.
    acuity
        Factor on the normal acuity.
    """

    background_cd_m2: float
    threshold_cd_m2: float
    white_cd_m2: float
    acuity: float = 1.0


def eye_state(cabin_cd_m2: float, dark_min: float, white_cd_m2: float, acuity: float = 1.0) -> EyeState:
    """The eye after `dark_min` minutes in the dark that followed a cabin of mean luminance `cabin_cd_m2`.

    Examples
    --------
    >>> round(eye_state(100.0, 0.0, 0.3).background_cd_m2, 3)
    8.7
    """
    fade = 10.0 ** (-DARK_DECADES_PER_MIN * dark_min)
    background = VEIL_SHARE * cabin_cd_m2 * fade
    white = max(white_cd_m2, CABIN_WHITE * cabin_cd_m2 * fade)
    return EyeState(background, wide_threshold_cd_m2(background), white, acuity)


def wide_threshold_cd_m2(background_cd_m2: float) -> float:
    """Luminance of a wide light that is just seen upon an equivalent background.

    Notes
    -----
    A contrast of 0.01 (1 + sqrt(0.1 / B)): twice Blackwell's (1946) thresholds of his largest disk, 2 degrees,
    as read from his tables by order of magnitude.
    """
    b = max(background_cd_m2, 0.0)
    return ABSOLUTE_CD_M2 + 0.01 * (b + float(np.sqrt(0.1 * b)))


def mesopic(photopic_cd_m2: ArrayLike, scotopic_cd_m2: ArrayLike) -> tuple[Floats, Floats]:
    """Mesopic luminance [cd m-2] and the share of it that the cones bring, which alone has colour.

    Notes
    -----
    CIE 191:2010, MES2, each place taken as adapted to itself. Below 0.005 cd m-2 the result is scotopic.

    Examples
    --------
    >>> [round(float(v), 3) for v in mesopic(10.0, 20.0)]   # photopic
    [10.0, 1.0]
    >>> [round(float(v), 4) for v in mesopic(0.001, 0.002)]
    [0.002, 0.0]
    """
    p = np.maximum(np.asarray(photopic_cd_m2, float), 1e-9)  # lines outside the gamut and black stay positive
    s = np.maximum(np.asarray(scotopic_cd_m2, float), 1e-9)
    m = np.full(np.broadcast(p, s).shape, 0.5)
    for _ in range(MES2_ROUNDS):
        m = np.clip(MES2_A + MES2_B * np.log10(_mixed(p, s, m)), 0.0, 1.0)
    return _mixed(p, s, m), m * p / (m * p + (1.0 - m) * MES2_ROD * s)


def _mixed(p: Floats, s: Floats, m: Floats) -> Floats:
    rods = (1.0 - m) * MES2_ROD
    return np.asarray((m * p + rods * s) / (m + rods))


def acuity_cpd(luminance_cd_m2: ArrayLike) -> Floats:
    """Finest grating that is seen, cycles per degree.

    Notes
    -----
    Ward Larson, Rushmeier and Piatko 1997: 17.25 arctan(1.4 lg L + 0.35) + 25.72, a fit of Shlaer's data (1937).

    Examples
    --------
    >>> round(float(acuity_cpd(100.0)), 0), round(float(acuity_cpd(0.001)), 1)
    (48.0, 3.0)
    """
    light = np.log10(np.maximum(np.asarray(luminance_cd_m2, float), 1e-9))
    return np.asarray(np.maximum(17.25 * np.arctan(1.4 * light + 0.35) + 25.72, LOWEST_CPD))


def blur_variance_px2(luminance_cd_m2: ArrayLike, f_px: float, acuity: float = 1.0) -> Floats:
    """Variance of the blur in the picture, px2, where the eye is adapted to this luminance."""
    sigma_rad = np.radians(MTF_SIGMA_CYCLES / (acuity * acuity_cpd(luminance_cd_m2)))
    return np.asarray((sigma_rad * f_px) ** 2)


def level_variance_px2(level: int) -> float:
    """Variance of a level of the pyramid, seen in the picture: down by 1 3 3 1 and up again by 3 1, each 0.75 4^i.

    Examples
    --------
    >>> [level_variance_px2(i) for i in range(4)]
    [0.0, 1.5, 7.5, 31.5]
    """
    return 0.5 * (4.0**level - 1.0)


def star_threshold_lx(background_cd_m2: ArrayLike) -> Floats:
    """Illuminance of a star that is just seen upon a background, lx.

    Notes
    -----
    Hecht 1947 with the constants of Schaefer 1990: C (1 + sqrt(K B))^2, the smaller of rods' and cones'.
    Crumey's (2014) formula for point sources gives 6.2 (field factor 2) to 6.9 (1) where this gives 6.6.

    Examples
    --------
    >>> sky = 1.08e5 * 10 ** (-0.4 * 21.83)   # mag arcsec-2 of a dark site
    >>> round(float(-2.5 * np.log10(star_threshold_lx(sky) / 2.54e-6)), 1)
    6.6
    """
    b = np.maximum(np.asarray(background_cd_m2, float), 0.0) * NL_PER_CD_M2
    rods = 10.0**-9.80 * (1.0 + np.sqrt(10.0**-1.90 * b)) ** 2
    cones = 10.0**-8.35 * (1.0 + np.sqrt(10.0**-5.90 * b)) ** 2
    return np.asarray(LX_PER_FOOTCANDLE * np.minimum(rods, cones))


def display_luminance(luminance_cd_m2: ArrayLike, threshold_cd_m2: float, white_cd_m2: float) -> Floats:
    """Linear display value (white 1) that looks as bright, against white, as this luminance does to the eye.

    Notes
    -----
    Brightness by Stevens' law with the exponent 1/3 above the threshold (Stevens and Stevens 1963), as CIE
    lightness L* = 100 b, which the display's value returns: ((L* + 16) / 116)^3, L* / 903.3 below 8.
    """
    l0, white = np.cbrt(threshold_cd_m2), np.cbrt(white_cd_m2)
    lightness = 100.0 * np.maximum(np.cbrt(np.asarray(luminance_cd_m2, float)) - l0, 0.0) / max(white - l0, 1e-6)
    return np.asarray(np.where(lightness > 8.0, ((lightness + 16.0) / 116.0) ** 3, lightness / 903.3))
