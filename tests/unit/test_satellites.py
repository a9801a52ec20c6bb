"""Other satellites: places against skyfield, closed forms of their light, who is left out, streaks in the picture."""

from __future__ import annotations

import io
import json
import math
import tomllib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from skyfield.api import EarthSatellite, load

from earthlimb.astro.elements import parse_elements
from earthlimb.astro.magnitudes import magnitude_table, standard_magnitude
from earthlimb.astro.timescale import Instant
from earthlimb.errors import UsageError
from earthlimb.physics.response import cie_response, star_response_table
from earthlimb.physics.satellites import SUN_RADIUS_RAD, satellite_vmag, sunlit_share
from earthlimb.physics.star_field import project_stars
from earthlimb.renderer import Renderer
from earthlimb.scene import Scene, load_scene, scene_text
from earthlimb.scene import load as scene_loading
from earthlimb.world import WorldState, build_world
from earthlimb.world.build import scene_elements
from earthlimb.world.satellites import satellites_in_view

UTC = "2021-09-09T22:42:40Z"
STATION = (
    "1 25544U 98067A   21252.50949163  .00001550  00000+0  36756-4 0  9990",
    "2 25544  51.6444 285.7692 0003404  13.6408 132.5925 15.48614249301665",
)
FIELDS = {
    "OBJECT_NAME": "MADE",
    "EPOCH": "2021-09-09T12:13:40.076832",
    "MEAN_MOTION": 12.6,
    "ECCENTRICITY": 0.0003404,
    "INCLINATION": 51.6444,
    "RA_OF_ASC_NODE": 285.7692,
    "ARG_OF_PERICENTER": 13.6408,
    "MEAN_ANOMALY": 250.0,
    "NORAD_CAT_ID": 123456789,
    "BSTAR": 3.6e-5,
    "MEAN_MOTION_DOT": 0,
    "MEAN_MOTION_DDOT": 0,
}
BEHIND = {**FIELDS, "MEAN_ANOMALY": 300.0, "NORAD_CAT_ID": 300}
SHADED = {**FIELDS, "MEAN_ANOMALY": 220.0, "NORAD_CAT_ID": 220}
HUNDREDTH_DEG = 0.01
SHUTTER_S = 10.0


def skyfield_seen(fields: dict[str, object], shift_s: float) -> tuple[np.ndarray, float]:
    """Unit vector (3,) from the station, GCRS, and range [km] by skyfield, without light-time."""
    ts = load.timescale(builtin=True)
    t = ts.utc(2021, 9, 9, 22, 42, 40.0 + shift_s)
    texts = {key: str(value) for key, value in fields.items()}
    rest = {"EPHEMERIS_TYPE": "0", "CLASSIFICATION_TYPE": "U", "OBJECT_ID": "", "ELEMENT_SET_NO": "1"}
    made = EarthSatellite.from_omm(ts, {**texts, **rest, "REV_AT_EPOCH": "1", "NORAD_CAT_ID": "99999"})
    apart = (made - EarthSatellite(*STATION, "ISS", ts)).at(t).position.km
    return apart / np.linalg.norm(apart), float(np.linalg.norm(apart))


