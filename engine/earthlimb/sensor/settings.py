"""Everything the sensor passes need to know about one exposure, as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from earthlimb.physics.development import white_balance_gain
from earthlimb.physics.exposure import CameraBody, electrons_per_radiance
from earthlimb.physics.fixed_pattern import COSMIC_PER_CM2_S, SensorPattern
from earthlimb.physics.lens_model import LensModel
from earthlimb.physics.response import camera_response
from earthlimb.physics.sensor_model import frame_seed

HALO_COARSEST_PX = 10
"""Texels on the short side of the pyramid's widest level: its rms radius is a tenth of the height."""
BINNED_MOSAIC = 4.0
"""Photosites in a pixel from which each pixel holds all colours of the mosaic."""


@dataclass(frozen=True)
class SensorSettings:
    """One exposure of one body at one picture size.

    Attributes
    ----------
    electrons_per_radiance
        Mean electrons of an image pixel on the axis per unit of the camera response.
    photosites_per_px
        Photosites that an image pixel stands for.
    saturation_e, read_noise_e
        Of a whole image pixel: n times, and sqrt(n) times, the photosite's.
    seed
        32 bits, made of the scene's seed and the frame's number.
    noise
        False gives mean electrons.
    lens
        f_px, cx_px, cy_px, k1 of the picture.
    half_diagonal_px
        Radius at which `mechanical_ev` is lost to the barrel, px.
    halo_weights
        Share of the light in each level of the pyramid, narrowest first; the rest stays where it is.
    gain
        White balance of R, G, B.
    ev
        Development in stops with the body's baseline.
    matrix
        Balanced raw to linear sRGB.
    shutter_s
        Open time, for dark current and cosmic rays.
    electrons_per_dn
        Electrons of a photosite in a step of the raw file.
    channel_share
        Share of a pixel's photosites that count in R, G, B.
    mosaic
        Every pixel has one channel, interpolated in development.
    pattern, cosmic
        Fixed pattern and cosmic rays; None: without.
    blur_radius_px
        Of the disc that a star becomes out of focus.
    tone
        "neutral", "linear" or "film".
    crop
        How many times the picture's long side the sensor's is.
    """

    electrons_per_radiance: float
    photosites_per_px: float
    saturation_e: float
    read_noise_e: float
    seed: int
    noise: bool
    lens: tuple[float, float, float, float]
    half_diagonal_px: float
    mechanical_ev: float
    lens_correction: bool
    halo_weights: tuple[float, ...]
    gain: tuple[float, float, float]
    ev: float
    matrix: tuple[tuple[float, float, float], ...]
    shutter_s: float = 0.0
    electrons_per_dn: float = 1e-9
    channel_share: tuple[float, float, float] = (1.0, 1.0, 1.0)
    mosaic: bool = False
    pattern: SensorPattern | None = None
    cosmic: CosmicRays | None = None
    blur_radius_px: float = 0.0
    tone: str = "neutral"
    crop: float = 1.0


@dataclass(frozen=True)
class CosmicRays:
    """Cosmic rays of one exposure: particles a square centimetre and second, through this body, from this seed."""

    body: CameraBody
    rate_cm2_s: float
    seed: int


def halo_weights(fraction: float, start_um: float, pixel_um: float, n_levels: int) -> tuple[float, ...]:
    """Shares of a 1/r^3 halo by levels of the pyramid.

    Parameters
    ----------
    fraction
        Energy beyond `start_um`, as a share of all light.
    start_um
        Radius on the sensor from which that is counted.
    pixel_um
        Size of an image pixel on the sensor.
    n_levels
        Levels of the pyramid; level i = 1, 2, ... blurs with an rms radius of about 2^(i+1) px.

    Notes
    -----
    Density 1/r^3 leaves the energy fraction * start / r beyond r: each level takes what lies within a factor
    sqrt(2) of its radius, the last one all that is wider. What lies inside the first stays in the core: so
    the halo has the same angular size and strength whatever the picture's size.

    Examples
    --------
    >>> round(sum(halo_weights(0.02, 32.0, 6.4, 8)), 6)
    0.02
    """
    weights = []
    for level in range(1, n_levels + 1):
        inner = max(2.0 ** (level + 0.5) * pixel_um, start_um)
        beyond = 0.0 if level == n_levels else start_um / max(2.0 ** (level + 1.5) * pixel_um, start_um)
        weights.append(fraction * (start_um / inner - beyond))
    return tuple(weights)


