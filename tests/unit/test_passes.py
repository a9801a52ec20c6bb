"""Passes in darkness: against a search second by second by other means, and what the command prints."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skyfield.api import EarthSatellite, load, wgs84

from earthlimb.astro import bodies, stars
from earthlimb.astro.earth_rotation import rot_itrs_from_gcrs
from earthlimb.astro.element_set import Elements
from earthlimb.astro.elements import nearest_elements, shipped_elements, shipped_history
from earthlimb.astro.omm import omm_text
from earthlimb.astro.orbit import station_state
from earthlimb.astro.passes import Span, above_limb_rad
from earthlimb.astro.places import find_place
from earthlimb.astro.timescale import Instant
from earthlimb.astro.track import Track
from earthlimb.cli import app as cli
from earthlimb.errors import UsageError
from earthlimb.physics.geometry import tangent_km
from earthlimb.scene import load_scene
from earthlimb.world.build import build_world
from earthlimb.world.passes import Target, _pass

START = Instant.from_iso("2021-09-08T00:00:00Z")
A_SECOND = 1.0
TWO_METERS_KM = 0.002
TWO_ARCSECONDS = math.radians(2.0 / 3600.0)


@lru_cache(maxsize=1)
def elements() -> Elements:
    return nearest_elements(shipped_elements(), START)


def spans_of(inside: np.ndarray) -> list[tuple[int, int]]:
    """First and last second of every run of true."""
    padded = np.concatenate([[False], inside, [False]]).astype(int)
    return list(zip(np.flatnonzero(np.diff(padded) == 1), np.flatnonzero(np.diff(padded) == -1) - 1, strict=True))


def brute_place(lat_deg: float, lon_deg: float, seconds: int) -> list[tuple[int, int]]:
    """Station by skyfield, Sun by the world's own path every 20 s; every second is looked at."""
    one = elements()
    scale = load.timescale(builtin=True)
    satellite = EarthSatellite(one.line1, one.line2, ts=scale)
    place = wgs84.latlon(lat_deg, lon_deg)
    t = np.arange(seconds + 1)
    elevation = []
    for part in np.array_split(t, max(seconds // 20000, 1)):
        times = scale.utc(2021, 9, 8, 0, 0, part)
        elevation.append((satellite - place).at(times).altaz()[0].degrees)
    lat, lon = math.radians(lat_deg), math.radians(lon_deg)
    up = np.array([math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)])
    nodes = np.arange(0, seconds + 61, 60)
    sun = []
    for node in nodes.tolist():
        instant = START.shifted(node)
        direction = rot_itrs_from_gcrs(instant) @ bodies.sun_gcrs_km(instant)
        sun.append(math.degrees(math.asin(up @ direction / np.linalg.norm(direction))))
    dark = np.interp(t, nodes, sun) < -12.0
    return spans_of((np.concatenate(elevation) > 3.0) & dark)


def passes(*arguments: str, hours: float, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    end = START.shifted(hours * 3600.0).utc_iso(0)
    assert cli.run(["passes", *arguments, "--from", START.utc_iso(0), "--to", end, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def seconds_of(row: dict[str, Any]) -> tuple[float, float, float]:
    start, best, end = (Instant.from_iso(row[k]).minus(START) for k in ("start_utc", "best_utc", "end_utc"))
    return start, best, end


def agree(found: list[dict[str, Any]], brute: list[tuple[int, int]]) -> None:
    assert len(found) == len(brute) > 0
    for row, (first, last) in zip(found, brute, strict=True):
        start, best, end = seconds_of(row)
        assert first - A_SECOND <= start <= first + 0.1 and last - 0.1 <= end <= last + A_SECOND
        assert start <= best <= end


def pinned(tmp_path: Path) -> str:
    path = tmp_path / "one.tle"
    path.write_text(f"{elements().line1}\n{elements().line2}\n")
    return str(path)


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "hours"),
    [
        (41.9, 12.5, 2.5),
        pytest.param(41.9, 12.5, 48.0, marks=pytest.mark.long),
        pytest.param(-51.6, -69.2, 48.0, marks=pytest.mark.long),
        pytest.param(0.0, 179.9, 48.0, marks=pytest.mark.long),
        pytest.param(69.6, 18.9, 48.0, marks=pytest.mark.long),
    ],
)
def test_every_pass_over_a_place_is_found(
    lat_deg: float, lon_deg: float, hours: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    brute = brute_place(lat_deg, lon_deg, int(hours * 3600))
    if brute:
        agree(passes("--place", f"{lat_deg},{lon_deg}", "--tle", pinned(tmp_path), hours=hours, capsys=capsys), brute)
    else:
        found = passes("--place", f"{lat_deg},{lon_deg}", "--tle", pinned(tmp_path), hours=hours, capsys=capsys)
        assert found == []


@pytest.mark.long
def test_every_pass_of_a_star_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every other second by the renderer's own path: the limb is where the ray's lowest point meets the ground."""
    hours, catalogue = 2.0, stars.load_catalogue()
    index = stars.find_star(catalogue, "Sirius").index
    direction = stars.apparent_directions(catalogue, START, subset=np.array([index]))[0]
    inside = []
    for t in range(0, int(hours * 3600) + 1, 2):
        instant = START.shifted(t)
        station = station_state(elements(), instant)
        itrs = rot_itrs_from_gcrs(instant)
        up = station.pos_itrs_km / np.linalg.norm(station.pos_itrs_km)
        ray, sun = itrs @ direction, itrs @ bodies.sun_gcrs_km(instant)
        along = float(ray @ up)
        level = ray - along * up
        level /= np.linalg.norm(level)
        limb = limb_by_bisection(station.pos_itrs_km, up, level)
        height = math.degrees(math.asin(along)) - limb
        inside.append(0.0 < height < 10.0 and sun @ up < 0.0)
    brute = [(2 * a, 2 * b) for a, b in spans_of(np.array(inside))]
    found = passes("--star", "sirius", "--tle", pinned(tmp_path), hours=hours, capsys=capsys)
    assert len(found) == len(brute) > 0
    for row, (first, last) in zip(found, brute, strict=True):
        start, _, end = seconds_of(row)
        assert first - 2.0 <= start <= first + 0.1 and last - 0.1 <= end <= last + 2.0


def limb_by_bisection(pos: np.ndarray, up: np.ndarray, level: np.ndarray) -> float:
    low, high = -25.0, -15.0
    for _ in range(25):
        middle = math.radians(0.5 * (low + high))
        ray = math.cos(middle) * level + math.sin(middle) * up
        low, high = (
            (low, math.degrees(middle)) if tangent_km(pos, ray[None])[0][0] > 0.0 else (math.degrees(middle), high)
        )
    return 0.5 * (low + high)


def test_the_track_is_the_stations_own_path() -> None:
    start = Instant.from_iso("2021-08-20T00:00:00Z")
    track = Track(shipped_history(), start, 20 * 86400.0)
    t_s = np.sort(np.random.default_rng(1).uniform(0.0, 20 * 86400.0, 40))
    pos, sun = track.pos_itrs_km(t_s), track.sun_dir_itrs(t_s)
    for k, t in enumerate(t_s.tolist()):
        instant = start.shifted(t)
        one = nearest_elements(shipped_elements(), instant)
        assert track.set_at(t) == one
        assert pos[k] == pytest.approx(station_state(one, instant).pos_itrs_km, abs=TWO_METERS_KM)
        there = rot_itrs_from_gcrs(instant) @ bodies.sun_gcrs_km(instant)
        assert sun[k] == pytest.approx(there / np.linalg.norm(there), abs=TWO_ARCSECONDS)


def test_a_line_to_the_hard_limb_touches_the_ground() -> None:
    pos = station_state(elements(), START).pos_itrs_km
    up = pos / np.linalg.norm(pos)
    for azimuth in np.linspace(0.0, 6.0, 7):
        across = np.cross(up, [0.0, 0.0, 1.0])
        across /= np.linalg.norm(across)
        level = math.cos(azimuth) * across + math.sin(azimuth) * np.cross(up, across)
        ray = level[None]
        down = -above_limb_rad(pos[None], ray)[0]  # a level ray stands so far above the limb
        towards = math.cos(down) * level + math.sin(down) * up
        assert tangent_km(pos, towards[None])[0][0] == pytest.approx(0.0, abs=0.02)


def test_what_a_pass_says_is_what_its_scene_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "scenes"
    folder.mkdir()
    found = passes("--place", "Rome", "--scene-dir", str(folder), hours=4.0, capsys=capsys)
    files = sorted(folder.glob("pass_*.toml"))
    assert len(files) == len(found) == 3
    scene = load_scene(files[0])
    assert scene.time.utc == Instant.from_iso(found[0]["best_utc"]).datetime
    world = build_world(scene)
    middle = world.geometry(np.array([750.0]), np.array([500.0]))
    assert np.degrees([middle.lat_rad[0], middle.lon_rad[0]]) == pytest.approx([41.89, 12.51], abs=0.02)
    assert middle.range_km[0] == pytest.approx(found[0]["range_km"], abs=1.0)
    forward = world.rot_lvlh_from_gcrs @ world.rot_cam_from_gcrs[2]
    assert math.degrees(math.atan2(forward[1], forward[0])) % 360.0 == pytest.approx(found[0]["azimuth_deg"], abs=0.05)
    assert found[0]["tangent_km"] is None and found[0]["sun_elevation_deg"] < -12.0


def test_a_scene_keeps_the_elements_of_an_omm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It used to fall back to the shipped sets: here the station would stand elsewhere."""
    moved = replace(elements(), line1="", line2="", mean_anomaly_rad=elements().mean_anomaly_rad + 0.5)
    (tmp_path / "iss.json").write_text(omm_text(moved), encoding="utf-8")
    folder = tmp_path / "scenes"
    folder.mkdir()
    found = passes(
        "--place", "Rome", "--tle", str(tmp_path / "iss.json"), "--scene-dir", str(folder), hours=4.0, capsys=capsys
    )
    world = build_world(load_scene(min(folder.glob("pass_*.toml"))))
    middle = world.geometry(np.array([750.0]), np.array([500.0]))
    assert middle.range_km[0] == pytest.approx(found[0]["range_km"], abs=1.0)
    assert world.elements.mean_anomaly_rad == pytest.approx(moved.mean_anomaly_rad, abs=1e-12)


@pytest.mark.parametrize("when", ["2021-01-13T05:00:00Z", "2021-09-09T22:42:40Z", "2021-05-26T11:18:00Z"])
def test_the_moon_of_a_pass_is_that_of_another_almanac(when: str) -> None:
    """Illuminated fraction and height by astropy's own ephemeris: new, crescent, full and in eclipse."""
    import astropy.units as u
    from astropy.coordinates import AltAz, EarthLocation, get_body
    from astropy.time import Time
    from astropy.utils import iers

    start = Instant.from_iso(when)
    place = Target("x", np.radians([41.9]), np.radians([12.5]))
    one = _pass(Track(shipped_history(), start, 60.0), place, Span(0.0, 30.0, 60.0))
    with iers.conf.set_temp("auto_download", False):
        time = Time(start.shifted(30.0).utc_iso(3).removesuffix("Z"), scale="utc")
        here = EarthLocation.from_geodetic(12.5, 41.9)
        moon, sun = (get_body(name, time, here, ephemeris="builtin") for name in ("moon", "sun"))
        altitude = moon.transform_to(AltAz(obstime=time, location=here)).alt.deg
        apart = sun.separation(moon).rad
        sun_km, moon_km = (float(body.distance.to(u.km).value) for body in (sun, moon))
    phase = math.atan2(sun_km * math.sin(apart), moon_km - sun_km * math.cos(apart))
    # seen from the Earth's centre here and from the place there: the Moon's parallax is a degree
    assert one.moon_fraction == pytest.approx(0.5 * (1.0 + math.cos(phase)), abs=0.005)
    assert one.moon_elevation_deg == pytest.approx(altitude, abs=0.05)


def test_a_star_stands_in_the_middle_of_its_scene(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = passes("--star", "Sirius", "--scene-dir", str(tmp_path), hours=3.0, capsys=capsys)
    world = build_world(load_scene(min(tmp_path.glob("pass_*.toml"))))
    tangent = world.geometry(np.array([750.0]), np.array([500.0])).tangent_km[0]
    assert tangent == pytest.approx(found[0]["tangent_km"], abs=0.5)
    assert tangent == pytest.approx(90.0, abs=8.0)  # of the layer, within the Earth's flattening


def test_a_region_is_passed_whenever_a_place_of_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    region = passes("--region", "italy".upper()[:2], hours=4.0, capsys=capsys)
    rome = passes("--place", "Rome", hours=4.0, capsys=capsys)
    for row in rome:
        start, _, end = seconds_of(row)
        assert any(s[0] <= start + 1.0 and end - 1.0 <= s[2] for s in map(seconds_of, region))
    assert 5.0 < region[0]["lon_deg"] < 19.0
    europe = passes("--region", "Europe", hours=4.0, capsys=capsys)
    assert len(europe) >= len(region) and europe[0]["elevation_deg"] > 60.0


MISTAKES = [
    (["--place", "Rome", "--star", "Sirius"], "passes: --place and --star: exactly one of --place, --star, --region"),
    ([], "passes: nothing to pass: exactly one of"),
    (["--place", "Romme-xyz"], "--place: 'Romme-xyz': a town or village of GeoNames is allowed"),
    (["--place", "95,10"], "--place: 95,10: latitude -90 to 90, longitude -180 to 360 is allowed"),
    (["--star", "Siriuss"], "--star: 'Siriuss': not in the catalogue"),
    (["--region", "Europ"], "--region: Europ: Europe, Africa"),
    (["--place", "Rome", "--to", "2021-09-01T00:00Z"], "--to: 2021-09-01T00:00Z: a time after --from"),
    (["--place", "Rome", "--to", "2021-09-10T00:00"], "--to: 2021-09-10T00:00: a time without a zone"),
    (["--place", "Rome", "--tle", "no-such"], "--tle no-such: No such file or directory: a readable file, or -"),
    (["--place", "Rome", "--scene-dir", "no-such"], "--scene-dir: no-such: no such folder"),
    (
        ["--place", "Rome", "--from", "2030-01-01T00:00Z", "--to", "2030-01-02T00:00Z"],
        "station (shipped elements): the",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), MISTAKES)
def test_mistakes(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    whole = ["passes", "--from", "2021-09-08T00:00Z", "--to", "2021-09-09T00:00Z", *arguments]
    assert cli.run(whole) == 2
    assert capsys.readouterr().err.startswith(message)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--place", "78.2,15.6", "--from", "2021-12-20T00:00Z", "--to", "2021-12-20T06:00Z"],
         ": the station never stands 3 degrees above its horizon"),
        (["--place", "60.2,24.9", "--from", "2021-06-20T00:00Z", "--to", "2021-06-21T00:00Z"],
         ": the Sun never 12 degrees below it"),
        (["--place", "-78.2,15.6", "--from", "2021-12-20T00:00Z", "--to", "2021-12-20T03:00Z"],
         ": the station never stands 3 degrees above its horizon and the Sun never 12 degrees below it"),
        (["--star", "Polaris", "--to", "2021-09-08T00:20Z"], ": the star never comes within 10 degrees of the limb"),
        (["--place", "Rome", "--from", "2021-09-08T03:39Z", "--to", "2021-09-08T05:30Z"], ""),
    ],
)  # fmt: skip
def test_why_there_is_no_pass(arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    whole = ["passes", "--from", "2021-09-08T00:00Z", "--to", "2021-09-08T06:00Z", *arguments]
    assert cli.run(whole) == 0
    out, err = capsys.readouterr()
    line = next(text for text in err.splitlines() if "no pass" in text)
    assert out == "" and line.partition("Z and ")[2].partition("Z")[2] == reason


def test_the_table_of_a_region_says_over_what(capsys: pytest.CaptureFixture[str]) -> None:
    span = ["--from", "2021-09-08T00:00Z", "--to", "2021-09-08T01:00Z"]
    assert cli.run(["passes", "--region", "IT", *span]) == 0
    first, row = capsys.readouterr().out.splitlines()
    assert first.endswith("over") and re.search(r"  4[0-9]\.\d,\d+\.\d$", row)


def test_names_in_plain_letters_and_nearly_right_ones(capsys: pytest.CaptureFixture[str]) -> None:
    for plain, name in (("tromso", "Tromsø"), ("LODZ", "Łódź"), ("sao paulo", "São Paulo"), ("Gießen", "Gießen")):
        assert find_place(plain).name == name
    assert cli.run(["passes", "--place", "Roma-", "--from", "2021-09-08T00:00Z", "--to", "2021-09-09T00:00Z"]) == 2
    assert capsys.readouterr().err.rstrip().endswith("check its spelling or give LAT,LON; did you mean Roma?")
    with pytest.raises(UsageError, match="did you mean Heidelberg"):
        find_place("Heidelburg")


def test_old_elements_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "--place",
        "Rome",
        "--tle",
        pinned(tmp_path),
        "--from",
        "2021-09-28T00:00Z",
        "--to",
        "2021-09-28T03:00Z",
    ]
    assert cli.run(["passes", *arguments]) == 0
    assert "used up to 18.9 days" in capsys.readouterr().err
