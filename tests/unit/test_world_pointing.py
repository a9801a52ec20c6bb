"""camera.point: each way to point looks where it says."""

from __future__ import annotations

import numpy as np
import pytest

from earthlimb.astro.earth_rotation import rot_itrs_from_gcrs
from earthlimb.astro.frames import rot_lvlh_from_gcrs
from earthlimb.errors import UsageError
from earthlimb.physics.geometry import itrs_from_geodetic, tangent_km
from earthlimb.scene import load_scene
from earthlimb.world.build import station_of
from earthlimb.world.pointing import rot_cam_from_gcrs


def camera(**point: object) -> tuple[np.ndarray, object, np.ndarray, np.ndarray]:
    scene = load_scene("italy", {f"camera.point.{k}": v for k, v in point.items()})
    instant, _, _, station = station_of(scene)
    itrs = rot_itrs_from_gcrs(instant)
    lvlh = rot_lvlh_from_gcrs(station.pos_gcrs_km, station.vel_gcrs_km_s)
    roll = np.radians(scene.camera.roll_deg)
    return rot_cam_from_gcrs(scene.camera.point, roll, station, itrs, lvlh, lvlh), station, itrs, lvlh


def test_limb_azimuth_and_tangent_height() -> None:
    rot, station, itrs, lvlh = camera(limb={"azimuth_deg": 24.5, "tangent_km": 90.0})
    forward = lvlh @ rot[2]
    assert np.degrees(np.arctan2(forward[1], forward[0])) == pytest.approx(24.5, abs=1e-9)
    height, _ = tangent_km(station.pos_itrs_km, (itrs @ rot[2])[None])  # type: ignore[attr-defined]
    assert height[0] == pytest.approx(90.0, abs=1e-6)


def test_the_photograph_looks_24_degrees_to_starboard_and_22_down() -> None:
    """STATION_AND_CAMERA B: boresight azimuth +24.5, depression 22.6 degrees."""
    scene = load_scene("italy")
    instant, _, _, station = station_of(scene)
    lvlh = rot_lvlh_from_gcrs(station.pos_gcrs_km, station.vel_gcrs_km_s)
    rot = rot_cam_from_gcrs(scene.camera.point, 0.0, station, rot_itrs_from_gcrs(instant), lvlh, lvlh)
    forward = lvlh @ rot[2]
    assert np.degrees(np.arctan2(forward[1], forward[0])) == pytest.approx(24.5, abs=0.1)
    assert np.degrees(np.arcsin(forward[2])) == pytest.approx(22.6, abs=0.1)


def test_ground_stands_in_the_middle() -> None:
    rot, station, itrs, _ = camera(ground={"lat_deg": 41.9, "lon_deg": 12.5})
    place = itrs_from_geodetic(np.radians(41.9), np.radians(12.5), 0.0)
    towards = place - station.pos_itrs_km  # type: ignore[attr-defined]
    assert itrs @ rot[2] == pytest.approx(towards / np.linalg.norm(towards), abs=1e-12)


def test_sky_and_body() -> None:
    rot, _, _, lvlh = camera(sky={"ra_deg": 84.0, "dec_deg": -12.0})
    assert np.degrees(np.arcsin(rot[2, 2])) == pytest.approx(-12.0)
    rot, _, _, lvlh = camera(body={"azimuth_deg": 90.0, "elevation_deg": -30.0})
    assert lvlh @ rot[2] == pytest.approx([0.0, np.cos(np.radians(30)), 0.5], abs=1e-12)


def test_up_is_up_and_roll_turns_clockwise() -> None:
    rot, _, _, lvlh = camera(limb={"azimuth_deg": 10.0, "tangent_km": 90.0})
    assert lvlh[2] @ rot[0] == pytest.approx(0.0, abs=1e-12)  # the horizon is level
    assert lvlh[2] @ rot[1] > 0.9  # down is down
    assert np.cross(rot[0], rot[1]) == pytest.approx(rot[2], abs=1e-12)
    scene = load_scene("italy", {"camera.point.limb": {"azimuth_deg": 10.0, "tangent_km": 90.0}})
    instant, _, _, station = station_of(scene)
    turned = rot_cam_from_gcrs(scene.camera.point, np.radians(10.0), station, rot_itrs_from_gcrs(instant), lvlh, lvlh)
    # the camera's right side sinks when it is turned clockwise
    assert turned[0] @ rot[1] == pytest.approx(np.sin(np.radians(10.0)), abs=1e-9)


def test_straight_down_has_the_direction_of_flight_up() -> None:
    rot, _, _, lvlh = camera(body={"azimuth_deg": 0.0, "elevation_deg": -90.0})
    assert -rot[1] @ lvlh[0] > 0.99


def test_impossible_pointings_are_refused() -> None:
    with pytest.raises(UsageError, match=r"tangent_km = 450: must lie below the station, which flies at 423\.6 km"):
        camera(limb={"azimuth_deg": 0.0, "tangent_km": 450.0})
    with pytest.raises(UsageError, match=r"deg below the station's horizon"):
        camera(ground={"lat_deg": -33.9, "lon_deg": 151.2})
