"""The Italy view's stars: each brighter than V = 4.6 in its catalogue place, fluxes on the magnitude scale.

Places are computed here from the catalogue by ERFA (space motion, light deflection, aberration of Earth and
station) and a spherical limb with published bending: nothing of the renderer's own astronomy is used.
"""

from __future__ import annotations

import csv
from pathlib import Path

import erfa
import numpy as np
import pytest
from numpy.typing import NDArray

import earthlimb

Floats = NDArray[np.float64]
DATA = Path(__file__).resolve().parents[1] / "data"
MAS_RAD = np.pi / 180.0 / 3.6e6

# ISS065-E-394522, solved from its stars and city lights
UTC = (2021, 9, 9, 22, 42, 40.05)
AXES = np.array(
    [
        [0.33994504578, -0.230121113629, -0.91185615034],
        [-0.934925853802, 0.022199768852, -0.354148017296],
        [0.101739931893, 0.972908753854, -0.207599477198],
    ]
)
EYE_KM = np.array([4376.320656067721, -2131.2555355535123, 4735.7418393641])
EYE_KM_S = np.array([0.5272389876774571, 7.143962358315848, 2.7236887007756225])
F_PX, CX_PX, CY_PX, K1 = 793.7664339511981, 500.5, 333.0, 0.04965142986084833
WIDTH, HEIGHT = 1000, 665
LOST_BELOW_KM = 8.0  # the air leaves less than a thousandth of such a star, fainter than V = 11


def read(name: str) -> dict[str, Floats]:
    lines = [line for line in (DATA / name).read_text().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    return {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}


def apparent_gcrs(stars: dict[str, Floats]) -> Floats:
    """Directions (n, 3) as the moving station sees them, without refraction."""
    tt = erfa.taitt(*erfa.utctai(*erfa.dtf2d("UTC", *UTC)))
    observer = np.zeros((), erfa.dt_pv)
    observer["p"], observer["v"] = EYE_KM * 1e3, EYE_KM_S * 1e3
    ra, dec = np.radians(stars["ra_deg"]), np.radians(stars["dec_deg"])
    pm_ra = stars["pm_ra_mas_yr"] * MAS_RAD / np.cos(dec)
    context = erfa.apcs13(*tt, observer)  # leaves out precession: GCRS axes
    return np.asarray(erfa.s2c(*erfa.atciq(ra, dec, pm_ra, stars["pm_dec_mas_yr"] * MAS_RAD, 0.0, 0.0, context)))


def refracted(dirs: Floats) -> tuple[Floats, Floats]:
    """Apparent directions (n, 3) and apparent heights (n,) km, over a sphere of the local radius."""
    table = read("sky_limb_refraction.csv")
    h = np.concatenate([np.linspace(1.77, 60.0, 4000), np.linspace(60.1, 4000.0, 4000)])
    alpha = np.radians(np.exp(np.interp(h, table["h_app_km"], np.log(table["bending_deg"]))))
    alpha[h > 50.0] *= np.exp(-(h[h > 50.0] - 50.0) / 7.0)
    eye = float(np.linalg.norm(EYE_KM))
    along = -(dirs @ EYE_KM)
    tangent = EYE_KM + along[:, None] * dirs
    sin_lat = tangent[:, 2] / np.linalg.norm(tangent, axis=1)
    radius = 6356.752 / np.sqrt(1.0 - 0.00669438 * (1.0 - sin_lat**2))
    out, h_app = dirs.copy(), np.full(len(dirs), 1e3)
    for i in np.flatnonzero(along > 0.0):
        apparent_dip = np.arccos(np.minimum((radius[i] + h) / eye, 1.0))
        true_dip = np.arccos(np.linalg.norm(tangent[i]) / eye)
        h_app[i] = np.interp(-true_dip, -(apparent_dip + alpha), h, left=-1e3)
        lift = np.interp(h_app[i], h, alpha)
        up = tangent[i] / np.linalg.norm(tangent[i])
        out[i] = np.cos(lift) * dirs[i] + np.sin(lift) * up
    return out, h_app


def places(dirs: Floats) -> tuple[Floats, Floats]:
    """Places (px) by fixed-point iteration of the lens formula."""
    cam = dirs @ AXES.T
    ahead = np.where(cam[:, 2] > 0.1, cam[:, 2], np.nan)
    p, q = cam[:, 0] / ahead, cam[:, 1] / ahead
    u, v = p.copy(), q.copy()
    for _ in range(60):
        g = 1.0 + K1 * (u * u + v * v)
        u, v = p / g, q / g
    return CX_PX + F_PX * u, CY_PX + F_PX * v


@pytest.fixture(scope="module")
def frame() -> earthlimb.Frame:
    scene = earthlimb.load_scene("italy", {"station.visible": False})  # stars behind the belly too
    assert (scene.image.width_px, scene.image.height_px) == (WIDTH, HEIGHT)
    return earthlimb.render(scene)


@pytest.fixture(scope="module")
def luminance(frame: earthlimb.Frame) -> Floats:
    """The layer `stars` as luminance (h, w), cd m-2."""
    layer = frame.layer("stars").astype(np.float64)
    return layer @ np.array([0.2126, 0.7152, 0.0722])


def measure(picture: Floats, x_px: float, y_px: float, radius_px: float = 2.2) -> tuple[float, float, float]:
    """Centroid (px) and sum of the light in a round aperture that follows the centroid."""
    rows, columns = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]] + 0.5
    for _ in range(4):
        inside = (columns - x_px) ** 2 + (rows - y_px) ** 2 < radius_px**2
        light = picture[inside]
        if light.sum() <= 0.0:
            return np.nan, np.nan, 0.0
        x_px = float((light * columns[inside]).sum() / light.sum())
        y_px = float((light * rows[inside]).sum() / light.sum())
    return x_px, y_px, float(light.sum())


