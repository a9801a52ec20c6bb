"""Spectral responses: what one detector, the CIE observer or a camera, makes of a spectrum, in four numbers.

Channels are R, G, B, S. The CIE observer gives linear Rec.709 (cd m-2) and scotopic luminance; a camera gives
photo-electrons s-1 m-2 sr-1 in R, G, B (quantum efficiency and filter in, lens transmission out) and S = 0.
For a point source the same without sr-1: lx, or electrons s-1 m-2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.physics.exposure import CameraBody
from earthlimb.physics.spectra import (
    BV_RANGE,
    PHOTON_ENERGY_J,
    WAVELENGTH_NM,
    airglow_photons,
    daylight_photons,
    lamp_photons,
    spectra_table,
    star_photons,
)

FloatArray = NDArray[np.float64]
Transmission = Callable[[FloatArray, FloatArray], ArrayLike]
"""f(h_app_km (k, 1), wavelength_nm (401,)) -> (k, 401)."""

PHOTOPIC_LM_W = 683.0
"""Luminous efficacy at 555 nm, lm W-1 (SI)."""
SCOTOPIC_LM_W = 1700.0
"""Scotopic luminous efficacy at 507 nm, lm W-1 (CIE 1951)."""
RGB_FROM_XYZ: FloatArray = np.array(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)
"""CIE XYZ to linear Rec.709 with white D65 (IEC 61966-2-1)."""
ARCSEC2_SR = (np.pi / 648000.0) ** 2
"""One square arcsecond in sr."""


@dataclass(frozen=True)
class Response:
    """A detector's four spectral curves.

    Attributes
    ----------
    name
        "cie", or the body's name.
    curves
        (4, 401): channel value per photon m-2 s-1 sr-1 at each wavelength of `WAVELENGTH_NM`.
    """

    name: str
    curves: FloatArray

    def of_photons(self, photons_m2_s_sr_nm: ArrayLike) -> FloatArray:
        """Channels (..., 4) of a photon spectrum (..., 401), photons m-2 s-1 [sr-1] nm-1."""
        return np.asarray(np.asarray(photons_m2_s_sr_nm, float) @ self.curves.T)

    def of_spectrum_w(self, spectral_radiance_w_m2_sr_nm: ArrayLike) -> FloatArray:
        """Channels (..., 4) of an energy spectrum (..., 401), W m-2 [sr-1] nm-1."""
        return self.of_photons(np.asarray(spectral_radiance_w_m2_sr_nm, float) / PHOTON_ENERGY_J)

    def per_rayleigh(self) -> FloatArray:
        """(6, 4) channels per rayleigh of each emission, in the order of EMISSIONS.

        oi630 is per rayleigh of 630.0 nm with the 636.4 nm line that belongs to it; oh per rayleigh within
        500-700, o2 within 400-560, continuum within 480-700 nm (its spectrum holds FeO and HO2 classes).
        """
        return self.of_photons(airglow_photons())

    def of_stars(self, vmag: ArrayLike, bv: ArrayLike, transmission: ArrayLike | None = None) -> FloatArray:
        """Channels (n, 4) of stars of magnitude V (n,) and colour B-V (n,), above the air unless
        `transmission`, (401,) or (n, 401), says otherwise."""
        spectrum = star_photons(bv)
        if transmission is not None:
            spectrum = spectrum * np.asarray(transmission, float)
        return self.of_photons(spectrum) * (10.0 ** (-0.4 * np.asarray(vmag, float)))[..., None]

    def of_sky(self, v_mag_arcsec2: ArrayLike, bv: ArrayLike) -> FloatArray:
        """Channels (..., 4) of starlight of this surface brightness and colour: Milky Way, zodiacal light."""
        return self.of_stars(v_mag_arcsec2, bv) / ARCSEC2_SR

    def of_lamps(self, mix: Mapping[str, float], radiance_nw_cm2_sr: float = 1.0) -> FloatArray:
        """(4,) channels of a mixture of lamps.

        Parameters
        ----------
        mix
            Lamp name (`spectra_table().lamp_names`) to its share of the 500-900 nm radiance; scaled to sum 1.
        radiance_nw_cm2_sr
            Radiance of the whole within 500-900 nm, the band in which maps of night lights are measured.
        """
        total = sum(mix.values())
        photons = sum((lamp_photons(lamp) * (share / total) for lamp, share in mix.items()), np.zeros(1))
        return self.of_photons(photons) * radiance_nw_cm2_sr

    def of_white(self, temperature_k: float) -> FloatArray:
        """(4,) channels of daylight of this colour temperature, arbitrary level: for white balance."""
        return self.of_photons(daylight_photons(temperature_k))


def cie_response() -> Response:
    """CIE 1931 2-degree observer as linear Rec.709 in cd m-2 (unclipped), with scotopic cd m-2 in S."""
    table = spectra_table()
    rgb = PHOTOPIC_LM_W * (RGB_FROM_XYZ @ table.cie_xyz)
    return Response("cie", np.vstack([rgb, SCOTOPIC_LM_W * table.scotopic]) * PHOTON_ENERGY_J)


@lru_cache(maxsize=16)
def camera_response(body: CameraBody) -> Response:
    """A camera's quantum efficiencies, filter included.

    The shape of each channel is a measured one; the green channel's height is the body's quantum efficiency,
    the others' heights are such that the body's neutral gains make grey of the light they are stated for.

    Raises
    ------
    KeyError
        When the body names curves that are not shipped.
    """
    shapes = {"nikon_5100_npl": spectra_table().nikon_5100_npl}
    if body.curves not in shapes:
        raise KeyError(f"body {body.name!r}: curves {body.curves!r}: allowed are {', '.join(shapes)}")
    efficiency = shapes[body.curves] * PHOTON_ENERGY_J  # energy sensitivity to photons
    white = efficiency @ daylight_photons(body.neutral_k)
    efficiency = efficiency / (white * np.asarray(body.neutral_gain))[:, None]
    green_at_reference = np.interp(body.reference_nm, WAVELENGTH_NM, efficiency[1])
    efficiency = efficiency * (body.green_qe / green_at_reference)
    return Response(body.name, np.vstack([efficiency, np.zeros(WAVELENGTH_NM.size)]))


@dataclass(frozen=True)
class StarTable:
    """Response to a star of V = 0 by colour and apparent tangent height: reddening near the limb.

    Attributes
    ----------
    bv
        (m,) colour index, equal steps.
    h_app_km
        (k,) apparent tangent height of the line of sight; above the last the air does nothing.
    values
        (m, k, 4) irradiance channels. Dilution by refraction is not in it.
    """

    bv: FloatArray
    h_app_km: FloatArray
    values: FloatArray

    def response(self, vmag: ArrayLike, bv: ArrayLike, h_app_km: ArrayLike | None = None) -> FloatArray:
        """Channels (n, 4) of stars (n,); without heights, above the air. Bilinear in the table."""
        x = np.interp(np.asarray(bv, float), self.bv, np.arange(self.bv.size))
        i = np.minimum(x.astype(int), self.bv.size - 2)
        u = x - i
        height = np.full(x.shape, self.h_app_km[-1]) if h_app_km is None else np.asarray(h_app_km, float)
        y = np.interp(height, self.h_app_km, np.arange(self.h_app_km.size))
        j = np.minimum(y.astype(int), self.h_app_km.size - 2)
        v = y - j
        scale = 10.0 ** (-0.4 * np.asarray(vmag, float))
        low, high = scale * (1.0 - v), scale * v
        shares = np.stack([low * (1.0 - u), low * u, high * (1.0 - u), high * u])
        first = i * self.h_app_km.size + j  # rows of the table by colour, then by height
        places = first + np.array([0, self.h_app_km.size, 1, self.h_app_km.size + 1]).reshape(-1, *[1] * first.ndim)
        corners = self.values.reshape(-1, self.values.shape[-1]).take(places, axis=0)
        return np.asarray(np.einsum("k...,k...c->...c", shares, corners))


def star_response_table(response: Response, transmission: Transmission, n_bv: int = 59) -> StarTable:
    """Fold star spectra with the air's transmission along limb paths.

    Parameters
    ----------
    response
        The detector.
    transmission
        f(h_app_km (k, 1), wavelength_nm (401,)) -> (k, 401), for instance
        `earthlimb.physics.low_atmosphere.transmission_limb`.
    """
    bv = np.linspace(*BV_RANGE, n_bv)
    h_app_km = np.concatenate([np.arange(0.0, 40.0, 0.5), np.arange(40.0, 101.0, 2.0)])
    through = np.asarray(transmission(h_app_km[:, None], WAVELENGTH_NM), float)
    through = np.broadcast_to(through, (h_app_km.size, WAVELENGTH_NM.size)).copy()
    through[-1] = 1.0
    weighted = through[:, None, :] * response.curves[None]  # (k, 4, 401)
    values = np.einsum("ml,kcl->mkc", star_photons(bv), weighted, optimize=True)
    return StarTable(bv, h_app_km, np.ascontiguousarray(values))  # lookups take a third of the time
