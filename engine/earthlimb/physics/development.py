"""From electrons to a picture: white balance, exposure, colour matrix, gamut mapping, shoulder, sRGB code.

The twin of lib/development.glsl. Airglow's spectral lines lie outside sRGB: a matrix alone gives negative red
and blue for the green line. Instead of clipping them, which makes flat areas and shifts hues, a colour moves
towards the grey of its own luminance until its smallest channel is positive:

    d = (max - min) / max                         how far out the colour is; 1 is the edge of sRGB
    g = (G - the larger of R, B) / (max - min)    how green it is: 1 for a pure green, 0 from yellow through red to cyan
    f(d) = d up to a knee, then a hyperbola that approaches an end and never gets there; both depend on g
    colour' = Y + s (colour - Y), s such that (max' - min') / max' = f(d)

Hue (the order and the proportions of the channels' differences) and luminance stay; colours within the knee stay
as they are; the mapping does not depend on brightness, so ratios of stars stay linear. Where read noise makes
a luminance negative the pixel ends grey: luminance of the dark sky is not biased by its colour noise.

Greens end further inside than the rest, because photographers' developments do so: photographs of the limb show
557.7 nm, a pure line, with R/G and B/G of 0.24 to 0.40 at 98 km, and the orange below it with B/R down to 0.05.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

LUMINANCE: FloatArray = np.array([0.2126, 0.7152, 0.0722])
"""Luminance of linear Rec.709."""
KNEE, GREEN_KNEE = 0.85, 0.55
"""Below this d no colour is touched; a photographed orange limb has up to 0.95."""
END, GREEN_END = 1.0, 0.72
"""What d approaches: no channel of a pure green falls below 0.28 of the green one."""
SHOULDER = 0.8
"""Display values above this bend towards 1, so that highlights keep gradation."""

FILM_GREY, FILM_SHOULDER = 0.18, 0.8
"""Of the tone curve "film": what it leaves as it is, and where its shoulder bends (in units of its output)."""


def gamut_map(linear_rgb: ArrayLike) -> FloatArray:
    """Bring linear sRGB (..., 3) of any sign into the positive range; see the module's text.

    Examples
    --------
    >>> gamut_map([0.5, 0.5, 0.5]).round(6).tolist()
    [0.5, 0.5, 0.5]
    >>> bool((gamut_map([-0.34, 1.0, -0.31]) > 0.0).all())
    True
    """
    rgb = np.asarray(linear_rgb, float)
    luminance = (rgb @ LUMINANCE)[..., None]
    chroma = rgb - luminance
    top = chroma.max(-1, keepdims=True)
    spread = top - chroma.min(-1, keepdims=True)
    brightest = np.maximum(luminance + top, 0.0)
    other = np.maximum(chroma[..., :1], chroma[..., 2:])
    green = np.maximum(chroma[..., 1:2] - other, 0.0) / np.maximum(spread, 1e-30)
    knee = KNEE + (GREEN_KNEE - KNEE) * green
    room = END + (GREEN_END - END) * green - knee
    over = spread - knee * brightest  # positive says d > knee, without a division by zero
    out = over > 0.0
    f = knee + room * over / np.where(out, over + room * brightest, 1.0)
    scale = f * np.maximum(luminance, 0.0) / np.maximum(spread - f * top, 1e-30)
    return np.asarray(luminance + np.where(out, np.minimum(scale, 1.0), 1.0) * chroma)


def shoulder(value: ArrayLike) -> FloatArray:
    """Display value of a linear one: unchanged from 0 to SHOULDER, then towards 1; negative becomes 0."""
    v = np.maximum(np.asarray(value, float), 0.0)
    room = 1.0 - SHOULDER
    return np.where(v <= SHOULDER, v, 1.0 - room * room / (np.maximum(v, SHOULDER) - SHOULDER + room))


def film(value: ArrayLike) -> FloatArray:
    """Display value of a linear one with more contrast: exponent 1.5 about middle grey, then a long shoulder.

    Examples
    --------
    >>> film([0.0, 0.18]).round(6).tolist()
    [0.0, 0.18]
    """
    v = np.maximum(np.asarray(value, float), 0.0)
    w = v * np.sqrt(v) / np.sqrt(FILM_GREY)
    return np.asarray(w * (FILM_GREY + FILM_SHOULDER) / (w + FILM_SHOULDER))


def toned(value: ArrayLike, tone: str = "neutral") -> FloatArray:
    """Display value 0 to 1 of a linear one by the name of a tone curve: "neutral", "linear" or "film"."""
    if tone == "film":
        return film(value)
    return np.clip(np.asarray(value, float), 0.0, 1.0) if tone == "linear" else shoulder(value)


def quantised(electrons: ArrayLike, electrons_per_dn: float) -> FloatArray:
    """Electrons as the raw file holds them: whole numbers of its steps.

    Examples
    --------
    >>> quantised([0.4, 7.0], 2.0).tolist()
    [0.0, 8.0]
    """
    return np.asarray(np.floor(np.asarray(electrons, float) / electrons_per_dn + 0.5) * electrons_per_dn)


def srgb_encode(linear: ArrayLike) -> FloatArray:
    """sRGB code value 0 to 1 of a linear display value (IEC 61966-2-1)."""
    v = np.clip(np.asarray(linear, float), 0.0, 1.0)
    return np.where(v <= 0.0031308, 12.92 * v, 1.055 * np.maximum(v, 0.0031308) ** (1.0 / 2.4) - 0.055)


def srgb_decode(code: ArrayLike) -> FloatArray:
    """Linear display value of an sRGB code value 0 to 1: the inverse of `srgb_encode`."""
    c = np.asarray(code, float)
    return np.where(c <= 0.04045, c / 12.92, ((np.maximum(c, 0.04045) + 0.055) / 1.055) ** 2.4)


def white_balance_gain(white_rgb: ArrayLike) -> FloatArray:
    """Gains (3,) that make a white's channels (R, G, B, ...) equal, green 1.

    Parameters
    ----------
    white_rgb
        `Response.of_white(white_balance_k)`.
    """
    white = np.asarray(white_rgb, float)[:3]
    return np.asarray(white[1] / white)


def develop_linear(
    electrons: ArrayLike,
    *,
    saturation_e: float,
    gain: ArrayLike,
    ev: float,
    matrix: ArrayLike,
    vignetting: ArrayLike = 1.0,
) -> FloatArray:
    """Scene-linear sRGB of electrons, gamut-mapped, before shoulder and code.

    Parameters
    ----------
    electrons
        (..., 3) electrons of a pixel.
    saturation_e
        Electrons at which that pixel (all its photosites) saturates.
    gain
        (3,) white balance.
    ev
        Development in stops, the body's baseline included.
    matrix
        (3, 3) white-balanced raw to linear sRGB, rows sum to 1.
    vignetting
        (...) share of light that the lens let through, divided out; 1 leaves it in.

    Notes
    -----
    A saturated channel would tint highlights: each balanced channel is cut at 1, where green saturates.
    """
    raw = np.minimum(np.asarray(electrons, float) / saturation_e * np.asarray(gain, float), 1.0)
    raw = raw / np.asarray(vignetting, float)[..., None] * 2.0**ev
    return gamut_map(raw @ np.asarray(matrix, float).T)


def develop(
    electrons: ArrayLike, *, tone: str = "neutral", electrons_per_dn: float = 0.0, **settings: ArrayLike
) -> FloatArray:
    """sRGB code values 0 to 1 of electrons (..., 3); the other settings are those of `develop_linear`.

    `electrons_per_dn` above 0 rounds to the raw file's steps first.
    """
    signal = quantised(electrons, electrons_per_dn) if electrons_per_dn > 0.0 else electrons
    return srgb_encode(toned(develop_linear(signal, **settings), tone))  # type: ignore[arg-type]