def solid_angle_sr(x_px: float, y_px: float) -> float:
    """Solid angle of a pixel from the cross product of its sides."""
    corners = []
    for i, j in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)):
        u, v = (x_px + i - 0.5 - CX_PX) / F_PX, (y_px + j - 0.5 - CY_PX) / F_PX
        g = 1.0 + K1 * (u * u + v * v)
        ray = np.array([u * g, v * g, 1.0])
        corners.append(ray / np.linalg.norm(ray))
    return float(np.linalg.norm(np.cross(corners[1] - corners[0], corners[2] - corners[0])))


@pytest.fixture(scope="module")
def measured(luminance: Floats) -> dict[str, Floats]:
    """Stars brighter than V = 4.6 that the air leaves visible, at least 5 px inside the picture."""
    stars = read("sky_italy_stars.csv")
    dirs, h_app = refracted(apparent_gcrs(stars))
    x, y = places(dirs)
    wanted = (stars["vmag"] < 4.6) & (h_app > LOST_BELOW_KM)
    wanted &= (x > 5.0) & (x < WIDTH - 5.0) & (y > 5.0) & (y < HEIGHT - 5.0)
    keys = ("dx", "dy", "light", "vmag", "h_app", "alone")
    result: dict[str, list[float]] = {key: [] for key in keys}
    for i in np.flatnonzero(wanted):
        x_seen, y_seen, light = measure(luminance, x[i], y[i])
        near = (np.hypot(x - x[i], y - y[i]) < 5.0) & (stars["vmag"] < stars["vmag"][i] + 3.5)
        light *= solid_angle_sr(x[i], y[i])
        values = (x_seen - x[i], y_seen - y[i], light, stars["vmag"][i], h_app[i], near.sum() == 1)
        for key, value in zip(keys, values, strict=True):
            result[key].append(float(value))
    return {key: np.array(values) for key, values in result.items()}


