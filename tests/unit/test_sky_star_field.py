"""Stars in the picture: refraction against the limb's own law, hiding, dilution, streaks, culling."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from earthlimb.physics.geometry import geodetic_from_itrs, lowest_points, tangent_km
from earthlimb.physics.lens import Lens
from earthlimb.physics.star_field import project_stars
from earthlimb.physics.star_refraction import ABOVE_AIR_KM, HARD_LIMB_APP_KM, refracted_directions

Floats = NDArray[np.float64]
EYE_KM = np.array([4376.320656, -2131.255536, 4735.741839])
LENS = Lens(793.7664339511981, 500.5, 333.0, 0.04965142986084833, 1000, 665)
ONE_METRE_KM = 1e-3


def bending_rad(h_app_km: Floats) -> Floats:
    """A stand-in near the US76 limb: 1.1 deg at the ground, scale 7 km."""
    return np.radians(1.1) * np.exp(-(np.asarray(h_app_km) - 1.77) / 7.0)


def no_bending(h_app_km: Floats) -> Floats:
    return np.zeros_like(h_app_km)


def dilution(h_app_km: Floats, distance_km: Floats) -> Floats:
    return 1.0 / (1.0 + distance_km * bending_rad(h_app_km) / 7.0)


def flux(vmag: Floats, bv: Floats, h_app_km: Floats) -> Floats:
    return 10.0 ** (-0.4 * vmag)[:, None] * np.array([1.0, 2.0, 3.0, 0.0])


def towards(tangent_heights_km: Floats, azimuth_rad: float = 1.1) -> Floats:
    """Unit directions from EYE_KM whose straight rays have about these tangent heights over the ellipsoid."""
    up = EYE_KM / np.linalg.norm(EYE_KM)
    east = np.cross([0.0, 0.0, 1.0], up)
    east /= np.linalg.norm(east)
    level = np.cos(azimuth_rad) * np.cross(up, east) + np.sin(azimuth_rad) * east
    dips = np.linspace(0.2, 0.5, 4000)
    dirs = np.cos(dips)[:, None] * level - np.sin(dips)[:, None] * up
    height, _ = tangent_km(EYE_KM, dirs)
    wanted = np.interp(-np.asarray(tangent_heights_km), -height, dips)
    return np.cos(wanted)[:, None] * level - np.sin(wanted)[:, None] * up


def test_the_lowest_point_of_a_ray_is_found_in_one_step() -> None:
    """To 5 m along the ray and 2 micrometres of height, against a parabola through the altitudes around it."""
    rng = np.random.default_rng(3)
    dirs, eye = rng.normal(size=(400, 3)), rng.normal(size=(400, 3))
    dirs /= np.linalg.norm(dirs, axis=1, keepdims=True)
    eye *= 6790.0 / np.linalg.norm(eye, axis=1, keepdims=True)
    height, range_km, lat, lon = lowest_points(eye, dirs)
    seen = (range_km > 100.0) & (height > -100.0)
    assert seen.sum() > 30
    for k in np.flatnonzero(seen):
        along = range_km[k] + np.linspace(-2.0, 2.0, 401)
        heights = geodetic_from_itrs(eye[k] + along[:, None] * dirs[k])[2]
        curve = np.polyfit(along - range_km[k], heights, 2)  # metres of height in 2 km of way: a parabola
        assert abs(curve[1] / (2.0 * curve[0])) < 5.0 * ONE_METRE_KM
        assert height[k] == pytest.approx(np.polyval(curve, -curve[1] / (2.0 * curve[0])), abs=2e-9)
    lowest = geodetic_from_itrs(eye + range_km[:, None] * dirs)
    np.testing.assert_allclose([lat, lon, height], lowest, atol=1e-12)


def test_stars_behind_the_earth_are_left_out_and_no_others() -> None:
    """As where each might move by itself, which leaves none out: at an instant, and while the station flies 30 km."""
    rng = np.random.default_rng(5)
    dirs = towards(rng.uniform(-400.0, 200.0, 300), 1.1)
    up = EYE_KM / np.linalg.norm(EYE_KM)
    forward = dirs.mean(axis=0) / np.linalg.norm(dirs.mean(axis=0))
    right = np.cross(forward, up)
    right /= np.linalg.norm(right)
    rot = np.stack([right, np.cross(forward, right), forward])
    still = {"rot_cam_from_gcrs": rot, "lens": LENS, "pos_obs_gcrs_km": EYE_KM, "star_response": flux}
    still |= {"bending_rad": bending_rad, "dilution": dilution}
    flight = {"vel_obs_gcrs_km_s": 7.5 * np.cross(up, right), "shutter_s": 4.0}
    kinds: tuple[dict[str, object], ...] = ({}, flight)
    for moving in kinds:
        found = project_stars(dirs, np.full(300, 3.0), np.zeros(300), **still, **moving)  # type: ignore[arg-type]
        fixed = project_stars(lambda _: dirs, np.full(300, 3.0), np.zeros(300), **still, **moving)  # type: ignore[arg-type]
        assert 20 < len(found.index) < 250 and np.array_equal(found.index, fixed.index)
        assert np.array_equal(found.irradiance, fixed.irradiance)


@pytest.mark.parametrize("azimuth_rad", [0.0, 1.1, 2.5, 4.0])
def test_apparent_ray_bends_back_to_the_star(azimuth_rad: float) -> None:
    """The apparent ray's own geodetic tangent height gives the bending that leads to the true direction."""
    true = towards(np.linspace(-44.0, 90.0, 200), azimuth_rad)
    apparent, h_app, distance = refracted_directions(true, EYE_KM, bending_rad)
    height, far = tangent_km(EYE_KM, apparent)
    np.testing.assert_allclose(height, h_app, atol=3 * ONE_METRE_KM)
    np.testing.assert_allclose(far, distance, rtol=1e-4)
    lift = 2.0 * np.arcsin(0.5 * np.linalg.norm(apparent - true, axis=1))
    np.testing.assert_allclose(lift, bending_rad(h_app), rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(apparent, axis=1), 1.0, atol=1e-12)
    up = EYE_KM / np.linalg.norm(EYE_KM)
    assert (apparent @ up > true @ up).all()  # air lifts stars


