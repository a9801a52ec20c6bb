"""The station's place against skyfield, astropy and a solved photograph; the local and the body frame."""

from __future__ import annotations

import dataclasses
import math

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import ITRS, TEME, CartesianDifferential, CartesianRepresentation
from astropy.time import Time
from astropy.utils import iers
from hypothesis import given
from hypothesis import strategies as st
from skyfield.api import EarthSatellite, load
from skyfield.framelib import itrs

from earthlimb.astro.earth_rotation import rot_itrs_from_gcrs
from earthlimb.astro.elements import parse_elements, shipped_elements
from earthlimb.astro.frames import (
    NAMED_ATTITUDES,
    Attitude,
    attitude_named,
    lvlh_azimuth_elevation,
    lvlh_direction,
    rot_body_from_gcrs,
    rot_body_from_lvlh,
    rot_lvlh_from_gcrs,
)
from earthlimb.astro.orbit import station_state
from earthlimb.astro.timescale import Instant
from earthlimb.errors import UsageError, WorkError

ITALY = """
1 25544U 98067A   21252.50949163  .00001550  00000+0  36756-4 0  9990
2 25544  51.6444 285.7692 0003404  13.6408 132.5925 15.48614249301665
"""
ITALY_UTC = "2021-09-09T22:42:40.05Z"

two_meters_km = 2e-3
fifty_meters_km = 50e-3  # what the project asks against an outside authority
ten_meters_km = 10e-3
one_mm_s = 1e-6


def test_solved_photograph() -> None:
    # ISS065-E-394522, solved from its stars and lights with skyfield: position, velocity, point below
    state = station_state(parse_elements(ITALY)[0], Instant.from_iso(ITALY_UTC))
    assert np.linalg.norm(state.pos_gcrs_km - (4376.320656, -2131.255536, 4735.741839)) < ten_meters_km
    assert np.linalg.norm(state.vel_gcrs_km_s - (0.5272390, 7.1439624, 2.7236887)) < one_mm_s
    assert math.degrees(state.lat_rad) == pytest.approx(44.50, abs=0.005)
    assert math.degrees(state.lon_rad) == pytest.approx(4.39, abs=0.005)
    assert state.alt_km == pytest.approx(423.6, abs=0.05)


@pytest.mark.parametrize("index", range(0, 69, 4))
def test_station_agrees_with_skyfield(index: int) -> None:
    elements = shipped_elements()[index]
    scale = load.timescale(builtin=True)
    theirs = EarthSatellite(elements.line1, elements.line2, ts=scale)
    for hours in (-30.0, 0.0, 11.1):
        instant = elements.epoch.shifted(hours * 3600.0)
        time = scale.from_datetime(instant.datetime)
        ours = station_state(elements, instant)
        assert np.linalg.norm(ours.pos_gcrs_km - theirs.at(time).xyz.km) < two_meters_km
        assert np.linalg.norm(ours.vel_gcrs_km_s - theirs.at(time).velocity.km_per_s) < 1e-5
        # skyfield's built-in UT1 is a smooth curve
        assert np.linalg.norm(ours.pos_itrs_km - theirs.at(time).frame_xyz(itrs).km) < fifty_meters_km


def test_earth_fixed_state_agrees_with_astropy() -> None:
    elements = parse_elements(ITALY)[0]
    instant = Instant.from_iso(ITALY_UTC)
    _, pos, vel = elements.satrec.sgp4(*instant.utc)
    with iers.conf.set_temp("auto_download", False):
        time = Time(instant.datetime)
        motion = CartesianDifferential(*vel * u.km / u.s)
        teme = TEME(CartesianRepresentation(*pos * u.km, differentials=motion), obstime=time)
        fixed = teme.transform_to(ITRS(obstime=time)).cartesian
    ours = station_state(elements, instant)
    assert np.linalg.norm(ours.pos_itrs_km - fixed.xyz.to_value(u.km)) < two_meters_km
    theirs_km_s = fixed.differentials["s"].d_xyz.to_value(u.km / u.s)
    assert np.linalg.norm(ours.vel_itrs_km_s - theirs_km_s) < 1e-5


def test_velocities_are_the_derivatives_of_positions() -> None:
    elements, instant = parse_elements(ITALY)[0], Instant.from_iso(ITALY_UTC)
    ahead, now, behind = (station_state(elements, instant.shifted(s)) for s in (0.5, 0.0, -0.5))
    # SGP4's own velocity leaves out some short-period terms: 1e-4 km/s
    assert np.allclose(ahead.pos_gcrs_km - behind.pos_gcrs_km, now.vel_gcrs_km_s, atol=2e-4)
    assert np.allclose(ahead.pos_itrs_km - behind.pos_itrs_km, now.vel_itrs_km_s, atol=2e-4)


def test_time_shift_moves_along_the_track_in_inertial_space() -> None:
    elements, instant = parse_elements(ITALY)[0], Instant.from_iso(ITALY_UTC)
    plain, shifted = station_state(elements, instant), station_state(elements, instant, time_shift_s=2.0)
    assert np.allclose(shifted.pos_gcrs_km - plain.pos_gcrs_km, 2.0 * plain.vel_gcrs_km_s, atol=0.02)
    chain = rot_itrs_from_gcrs(instant) @ shifted.pos_gcrs_km
    assert np.allclose(chain, shifted.pos_itrs_km, atol=1e-9)