def halo_levels(width_px: int, height_px: int) -> int:
    """Levels of the pyramid: until the short side has HALO_COARSEST_PX texels; 5 for 720 px, 6 for 2160.

    Examples
    --------
    >>> halo_levels(1280, 720)
    5
    """
    return max(int(np.log2(max(min(width_px, height_px) / HALO_COARSEST_PX, 1.0))) - 1, 1)


@lru_cache(maxsize=16)
def _gain(body: CameraBody, white_balance_k: float) -> tuple[float, float, float]:
    """Factors on R, G, B that make a body's light of a colour temperature grey."""
    r, g, b = white_balance_gain(camera_response(body).of_white(white_balance_k)).tolist()
    return r, g, b


def sensor_settings(
    body: CameraBody,
    lens_model: LensModel | None = None,
    *,
    width_px: int,
    height_px: int,
    lens: tuple[float, float, float, float],
    f_number: float,
    shutter_s: float,
    iso: float,
    white_balance_k: float,
    ev: float = 0.0,
    lens_correction: bool = True,
    noise: bool = True,
    seed: int = 0,
    frame: int = 0,
    bayer: bool = False,
    pattern: SensorPattern | None = None,
    cosmic_rays: float = 0.0,
    blur_um: float = 0.0,
    tone: str = "neutral",
    crop: float = 1.0,
) -> SensorSettings:
    """Settings of one exposure.

    Parameters
    ----------
    lens_model
        Transmission, vignetting and halo; without one, the standard lens's.
    lens
        f_px, cx_px, cy_px, k1 of the picture (pixels from the upper left corner).
    shutter_s
        Open time, s.
    white_balance_k
        Colour temperature that becomes grey.
    ev
        Development in stops; the body's baseline is added.
    seed, frame
        The scene's seed and the number of the frame.
    bayer
        One colour a photosite. Where a pixel holds all of them (n >= 4), n/4, n/2 and n/4 photosites count in R, G
        and B; below, the pixels themselves are the mosaic.
    pattern
        Of this specimen of the body.
    cosmic_rays
        Times the quiet rate inside the station.
    blur_um
        Diameter of the disc of blur on the sensor.
    tone
        Name of the tone curve.
    crop
        How many times the picture's long side the sensor's is; more than 1 of a picture cut out of a larger one.
    """
    glass = lens_model or LensModel.load()
    n = body.photosites_per_px(width_px, height_px, crop)
    pixel_um = body.pixel_um(width_px, height_px, crop)
    gain = _gain(body, white_balance_k)
    return SensorSettings(
        electrons_per_radiance=electrons_per_radiance(
            body, f_number, shutter_s, width_px, height_px, glass.transmission, crop
        ),
        photosites_per_px=n,
        saturation_e=n * body.saturation_e(iso),
        read_noise_e=float(np.sqrt(n)) * body.read_noise_at(iso),
        seed=frame_seed(seed, frame),
        noise=noise,
        lens=lens,
        half_diagonal_px=body.half_diagonal_px(width_px, height_px, crop),
        mechanical_ev=glass.mechanical_loss_ev(f_number),
        lens_correction=lens_correction,
        halo_weights=halo_weights(glass.halo_fraction, glass.halo_start_um, pixel_um, halo_levels(width_px, height_px)),
        gain=gain,
        ev=ev + body.baseline_ev,
        matrix=body.matrix,
        shutter_s=shutter_s,
        electrons_per_dn=body.electrons_per_dn(iso),
        channel_share=(0.25, 0.5, 0.25) if bayer and n >= BINNED_MOSAIC else (1.0, 1.0, 1.0),
        mosaic=bayer and n < BINNED_MOSAIC,
        pattern=pattern,
        cosmic=CosmicRays(body, cosmic_rays * COSMIC_PER_CM2_S, frame_seed(seed, frame)) if cosmic_rays > 0.0 else None,
        blur_radius_px=0.5 * blur_um / pixel_um,
        tone=tone,
        crop=crop,
    )