def test_order_is_kept_and_the_field_is_squeezed() -> None:
    true = towards(np.linspace(-40.0, 60.0, 300))
    _, h_app, _ = refracted_directions(true, EYE_KM, bending_rad)
    assert (np.diff(h_app) > 0.0).all()
    assert h_app[0] < 3.0 and h_app[-1] == pytest.approx(60.0, abs=0.05)


def test_stars_above_and_below_the_air() -> None:
    up = EYE_KM / np.linalg.norm(EYE_KM)
    dirs = np.vstack([towards(np.array([150.0, -200.0])), up, -up])
    apparent, h_app, _ = refracted_directions(dirs, EYE_KM, bending_rad)
    np.testing.assert_array_equal(apparent, dirs)
    assert h_app.tolist() == [ABOVE_AIR_KM, -np.inf, ABOVE_AIR_KM, -np.inf]
    _, h_bare, _ = refracted_directions(towards(np.array([5.0, -5.0])), EYE_KM, None)
    assert h_bare.tolist() == [ABOVE_AIR_KM, -np.inf]  # without air the ellipsoid itself is the edge


def camera_at(direction: Floats) -> Floats:
    """Camera whose axis is `direction`, rows right, down, forward."""
    up = EYE_KM / np.linalg.norm(EYE_KM)
    right = np.cross(direction, up)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(direction, right), direction])


def test_hard_limb_hides_and_dilution_dims() -> None:
    dirs = towards(np.linspace(-46.0, 120.0, 500))
    rot = camera_at(towards(np.array([40.0]))[0])
    vmag, bv = np.full(500, 5.0), np.full(500, np.nan)
    common = {"rot_cam_from_gcrs": rot, "lens": LENS, "pos_obs_gcrs_km": EYE_KM, "star_response": flux}
    sprites = project_stars(dirs, vmag, bv, bending_rad=bending_rad, dilution=dilution, **common)
    _, h_app, far = refracted_directions(dirs, EYE_KM, bending_rad)
    seen = h_app >= HARD_LIMB_APP_KM
    assert 0 < (~seen).sum() < 100
    np.testing.assert_array_equal(sprites.index, np.flatnonzero(seen))
    expected = 0.01 * np.where(h_app < ABOVE_AIR_KM, dilution(h_app, far), 1.0)[seen]
    np.testing.assert_allclose(sprites.irradiance[:, 0], expected, rtol=1e-12)
    assert (np.diff(sprites.y_px) < 0.0).all()  # higher stars stand higher in the picture


