"""The Earth's surface in the dark: what airglow and starlight bring down to it and what it sends back up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.constants import EARTH_MEAN_RADIUS_KM

Floats = NDArray[np.float64]
Transmission = Callable[[Floats, float], Floats]

SEA_REFLECTANCE = (0.030, 0.038, 0.048)
"""Reflectance of open sea to diffuse light, R, G, B: Fresnel for a diffuse sky (0.06 over a calm sea, less
over a
rough one) and water-leaving light that grows to the blue (Jin et al. 2004, Geophys. Res. Lett. 31,
L22301)."""
STARLIGHT_CD_M2 = 2.1e-4
"""Mean luminance of the sky without airglow: about 250 S10 units, stars 105, diffuse galactic light 25,
zodiacal
light 120 (Leinert et al. 1998, A&AS 127, 1); 1 S10 = 27.78 mag arcsec-2 = 8.4e-7 cd m-2."""
DIFFUSE_RETURN = 0.5
"""Share of the light that the air takes from a beam by scattering that still reaches the ground."""


def hemisphere_factor(
    transmission: Transmission, wavelength_nm: float, layer_km: float | None, *, n: int = 48
) -> float:
    """Irradiance of the ground over the radiance that a sky layer has overhead, sr.

    Parameters
    ----------
    transmission : function of (elevation_rad (n,), wavelength_nm) -> (n,) transmission of the whole
        atmosphere
    wavelength_nm : float
    layer_km : height of a thin shell that is brighter towards the horizon (van Rhijn 1921), None for a sky of
        uniform radiance
    n : Gauss-Legendre nodes

    Returns
    -------
    float; pi without air and without shell

    Notes
    -----
    2 pi int V(z) (T + r (1 - T)) cos z sin z dz, V = 1 / sqrt(1 - (R sin z / (R + h))^2), r = DIFFUSE_RETURN.

    >>> round(hemisphere_factor(lambda e, w: np.ones_like(e), 550.0, None) / np.pi, 6)
    1.0
    """
    node, weight = np.polynomial.legendre.leggauss(n)
    mu, weight = 0.5 * (node + 1.0), 0.5 * weight
    beam = np.asarray(transmission(np.arcsin(mu), wavelength_nm), float)
    reach = beam + DIFFUSE_RETURN * (1.0 - beam)
    if layer_km is not None:
        ratio = EARTH_MEAN_RADIUS_KM / (EARTH_MEAN_RADIUS_KM + layer_km)
        reach = reach / np.sqrt(1.0 - ratio**2 * (1.0 - mu**2))
    return float(2.0 * np.pi * np.sum(weight * mu * reach))


def night_reach(
    transmission: Transmission,
    *,
    wavelength_nm: ArrayLike = (589.3, 557.7, 630.0, 600.0, 480.0, 590.0),
    layer_km: ArrayLike = (90.0, 97.0, 250.0, 88.0, 96.0, 90.0),
) -> Floats:
    """`hemisphere_factor` (7,) of the emissions, in the order of `earthlimb.constants.EMISSIONS`, and of starlight.

    Parameters
    ----------
    transmission : as in `hemisphere_factor`
    wavelength_nm, layer_km : (6,) where the extinction is taken and where the layers lie
    """
    layers = zip(np.ravel(wavelength_nm), np.ravel(layer_km), strict=True)
    glow = [hemisphere_factor(transmission, float(w), float(h)) for w, h in layers]
    return np.array([*glow, hemisphere_factor(transmission, 550.0, None)])


def night_irradiance(
    columns_rayleigh: ArrayLike,
    response_per_rayleigh: ArrayLike,
    starlight_response_per_cd_m2: ArrayLike,
    reach: Floats,
) -> Floats:
    """Irradiance of the ground by airglow and starlight, in the response's unit times sr.

    Parameters
    ----------
    columns_rayleigh : (6,) zenith columns of the emissions, in the order of `earthlimb.constants.EMISSIONS`
    response_per_rayleigh : (6, 4) radiance in the response's channels per rayleigh
    starlight_response_per_cd_m2 : (4,) the same per cd m-2 of starlight
    reach : (7,) from `night_reach`

    Returns
    -------
    (4,)
    """
    glow = (np.asarray(columns_rayleigh, float) * reach[:6]) @ np.asarray(response_per_rayleigh, float)
    stars = STARLIGHT_CD_M2 * reach[6]
    return np.asarray(glow + stars * np.asarray(starlight_response_per_cd_m2, float))


def surface_radiance(albedo: ArrayLike, irradiance: ArrayLike, transmission: ArrayLike) -> Floats:
    """Radiance of a Lambert surface above the air, (n, 4). GLSL twin: `surface_light`.

    Parameters
    ----------
    albedo : (n, 3) reflectance in R, G, B; the fourth channel takes that of G
    irradiance : (4,) from `night_irradiance`
    transmission : (n, 4) from the ground to the eye
    """
    rgb = np.asarray(albedo, float)
    four = np.concatenate([rgb, rgb[:, 1:2]], axis=1)
    return np.asarray(four * np.asarray(irradiance, float) / np.pi * np.asarray(transmission, float))


def along_ground_en(hit_itrs_km: ArrayLike, way_itrs: ArrayLike, lat_rad: ArrayLike) -> Floats:
    """Part (n, 2) of vectors along the ground, east and north. GLSL twin: `along_ground_en`."""
    hit, way, lat = (np.asarray(v, float) for v in (hit_itrs_km, way_itrs, lat_rad))
    axis = np.maximum(np.hypot(hit[:, 0], hit[:, 1]), 1e-6)
    outward = (way[:, 0] * hit[:, 0] + way[:, 1] * hit[:, 1]) / axis
    east = (hit[:, 0] * way[:, 1] - hit[:, 1] * way[:, 0]) / axis
    return np.stack([east, way[:, 2] * np.cos(lat) - outward * np.sin(lat)], axis=1)


def swept_path_en(hit_itrs_km: ArrayLike, view_itrs: ArrayLike, lat_rad: ArrayLike, gone_itrs_km: ArrayLike) -> Floats:
    """Path (n, 2), east and north, km, of the place that a pixel sees. GLSL twin: `swept_path_en`.

    Parameters
    ----------
    hit_itrs_km, view_itrs, lat_rad : (n, 3), (n, 3), (n,)
        The place at the middle of the time, unit vectors from the eye, geodetic latitude.
    gone_itrs_km : (n, 3)
        Path of a point that stays at the place's distance on the pixel's ray, see `world.shutter.ground_path`.
    """
    hit, view, lat, gone = (np.asarray(v, float) for v in (hit_itrs_km, view_itrs, lat_rad, gone_itrs_km))
    lon = np.arctan2(hit[:, 1], hit[:, 0])
    normal = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    down = np.maximum(-(view * normal).sum(axis=1), 1.0 / 60.0)
    path = gone + view * ((normal * gone).sum(axis=1) / down)[:, None]
    return along_ground_en(hit, path, lat)


def view_along_en(hit_itrs_km: ArrayLike, view_itrs: ArrayLike, lat_rad: ArrayLike) -> Floats:
    """Unit vector (n, 2) east, north of the horizontal part of a direction of view; north where it has none.

    GLSL twin: `view_along_en` in shaders/lib/city_lights.glsl.
    """
    en = along_ground_en(hit_itrs_km, view_itrs, lat_rad)
    size = np.linalg.norm(en, axis=1, keepdims=True)
    return np.where(size > 1e-6, en / np.maximum(size, 1e-6), np.array([[0.0, 1.0]]))