def scene_of(folder: Path, *sets: dict[str, object], **also: object) -> Scene:
    """The made satellite in the middle of a long lens that follows the stars, nothing else alight."""
    path = folder / "others.json"
    path.write_text(json.dumps(list(sets)))
    x, y, z = skyfield_seen(FIELDS, 0.0)[0]
    sky = {"ra_deg": math.degrees(math.atan2(y, x)) % 360.0, "dec_deg": math.degrees(math.asin(z))}
    return load_scene(
        {
            "time": {"utc": UTC},
            "station": {"tle": "\n".join(STATION)},
            "camera": {
                "mount": "free", "shutter_s": SHUTTER_S, "track": "stars", "focal_mm": 200.0, "point": {"sky": sky},
            },
            "image": {"width_px": 240, "height_px": 160},
            "sky": {"milky_way": 0.0, "planets": 0.0, "satellites": str(path), **also},
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> WorldState:
    return build_world(scene_of(tmp_path_factory.mktemp("sets"), FIELDS, BEHIND, SHADED))


def test_magnitude_closed_forms() -> None:
    """The standard magnitude where it is defined; pi times brighter when full; the square of the distance."""
    assert satellite_vmag(4.0, 1000.0, math.pi / 2.0) == pytest.approx(4.0, abs=1e-12)
    assert satellite_vmag(4.0, 1000.0, 0.0) == pytest.approx(4.0 - 2.5 * math.log10(math.pi), abs=1e-12)
    assert satellite_vmag(4.0, 100.0, math.pi / 2.0) == pytest.approx(-1.0, abs=1e-12)
    assert satellite_vmag(4.0, 1000.0, math.pi / 2.0, 0.5) == pytest.approx(4.0 + 2.5 * math.log10(2.0), abs=1e-12)
    assert satellite_vmag(4.0, 1000.0, math.pi / 2.0, 0.0) == math.inf


def test_the_phase_function_keeps_the_light_of_the_sphere() -> None:
    """A white diffuse sphere sends what it catches: the mean of F over all directions is 1/4 of 8/3 pi's share."""
    phase = np.linspace(0.0, math.pi, 20001)
    light = 10.0 ** (-0.4 * (satellite_vmag(0.0, 1000.0, phase))) / math.pi  # F
    mean = np.trapezoid(light * np.sin(phase), phase) / 2.0
    assert mean == pytest.approx(3.0 / 8.0, rel=1e-6)  # geometric albedo 2/3 times q = 3/2 is 1: q = 4 mean


def test_shadow_closed_forms() -> None:
    """On the equator's plane: half the Sun where its centre touches the edge, all and none a radius away."""
    r = 7000.0
    edge = math.asin(6378.137 / r)
    sun = np.array([1.0, 0.0, 0.0])

    def share(above_rad: float) -> float:
        angle = edge + above_rad
        return float(sunlit_share([[-r * math.cos(angle), r * math.sin(angle), 0.0]], sun)[0])

    assert share(0.0) == pytest.approx(0.5, abs=1e-9)
    assert share(1.001 * SUN_RADIUS_RAD) == 1.0 and share(-1.001 * SUN_RADIUS_RAD) == 0.0
    half_way = 0.5 + (math.asin(0.5) + 0.5 * math.sqrt(0.75)) / math.pi
    assert share(0.5 * SUN_RADIUS_RAD) == pytest.approx(half_way, abs=1e-9)
    assert float(sunlit_share([[r, 0.0, 0.0]], sun)[0]) == 1.0


@pytest.mark.parametrize("time_s", [-5.0, 0.0, 5.0])
def test_direction_is_that_of_skyfield(world: WorldState, time_s: float) -> None:
    assert world.satellites is not None
    seen = world.satellites.dir_gcrs(time_s, world.motion.station(time_s))[0]
    wanted = skyfield_seen(FIELDS, time_s)[0]
    assert math.degrees(math.acos(min(float(seen @ wanted), 1.0))) < HUNDREDTH_DEG


def test_magnitude_in_the_scene(world: WorldState) -> None:
    """Distance of skyfield, phase from the Sun's direction: at 3128 km far more than 1000 km away."""
    assert world.satellites is not None
    towards, range_km = skyfield_seen(FIELDS, 0.0)
    phase = math.acos(float(-towards @ world.sun_dir_gcrs))
    assert world.satellites.vmag[0] == pytest.approx(float(satellite_vmag(4.0, range_km, phase)), abs=0.002)


@pytest.mark.parametrize(
    ("name", "number", "std_mag"),
    [
        ("HST", 20580, 3.0),
        ("anything", 20580, 3.0),
        ("STARLINK-1007", 44713, 6.8),
        ("STARLINK-31234", 1, 7.9),
        ("STARLINK-11072 [DTC]", 1, 6.5),
        ("SL-16 R/B", 22285, 3.5),
        ("SL-8 R/B", 2802, 5.2),
        ("ATLAS 5 CENTAUR R/B", 1, 5.0),
        ("FENGYUN 1C DEB", 30000, 9.0),
        ("CSS (TIANHE)", 48274, 1.0),
        ("IRIDIUM 7", 24793, 7.0),
        ("UNHEARD OF", 123456789, None),
        ("", 1, None),
    ],
)
def test_known_satellites_have_their_own_magnitude(name: str, number: int, std_mag: float | None) -> None:
    assert standard_magnitude(name, number) == std_mag


def test_every_magnitude_has_a_source_and_no_pattern_is_hidden_by_an_earlier_one() -> None:
    table = magnitude_table()
    for one in (*table["object"], *table["family"]):
        assert one["source"] and -2.0 < one["std_mag"] < 12.0
    plain = {one["pattern"]: one["std_mag"] for one in table["family"] if "[" not in one["pattern"]}
    for pattern, std_mag in plain.items():
        assert standard_magnitude(pattern.replace("*", "X"), 0) == std_mag, pattern


def test_a_scene_draws_the_known_as_known_and_the_others_as_it_says(tmp_path: Path) -> None:
    """Both at one place: they used to be equally bright."""
    unknown = {**FIELDS, "OBJECT_NAME": "UNHEARD OF"}
    hst = {**FIELDS, "OBJECT_NAME": "HST", "NORAD_CAT_ID": 20580}
    found = build_world(scene_of(tmp_path, unknown, hst, satellites_std_mag=5.5)).satellites
    assert found is not None
    mags = dict(zip((one.name for one in found.sets), found.vmag.tolist(), strict=True))
    assert mags["UNHEARD OF"] - mags["HST"] == pytest.approx(5.5 - 3.0, abs=1e-9)


def share_by_rays(pos: np.ndarray, sun: np.ndarray) -> float:
    """Share of the Sun's disc that straight rays reach past WGS84, from 4,000 points of it; GCRS +Z as the pole."""
    k = np.arange(4000) + 0.5
    radius, angle = SUN_RADIUS_RAD * np.sqrt(k / 4000.0), k * math.pi * (3.0 - math.sqrt(5.0))
    right = np.cross(sun, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    rays = sun + (radius * np.cos(angle))[:, None] * right + (radius * np.sin(angle))[:, None] * np.cross(sun, right)
    scale = np.array([6378.137, 6378.137, 6356.752314])
    p, d = pos / scale, rays / scale
    along = d @ p
    meets = (along < 0.0) & (along**2 > (d * d).sum(axis=1) * (p @ p - 1.0))
    return float(1.0 - meets.mean())


def test_a_satellite_fades_through_the_penumbra_into_the_shadow(world: WorldState) -> None:
    """Places by skyfield, second by second, through one shadow: lit, less and less, not there, and back."""
    ts = load.timescale(builtin=True)
    texts = {key: str(value) for key, value in FIELDS.items()} | {"NORAD_CAT_ID": "99999", "EPHEMERIS_TYPE": "0"}
    rest = {"CLASSIFICATION_TYPE": "U", "OBJECT_ID": "", "ELEMENT_SET_NO": "1", "REV_AT_EPOCH": "1"}
    made = EarthSatellite.from_omm(ts, {**texts, **rest})
    pos = made.at(ts.utc(2021, 9, 9, 22, 42, 40.0 + np.arange(0.0, 6900.0))).position.km.T
    share = sunlit_share(pos, world.sun_dir_gcrs)
    partly = np.flatnonzero((share > 0.0) & (share < 1.0))
    into, out = np.split(partly, np.flatnonzero(np.diff(partly) > 1) + 1)
    if share[into[-1]] > share[into[0]]:
        into, out = out, into
    assert np.all(np.diff(share[into]) < 0.0) and np.all(np.diff(share[out]) > 0.0) and (share == 0.0).sum() > 600
    for k in (*into[::4], *out[::4], into[0] - 5, into[-1] + 5):
        assert share[k] == pytest.approx(share_by_rays(pos[k], world.sun_dir_gcrs), abs=0.005)
    assert np.isinf(satellite_vmag(4.0, 1000.0, 1.0, share[share == 0.0])).all()


def test_hidden_and_shaded_ones_are_left_out(tmp_path: Path, world: WorldState) -> None:
    assert world.satellites is not None
    assert [one.catalogue_number for one in world.satellites.sets] == [123456789]
    for fields in (BEHIND, SHADED):
        x, y, z = skyfield_seen(fields, 0.0)[0]
        at = {"camera.point.sky.ra_deg": math.degrees(math.atan2(y, x)) % 360.0}
        at["camera.point.sky.dec_deg"] = math.degrees(math.asin(z))
        path = tmp_path / "hidden.json"
        path.write_text(json.dumps(fields))
        found = build_world(load_scene("italy", {"time.utc": UTC, "sky.satellites": str(path), **at})).satellites
        assert found is not None and found.sets == ()


def test_the_station_and_its_parts_are_left_out(tmp_path: Path) -> None:
    """All in sunlight, in every direction: the station by its number, though its set says it is 59 km ahead, a module
    by standing where that set puts the station, another with the scene's own elements; what flies 350 km ahead stays.
    """
    path = tmp_path / "stations.txt"
    lines = []
    for number, ahead_deg in ((25544, 0.5), (49044, 0.5), (49045, 0.0), (49046, 3.0)):
        anomaly = f"{132.5925 + ahead_deg:8.4f}"
        lines += [with_checksum(line.replace("25544", str(number)).replace("132.5925", anomaly)) for line in STATION]
    path.write_text("\n".join(lines) + "\n")
    utc, station = "2021-09-09T23:28:40Z", {"tle": "\n".join(STATION)}
    made = build_world(load_scene({"time": {"utc": utc}, "station": station, "camera": {"point": {"limb": {}}}}))
    sun = 1.5e8 * made.sun_dir_gcrs
    scene = load_scene(
        {"time": {"utc": utc}, "camera": {"point": {"limb": {}}}, "sky": {"satellites": str(path)}, "station": station}
    )
    found, warnings = satellites_in_view(
        scene, made.instant, made.elements, made.motion.station, sun, made.rot_cam_from_gcrs[2], math.pi
    )
    assert found is not None and [one.catalogue_number for one in found.sets] == [49046]
    assert warnings == []


def with_checksum(line: str) -> str:
    return line[:68] + str(sum(int(c) if c.isdigit() else c == "-" for c in line[:68]) % 10)


def test_old_sets_are_left_out_with_a_warning(tmp_path: Path) -> None:
    old = {**FIELDS, "EPOCH": "2021-06-09T12:00:00", "NORAD_CAT_ID": 7}
    made = build_world(scene_of(tmp_path, FIELDS, old))
    assert made.satellites is not None and len(made.satellites.sets) == 1
    assert any("sky.satellites" in text and "1 of 2 satellites are left out" in text for text in made.warnings)


def test_picture_has_the_streak(world: WorldState) -> None:
    """Length by skyfield's directions at the ends, within 2 %; all light of the magnitude within 2 %."""
    with Renderer() as renderer:
        layer = np.asarray(renderer.render(world.scene).layers["sky"], np.float64)
    y, x = np.mgrid[0.5:160, 0.5:240]
    light = layer[..., 1] * world.lens.pixel_solid_angle_sr(x, y)
    assert world.satellites is not None
    table = star_response_table(cie_response(), world.low_atmosphere.transmission_limb)
    above = np.array([1000.0])
    wanted = float(table.response(world.satellites.vmag, np.array([0.65]), above)[0, 1])
    assert light.sum() == pytest.approx(wanted, rel=0.02)
    places = []
    for time_s in (-0.5 * SHUTTER_S, 0.5 * SHUTTER_S):
        px = world.lens.project((world.rot_cam_from_gcrs @ skyfield_seen(FIELDS, time_s)[0])[None])
        places.append((float(px[0][0]), float(px[1][0])))
    (length,) = (math.dist(a, b) for a, b in pairwise(places))
    middle = np.array([(light * x).sum(), (light * y).sum()]) / light.sum()
    np.testing.assert_allclose(middle, np.mean(places, axis=0), atol=0.3)
    along = np.diff(places, axis=0)[0] / length
    s = (x - middle[0]) * along[0] + (y - middle[1]) * along[1]
    across = (x - middle[0]) * along[1] - (y - middle[1]) * along[0]
    near = np.hypot(across, np.maximum(np.abs(s) - 0.5 * length, 0.0)) < 4.0  # the halo's wings apart
    spread = ((light * s**2)[near].sum() - (light * across**2)[near].sum()) / light[near].sum()
    assert math.sqrt(12.0 * spread) == pytest.approx(length, rel=0.02)


def test_what_flies_before_the_earth_is_seen(world: WorldState) -> None:
    """Straight below the camera: hidden like a star, unless it stands nearer than the ground."""
    down = -world.pos_iss_gcrs_km / np.linalg.norm(world.pos_iss_gcrs_km)
    right = np.cross(down, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    at = {
        "rot_cam_from_gcrs": np.stack([right, np.cross(down, right), down]),
        "lens": world.lens,
        "pos_obs_gcrs_km": world.pos_iss_gcrs_km,
        "star_response": lambda vmag, bv, h_app: np.ones((len(vmag), 4)),
        "bending_rad": world.low_atmosphere.bending_rad,
    }
    both = np.array([down, down])
    sprites = project_stars(both, [1.0, 1.0], [0.6, 0.6], before_air=[False, True], **at)
    assert sprites.index.tolist() == [1]
    assert (sprites.x_px[0], sprites.y_px[0]) == pytest.approx((world.lens.cx_px, world.lens.cy_px), abs=1e-6)


def test_geostationary_sets_are_taken(tmp_path: Path) -> None:
    far = {**FIELDS, "MEAN_MOTION": 1.0027, "INCLINATION": 0.1, "NORAD_CAT_ID": 41866}
    assert parse_elements(json.dumps(far), "others", any_orbit=True)[0].mean_motion_rev_day == 1.0027
    with pytest.raises(UsageError, match="is a low orbit: give elements of the station"):
        parse_elements(json.dumps(far), "station.omm")


def test_long_and_lettered_catalogue_numbers() -> None:
    """Nine figures in an OMM; a letter for the first two in a TLE (T5544 is 275544)."""
    assert parse_elements(json.dumps(FIELDS), "others", any_orbit=True)[0].catalogue_number == 123456789
    lines = [with_checksum(line.replace(" 25544", " T5544")) for line in STATION]
    (one,) = parse_elements("\n".join(lines), "others", any_orbit=True)
    assert one.catalogue_number == 275544
    code, pos, _ = one.satrec.sgp4_tsince(600.0)
    assert code == 0 and 6700.0 < math.hypot(*pos) < 6900.0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the text is empty"),
        (b"not a set\n", "no element set found"),
        (b"\xff\xfe\x00", "not a text file"),
        ((STATION[0] + "\n" + STATION[1][:-1] + "9\n").encode(), "line 2: checksum 9"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, content: bytes, says: str) -> None:
    scene = scene_of(tmp_path, FIELDS)
    assert scene.sky.satellites is not None
    scene.sky.satellites.write_bytes(content)
    with pytest.raises(UsageError, match=r"sky\.satellites = .*others\.json: .*" + says):
        build_world(scene)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(UsageError, match=r'sky\.satellites = "none\.txt": No such file'):
        load_scene({"time": {"utc": UTC}, "camera": {"point": {"limb": {}}}, "sky": {"satellites": "none.txt"}})


def test_elements_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read once, kept in the scene; nothing there is an error."""
    scene_loading.standard_input.cache_clear()
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(STATION) + "\n"))
    values = {"time": {"utc": UTC}, "station": {"omm": "-"}, "camera": {"point": {"limb": {}}}}
    first, again = load_scene(values), load_scene(values)
    assert first == again and first.station.omm is None
    assert first.station.tle is not None and first.station.tle.splitlines() == list(STATION)
    scene_loading.standard_input.cache_clear()
    omm = json.dumps({**FIELDS, "MEAN_MOTION": 15.486, "NORAD_CAT_ID": 25544})
    monkeypatch.setattr("sys.stdin", io.StringIO(omm))
    scene = load_scene(values)
    assert scene_elements(scene, Instant.from_iso(UTC))[0].mean_motion_rev_day == 15.486
    assert load_scene(tomllib.loads(scene_text(scene))) == scene
    scene_loading.standard_input.cache_clear()
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(UsageError, match="standard input is empty"):
        load_scene(values)
    scene_loading.standard_input.cache_clear()