def test_place_without_air_is_the_lens() -> None:
    rng = np.random.default_rng(3)
    dirs = rng.normal(size=(3000, 3))
    dirs /= np.linalg.norm(dirs, axis=1, keepdims=True)
    up = EYE_KM / np.linalg.norm(EYE_KM)
    rot = camera_at(np.cross(up, [0.0, 1.0, 0.0]) / np.linalg.norm(np.cross(up, [0.0, 1.0, 0.0])))
    sprites = project_stars(
        dirs, np.full(3000, 3.0), np.full(3000, 0.5),
        rot_cam_from_gcrs=rot, lens=LENS, pos_obs_gcrs_km=EYE_KM, star_response=flux,
    )  # fmt: skip
    x, y, has_image = LENS.project(dirs @ rot.T)
    height, _ = tangent_km(EYE_KM, dirs)
    shown = has_image & LENS.inside(x, y, 8.0) & (height > 0.0)
    np.testing.assert_array_equal(np.sort(sprites.index), np.flatnonzero(shown))
    np.testing.assert_allclose(sprites.x_px, x[sprites.index], atol=1e-9)
    assert len(sprites.x_px) > 100


def test_streak_is_the_cameras_turn() -> None:
    """Turning about the camera's down axis by w t moves a central star by -f w t along x; NumPy's 1e-9 px."""
    rot = camera_at(EYE_KM / np.linalg.norm(EYE_KM) @ np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1]]))
    lens = Lens(1000.0, 500.0, 400.0, 0.0, 1000, 800)
    rate, shutter = 0.001, 2.0
    sprites = project_stars(
        rot[2:3], np.array([1.0]), np.array([0.0]),
        rot_cam_from_gcrs=rot, lens=lens, pos_obs_gcrs_km=EYE_KM, star_response=flux,
        omega_gcrs_rad_s=rate * rot[1], shutter_s=shutter,
    )  # fmt: skip
    assert sprites.dx_px[0] == pytest.approx(-2.0 * 1000.0 * np.tan(0.5 * rate * shutter), abs=1e-9)
    assert abs(sprites.dy_px[0]) < 1e-9 and abs(sprites.x_px[0] - 500.0) < 1e-9


def test_bowed_streak_keeps_the_mean_place() -> None:
    """Centre against the mean of 2001 instants on a turn of 2 degrees about an axis near the star."""
    lens = Lens(800.0, 500.0, 400.0, 0.05, 1000, 800)
    rot, rate, shutter = np.eye(3), np.radians(2.0) / 30.0, 30.0
    star = lens.rays_cam(620.0, 430.0)
    axis = lens.rays_cam(300.0, 300.0)
    eye = np.array([0.0, 0.0, 6800.0])
    sprites = project_stars(
        star[None], np.array([1.0]), np.array([0.0]),
        rot_cam_from_gcrs=rot, lens=lens, pos_obs_gcrs_km=eye, star_response=flux,
        omega_gcrs_rad_s=rate * axis, shutter_s=shutter,
    )  # fmt: skip
    angle = -rate * np.linspace(-0.5, 0.5, 2001)[:, None] * shutter
    along = axis * (axis @ star)
    path = along + (star - along) * np.cos(angle) + np.cross(axis, star) * np.sin(angle)
    x, y, _ = lens.project(path)
    hundredth_px = 0.01
    assert sprites.x_px[0] == pytest.approx(x.mean(), abs=hundredth_px)
    assert sprites.y_px[0] == pytest.approx(y.mean(), abs=hundredth_px)
    assert (sprites.dx_px[0], sprites.dy_px[0]) == (
        pytest.approx(x[-1] - x[0], abs=1e-6), pytest.approx(y[-1] - y[0], abs=1e-6),
    )  # fmt: skip


def test_orientation_of_the_ellipsoid_matters_little() -> None:
    """A pole off by 0.14 deg changes apparent heights by less than 60 m, as the docstring says."""
    dirs = towards(np.linspace(-30.0, 60.0, 50))
    tilt = np.radians(0.14)
    turn = np.array([[np.cos(tilt), 0, np.sin(tilt)], [0, 1, 0], [-np.sin(tilt), 0, np.cos(tilt)]])
    rot = camera_at(towards(np.array([20.0]))[0])
    places = [
        project_stars(
            dirs,
            np.full(50, 5.0),
            np.full(50, 0.5),
            rot_cam_from_gcrs=rot,
            lens=LENS,
            bending_rad=bending_rad,
            pos_obs_gcrs_km=EYE_KM,
            star_response=flux,
            rot_itrs_from_gcrs=fixed,
        )
        for fixed in (None, turn)
    ]
    both = np.intersect1d(places[0].index, places[1].index)
    a, b = (s.y_px[np.searchsorted(s.index, both)] for s in places)
    squeeze = 5.0  # in the squeezed field places react up to so much less than heights do
    assert 0.0 < np.abs(a - b).max() < squeeze * 0.06 / 2350.0 * LENS.f_px