def test_every_bright_star_is_in_its_place(measured: dict[str, Floats]) -> None:
    off = np.hypot(measured["dx"], measured["dy"])
    assert len(off) >= 50
    half_px, median_px = 0.5, 0.3
    assert not np.isnan(off).any(), f"no light at {np.isnan(off).sum()} places"
    assert off.max() < half_px and np.median(off) < median_px


def test_fluxes_follow_the_magnitudes(measured: dict[str, Floats]) -> None:
    """Slope of -2.5 lg(light) over V, for stars alone in their aperture and above the air."""
    use = (measured["alone"] > 0.0) & (measured["h_app"] > 60.0)
    assert use.sum() >= 30
    magnitude = -2.5 * np.log10(measured["light"][use])
    slope, zero = np.polyfit(measured["vmag"][use], magnitude, 1)
    assert slope == pytest.approx(1.0, abs=0.05)
    # luminance is not quite V (colour term below 0.1 mag), and fainter stars fall into the aperture
    scatter = magnitude - (slope * measured["vmag"][use] + zero)
    tenth_mag = 0.1
    assert np.abs(scatter).max() < 2.0 * tenth_mag and scatter.std() < tenth_mag


def test_limb_dims_and_reddens_stars(measured: dict[str, Floats]) -> None:
    """Below 45 km stars lose light against their magnitude, all the more the lower they are."""
    low = measured["h_app"] < 45.0
    high = (measured["h_app"] > 60.0) & (measured["alone"] > 0.0)
    zero = np.median(measured["light"][high] * 10.0 ** (0.4 * measured["vmag"][high]))
    share = measured["light"][low] * 10.0 ** (0.4 * measured["vmag"][low]) / zero
    assert low.sum() >= 2
    assert (share < 0.7).all()


def test_the_wcs_of_the_fits_file_has_every_star(frame: earthlimb.Frame, tmp_path: Path) -> None:
    """Centroids in the whole picture against all_world2pix of the apparent places, refracted where the air does it."""
    fits, wcs = pytest.importorskip("astropy.io.fits"), pytest.importorskip("astropy.wcs")
    frame.save(tmp_path / "italy.fits")
    with fits.open(tmp_path / "italy.fits") as file:
        sky = wcs.WCS(file[0].header, naxis=2)
        picture = np.tensordot([0.2126, 0.7152, 0.0722], file[0].data.astype(float), 1)
    assert frame.rgb_linear is not None
    rest = frame.rgb_linear.astype(float) - frame.layer("stars")  # airglow is steep where stars set
    picture -= (rest @ np.array([0.2126, 0.7152, 0.0722]))[::-1]
    stars = read("sky_italy_stars.csv")
    dirs, h_app = refracted(apparent_gcrs(stars))
    ahead = dirs @ AXES[2] > 0.6
    stars, dirs, h_app = {key: value[ahead] for key, value in stars.items()}, dirs[ahead], h_app[ahead]
    ra_dec = np.degrees([np.arctan2(dirs[:, 1], dirs[:, 0]), np.arcsin(dirs[:, 2])]).T
    x, y = sky.all_world2pix(ra_dec, 1, quiet=True).T - 0.5  # from the lower left corner, centres at halves
    wanted = (stars["vmag"] < 4.6) & (h_app > LOST_BELOW_KM)
    wanted &= (x > 6.0) & (x < WIDTH - 6.0) & (y > 6.0) & (y < HEIGHT - 6.0)
    off = []
    for i in np.flatnonzero(wanted):
        near = (np.hypot(x - x[i], y - y[i]) < 2.2) & (h_app > LOST_BELOW_KM)  # a double is one blob
        light = 10.0 ** (-0.4 * stars["vmag"][near])
        x_blob, y_blob = np.average(x[near], weights=light), np.average(y[near], weights=light)
        x_seen, y_seen, _ = measure(picture, x_blob, y_blob)
        off.append(np.hypot(x_seen - x_blob, y_seen - y_blob))
    third_px = 0.3
    assert len(off) >= 50 and not np.isnan(off).any()
    assert max(off) < third_px, f"worst {max(off):.3f} px, median {np.median(off):.3f}"