def test_decayed_elements_fail_with_a_reason() -> None:
    draggy = dataclasses.replace(parse_elements(ITALY)[0], bstar=0.05, line1="", line2="")
    with pytest.raises(WorkError, match="give elements closer to that time") as caught:
        station_state(draggy, Instant.from_iso("2021-12-09T00:00:00Z"))
    assert "2021-09-09T12:13:40Z" in str(caught.value)


def test_lvlh_axes() -> None:
    state = station_state(parse_elements(ITALY)[0], Instant.from_iso(ITALY_UTC))
    lvlh_from_gcrs = rot_lvlh_from_gcrs(state.pos_gcrs_km, state.vel_gcrs_km_s)
    assert np.allclose(lvlh_from_gcrs @ lvlh_from_gcrs.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(lvlh_from_gcrs) == pytest.approx(1.0, abs=1e-12)
    assert np.allclose(lvlh_from_gcrs @ state.pos_gcrs_km, (0, 0, -np.linalg.norm(state.pos_gcrs_km)), atol=1e-9)
    along = lvlh_from_gcrs @ state.vel_gcrs_km_s
    assert along[0] > 7.6 and abs(along[1]) < 1e-12
    with pytest.raises(ValueError, match="parallel"):
        rot_lvlh_from_gcrs((7000.0, 0.0, 0.0), (1.0, 0.0, 0.0))


def test_photograph_looked_to_starboard_and_down() -> None:
    # the solved boresight: azimuth +24.5 deg to starboard of the velocity, 22.6 deg below the horizontal
    state = station_state(parse_elements(ITALY)[0], Instant.from_iso(ITALY_UTC))
    forward = rot_lvlh_from_gcrs(state.pos_gcrs_km, state.vel_gcrs_km_s) @ (
        0.101739931893, 0.972908753854, -0.207599477198,
    )  # fmt: skip
    azimuth_rad, elevation_rad = lvlh_azimuth_elevation(forward)
    assert math.degrees(azimuth_rad) == pytest.approx(24.5, abs=0.1)
    assert math.degrees(elevation_rad) == pytest.approx(-22.6, abs=0.1)


angles = st.floats(-math.pi, math.pi)


@given(angles, angles, angles)
def test_body_rotation_is_roll_after_pitch_after_yaw(yaw: float, pitch: float, roll: float) -> None:
    turn = rot_body_from_lvlh(yaw, pitch, roll)
    assert np.allclose(turn @ turn.T, np.eye(3), atol=1e-12)
    steps = rot_body_from_lvlh(0, 0, roll) @ rot_body_from_lvlh(0, pitch, 0) @ rot_body_from_lvlh(yaw, 0, 0)
    assert np.allclose(turn, steps, atol=1e-12)
    nose_lvlh = turn.T @ (1.0, 0.0, 0.0)  # the nose goes where yaw and pitch say, whatever the roll
    assert np.allclose(nose_lvlh, lvlh_direction(yaw, pitch), atol=1e-12)


@given(st.floats(-3.1, 3.1), st.floats(-1.5, 1.5))
def test_azimuth_and_elevation_round_trip(azimuth: float, elevation: float) -> None:
    assert np.allclose(lvlh_azimuth_elevation(lvlh_direction(azimuth, elevation)), (azimuth, elevation), atol=1e-9)


def test_named_attitudes() -> None:
    starboard_down = rot_body_from_lvlh(0.0, 0.0, 0.1).T @ (0.0, 1.0, 0.0)
    assert starboard_down[2] > 0.0
    pitched = attitude_named("docking-pitch-90")
    cupola_lvlh = rot_body_from_gcrs(pitched, np.eye(3)).T @ (0.0, 0.0, 1.0)
    assert np.allclose(cupola_lvlh, (1.0, 0.0, 0.0), atol=1e-12)
    ahead, back = (rot_body_from_gcrs(NAMED_ATTITUDES[name], np.eye(3)) for name in ("+XVV", "-XVV"))
    assert np.allclose(ahead @ (0.0, 0.0, 1.0), back @ (0.0, 0.0, 1.0), atol=1e-12)  # nadir keeps its place
    assert ahead[0, 0] > 0.99 and back[0, 0] < -0.99
    with pytest.raises(UsageError, match=r"station.attitude: 'XVV': one of \+XVV, -XVV"):
        attitude_named("XVV")


def test_inertial_attitude_does_not_follow_the_orbit() -> None:
    held = Attitude("inertial", 0.3, 0.2, 0.1)
    lvlh = rot_lvlh_from_gcrs((7000.0, 0.0, 0.0), (0.0, 5.0, 5.0))
    assert np.array_equal(rot_body_from_gcrs(held, lvlh), rot_body_from_lvlh(0.3, 0.2, 0.1))
    turned = rot_body_from_gcrs(Attitude("lvlh", 0.3, 0.2, 0.1), lvlh)
    assert np.allclose(turned, rot_body_from_lvlh(0.3, 0.2, 0.1) @ lvlh)
