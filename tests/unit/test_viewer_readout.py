"""The read-out under the cursor and the labels over the picture, against known places of the Italy view."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

import earthlimb
from earthlimb.astro.places import find_place
from earthlimb.astro.stars import find_star, load_catalogue
from earthlimb.constants import EMISSIONS
from earthlimb.physics.geometry import itrs_from_geodetic, tangent_km
from earthlimb.renderer.probe import probe
from earthlimb.scene import resized
from earthlimb.viewer import label_paint
from earthlimb.viewer import labels as labelling
from earthlimb.viewer.constellations import constellation_of, constellations
from earthlimb.viewer.limb_lines import limb_lines_px
from earthlimb.viewer.readout import Readout, rayleigh_text, read_pixel, readout_lines
from earthlimb.viewer.sightline import airglow_rayleigh
from earthlimb.world import WorldState, build_world
from earthlimb.world.star_seen import star_seen
from tests.scenes import test_italy_stars as italy

EVERYTHING = labelling.Overlays(stars=True, constellations=True, towns=True, heights=True)


@pytest.fixture(scope="module")
def world() -> WorldState:
    return build_world(earthlimb.load_scene("italy"))


@pytest.fixture(scope="module")
def all_labels(world: WorldState) -> labelling.Labels:
    return labelling.labels_of(world, EVERYTHING)


def named(labels: labelling.Labels, text: str) -> labelling.Label:
    return next(one for one in labels.points if one.text == text)


def values(readout: Readout) -> dict[str, str]:
    return dict(readout_lines(readout))


def test_rome_is_read_where_it_stands(world: WorldState) -> None:
    """From the town's coordinates to its pixel by hand, and back by the read-out."""
    rome = find_place("Rome")
    towards = itrs_from_geodetic(rome.lat_rad, rome.lon_rad, 0.0) - world.pos_iss_itrs_km
    cam = world.rot_cam_from_gcrs @ world.rot_itrs_from_gcrs.T @ towards
    x, y, _ = world.lens.project(cam / np.linalg.norm(cam))
    seen = read_pixel(world, float(x), float(y))
    assert seen.place is not None and seen.place.name == "Rome" and seen.star is None
    one_metre_km = 1e-3
    assert seen.range_km == pytest.approx(float(np.linalg.norm(towards)), abs=one_metre_km)
    assert seen.place.distance_km < one_metre_km
    shown = values(seen)
    assert shown["ground"] == "41.892° N, 12.511° E" and shown["distance"].endswith(" km")
    assert shown["nearest place"].startswith("Rome, IT (2,318,895 people), 0 km")


def test_a_star_is_read_by_its_name_and_constellation(world: WorldState, all_labels: labelling.Labels) -> None:
    """Aberration (20") and refraction (none at 300 km) are all that lies between the pixel and the catalogue."""
    rigel = named(all_labels, "Rigel")
    seen = read_pixel(world, rigel.x_px, rigel.y_px)
    assert seen.star is not None and seen.star.name == "Rigel" and seen.place is None
    half_arcsecond = math.radians(0.5 / 3600.0)
    assert seen.star.separation_rad < half_arcsecond
    shown = values(seen)
    assert shown["nearest star"] == "Rigel (Orion), V 0.18 mag, 0.00° away"
    assert shown["RA, Dec (GCRS)"].startswith("05h 14m 32.3s, -8.19")
    assert shown["tangent height"].endswith(" km")


def test_the_star_in_the_pixel_is_named_down_to_the_limb(world: WorldState) -> None:
    """Places by ERFA and a published refraction table, nothing of ours: half a pixel, as for the labels.

    Refraction lifts a star at the limb by up to 14 pixels: without it most of the lowest are taken for others.
    """
    stars = italy.read("sky_italy_stars.csv")
    dirs, h_app = italy.refracted(italy.apparent_gcrs(stars))
    x, y = italy.places(dirs)
    with np.errstate(invalid="ignore"):
        shown = (x > 0) & (x < italy.WIDTH) & (y > 0) & (y < italy.HEIGHT) & (h_app > italy.LOST_BELOW_KM)
    half_px, half_px_and_its_corner = 0.5 / italy.F_PX, 0.5 + 0.71
    alone = 0
    seen = np.flatnonzero(shown)
    for i in seen[~world.hidden(x[seen], y[seen])]:  # the belly hides some
        found = read_pixel(world, float(x[i]), float(y[i])).star
        in_pixel = np.hypot(x - x[i], y - y[i]) < half_px_and_its_corner
        alone += in_pixel.sum() == 1
        assert found is not None and found.hip in stars["hip"][in_pixel], (int(stars["hip"][i]), found)
        assert in_pixel.sum() > 1 or found.separation_rad < half_px, (int(stars["hip"][i]), found)
    assert alone > 20 and (h_app[shown] < 20.0).any()


def test_probe_and_read_out_say_the_same() -> None:
    """Four stars at the limb that only refraction brings into these pixels, and the ground."""
    scene = resized(earthlimb.load_scene("italy"), 960, 640)
    pixels = [(957, 151), (337, 347), (513, 271), (706, 210), (480, 600)]
    world = build_world(scene)
    hips = []
    for (x, y), seen in zip(pixels, probe(scene, pixels), strict=True):
        shown = read_pixel(world, x + 0.5, y + 0.5)
        assert (seen["nearest_star"] is None) == (shown.star is None)
        if shown.star is not None:
            hips.append(shown.star.hip)
            assert seen["nearest_star"]["hip"] == shown.star.hip
            assert seen["nearest_star"]["separation_deg"] == round(math.degrees(shown.star.separation_rad), 6)
            assert seen["nearest_star"]["separation_deg"] < 0.5 * 1.5 * math.degrees(1.0 / world.lens.f_px)
        for text in (json.dumps(value) for value in (seen["ra_deg"], seen["tangent_km"], seen["rgb_linear"][0])):
            assert len(text) <= 12, text  # a sign, the digits that mean something
    assert hips == [17874, 28413, 24845, 21743]


@pytest.mark.parametrize(("azimuth_deg", "least", "most"), [(24.0, 0.77, 0.859), (80.0, 0.45, 0.783)])
def test_behind_glass_read_out_and_probe_see_the_same_light(azimuth_deg: float, least: float, most: float) -> None:
    """Within the limb map's error, 1 %, through a window straight before the camera and one seen steeply.

    The four panes pass 0.859 straight on, and 0.44 of what comes at 69 degrees.
    """
    values = {"camera.window": 1, "camera.point": {"limb": {"azimuth_deg": azimuth_deg, "tangent_km": -30.0}}}
    scene = resized(earthlimb.load_scene("cupola", values), 480, 320)
    world = build_world(scene)
    across, down = np.meshgrid(np.arange(9, 480, 20), np.arange(7, 320, 15))
    turn = np.linspace(0.0, 2.0 * np.pi, 12, endpoint=False)
    near_px = np.concatenate([np.zeros((1, 2)), *(r * np.stack([np.cos(turn), np.sin(turn)], 1) for r in (7.0, 14.0))])
    around = np.stack([across.ravel(), down.ravel()], 1)[:, None] + 0.5 + near_px  # frames are 7 pixels out of focus
    hidden = world.hidden(*around.reshape(-1, 2).T).reshape(around.shape[:2]).any(axis=1)
    clear = list(zip(across.ravel()[~hidden].tolist(), down.ravel()[~hidden].tolist(), strict=True))
    with_glass = probe(scene, clear)
    assert len(clear) > 50
    shares = []
    for (x, y), seen in zip(clear, with_glass, strict=True):
        shown = read_pixel(world, x + 0.5, y + 0.5).rayleigh
        probed = np.array([seen["airglow_rayleigh"][name] for name in EMISSIONS])
        one_percent, faint = 0.01, max(0.3, 0.002 * probed.sum())  # where a layer ends, as without glass
        assert shown == pytest.approx(probed, rel=one_percent, abs=faint), (x, y)
        toward = world.rays_gcrs(np.array([x + 0.5]), np.array([y + 0.5]))[0]
        outside = airglow_rayleigh(replace(world, station=None), toward)
        shares.append(shown.sum() / outside.sum())
    assert min(shares) < least and max(shares) == pytest.approx(most, abs=0.002)


def test_a_frame_before_the_pupils_edge_takes_some_of_the_light() -> None:
    """Across a frame's edge the read-out goes from all that the pane passes to nothing, by and by, as the picture."""
    scene = resized(earthlimb.load_scene("cupola"), 480, 320)
    world = build_world(scene)
    assert world.station is not None
    rays = world.lens.rays_cam(np.arange(200.0, 480.0), np.full(280, 257.5))
    shares = np.array([world.station.passes(ray) for ray in rays])
    assert shares.max() > 0.7 and shares.min() == 0.0
    half = 0.5 * shares.max()
    hidden = world.station.hides(rays)
    clear_cut = np.abs(shares - half) > 0.05
    assert np.array_equal((shares < half)[clear_cut], hidden[clear_cut])
    assert np.abs(np.diff(shares)).max() < 0.2


def test_only_stars_that_are_drawn_are_named() -> None:
    """In the faint star's own place the nearest drawn one is named, and none where none is drawn."""
    scene = earthlimb.load_scene("italy", {"sky.stars_to_vmag": 1.0})
    bright = build_world(scene)
    toward = bright.rays_gcrs(np.array([513.5]), np.array([100.5]))[0]
    found = star_seen(bright, toward)
    assert found is not None and found.vmag <= 1.0
    assert star_seen(build_world(earthlimb.load_scene("italy", {"sky.stars_to_vmag": -2.0})), toward) is None


def test_of_stars_in_one_pixel_the_brightest_is_named(world: WorldState) -> None:
    """With a wide pixel of 1.5 degrees the nearest is mostly a faint one."""
    others = 0
    for x in np.linspace(0.0, 1000.0, 10):
        toward = world.rays_gcrs(np.array([x]), np.array([150.0]))[0]
        nearest, within = star_seen(world, toward), star_seen(world, toward, math.radians(1.5))
        assert nearest is not None and within is not None
        assert within.vmag <= nearest.vmag and within.separation_rad >= nearest.separation_rad
        others += within.vmag < nearest.vmag
    assert others >= 5


def test_rayleighs_agree_with_the_layers() -> None:
    """The ray's own march against the picture's limb map: 0.5 % of the local column, CONTRACT's bar."""
    scene = resized(earthlimb.load_scene("italy"), 300, 200)
    frame = earthlimb.render(scene)
    half_percent = 0.005
    for x, y in ((150, 90), (150, 180), (250, 60), (60, 130), (200, 20)):
        seen = read_pixel(frame.world, x + 0.5, y + 0.5).rayleigh
        for name, value in zip(EMISSIONS, seen, strict=True):
            layer = frame.layer(f"airglow.{name}")
            assert value == pytest.approx(layer[y, x], rel=half_percent, abs=1e-3 * float(layer.max())), (name, x, y)


def test_an_eye_below_the_layers_and_a_ray_that_climbs(world: WorldState) -> None:
    zenith = np.asarray(world.pos_iss_gcrs_km) / np.linalg.norm(world.pos_iss_gcrs_km)
    rot = np.array([np.cross(zenith, [0.0, 0.0, 1.0]), [0.0, 0.0, 0.0], zenith])
    rot[0] /= np.linalg.norm(rot[0])
    rot[1] = np.cross(zenith, rot[0])
    up = replace(world, rot_cam_from_gcrs=rot)
    shown = values(read_pixel(up, 500.5, 333.0))
    assert shown["line of sight"] == "climbs from the station" and "distance" not in shown
    seen = read_pixel(up, 500.5, 333.0)
    assert seen.rayleigh[2] > 0.0 and seen.rayleigh[[0, 1, 3, 4, 5]].max() == 0.0  # only 630 nm lies above 420 km


@pytest.mark.parametrize("x_px,y_px", [(-5000.0, 9e5), (0.0, 0.0), (1000.0, 665.0), (1e-9, 332.0)])
def test_odd_places_are_read_too(world: WorldState, x_px: float, y_px: float) -> None:
    for name, value in readout_lines(read_pixel(world, x_px, y_px)):
        assert name and value and "nan" not in value


def test_units_of_rayleighs() -> None:
    assert [rayleigh_text(v) for v in (0.0, 31.25, 999.4, 999.6, 2.5e6)] == ["0 R", "31.2 R", "999 R", "1 kR", "2.5 MR"]


def test_star_labels_stand_on_the_stars(all_labels: labelling.Labels) -> None:
    """Against places by ERFA and a published refraction table, nothing of ours: half a pixel."""
    stars = italy.read("sky_italy_stars.csv")
    dirs, h_app = italy.refracted(italy.apparent_gcrs(stars))
    x, y = italy.places(dirs)
    half_px = 0.5
    found = 0
    for label in (one for one in all_labels.points if one.kind == "star"):
        off = np.hypot(x - label.x_px, y - label.y_px)
        near = int(np.nanargmin(off))
        if stars["vmag"][near] < 4.6 and h_app[near] > italy.LOST_BELOW_KM:
            assert off[near] < half_px, label
            found += 1
    assert found >= 12
    assert {"Rigel", "Betelgeuse", "Bellatrix", "Alnitak"} <= {one.text for one in all_labels.points}
    assert "Sirius" not in {one.text for one in all_labels.points}  # inside the picture's edges, behind the Earth


def test_town_labels_stand_on_the_towns(world: WorldState, all_labels: labelling.Labels) -> None:
    for name in ("Rome", "Naples", "Athens", "Vienna"):
        label = named(all_labels, name)
        place = find_place(name)
        seen = world.geometry(np.array([label.x_px]), np.array([label.y_px]))
        hundredth_deg = math.radians(0.01)
        assert abs(seen.lat_rad[0] - place.lat_rad) < hundredth_deg
        assert abs(seen.lon_rad[0] - place.lon_rad) < hundredth_deg
    assert "London" not in {one.text for one in all_labels.points}


def test_height_lines_lie_at_their_heights(world: WorldState, all_labels: labelling.Labels) -> None:
    assert [line.height_km for line in all_labels.lines] == list(labelling.HEIGHTS_KM)
    ten_metres_km = 0.01
    for line in all_labels.lines:
        for piece in line.pieces:
            rays = world.rays_gcrs(piece[:, 0], piece[:, 1]) @ world.rot_itrs_from_gcrs.T
            height, _ = tangent_km(world.pos_iss_itrs_km, rays)
            assert np.abs(height - line.height_km).max() < ten_metres_km
    assert limb_lines_px(world, [world.alt_km + 10.0, 90.0])[0] == ()


def test_orion_is_named_amid_its_stars(all_labels: labelling.Labels) -> None:
    orion = named(all_labels, "Orion")
    corners = [named(all_labels, name) for name in ("Betelgeuse", "Rigel", "Bellatrix", "Alnitak")]
    assert min(c.x_px for c in corners) < orion.x_px < max(c.x_px for c in corners)
    assert len(constellations()) == 88
    assert constellation_of(find_star(load_catalogue(), "Polaris").hip) == "Ursa Minor"
    assert constellation_of(1) is None


def test_labels_do_not_cover_each_other(all_labels: labelling.Labels) -> None:
    kept = labelling.declutter(all_labels.points, 7.0, 14.0)
    boxes = np.array([labelling.label_box(one, 7.0, 14.0) for one in kept])
    left, top, right, bottom = boxes.T
    for i in range(len(boxes)):
        over = (left < right[i]) & (left[i] < right) & (top < bottom[i]) & (top[i] < bottom)
        assert over.sum() == 1  # itself
    names = [one.text for one in kept]
    assert "Rome" in names and "Orion" in names and len(kept) < len(all_labels.points)


@pytest.fixture(scope="module")
def cupola() -> WorldState:
    return build_world(resized(earthlimb.load_scene("cupola"), 900, 980))


def test_nothing_is_labelled_on_the_station(cupola: WorldState) -> None:
    """Against the light that passes frames and modules: where a label stands, some of it does."""
    labels = labelling.labels_of(cupola, EVERYTHING)
    open_view = labelling.labels_of(replace(cupola, station=None), EVERYTHING)
    assert {one.kind for one in labels.points} == {"star", "constellation", "town", "height"}
    marks = [one for one in labels.points if one.kind in ("star", "town")]
    x, y = (np.array([getattr(one, name) for one in marks]) for name in ("x_px", "y_px"))
    assert not cupola.hidden(x, y).any()
    gone = {one.text for one in open_view.points} - {one.text for one in labels.points}
    assert len(gone) > 10 and {one.text for one in labels.points} <= {one.text for one in open_view.points}
    for line, whole in zip(labels.lines, open_view.lines, strict=True):
        points = np.concatenate(line.pieces)
        assert not cupola.hidden(*points.T).any()
        assert len(points) < len(np.concatenate(whole.pieces))


def test_many_rays_at_once_meet_what_one_meets(cupola: WorldState) -> None:
    """Against each triangle's barycentric coordinates, by solving for them."""
    station, rng = cupola.station, np.random.default_rng(3)
    assert station is not None
    x, y = rng.random(300) * 900.0, rng.random(300) * 980.0
    hidden = cupola.hidden(x, y)
    corners = np.concatenate([f.corners_cam_m[f.through.max(axis=1) <= 0.0] for f in (station.outer, station.near)])
    for ray, is_hidden in zip(cupola.lens.rays_cam(x, y), hidden, strict=True):
        weights = np.linalg.solve(
            corners.transpose(0, 2, 1) + 1e-12 * np.eye(3), np.tile(ray, (len(corners), 1))[..., None]
        )
        assert bool((weights.min(axis=(1, 2)) >= 0.0).any()) == is_hidden
    assert 0.2 < hidden.mean() < 0.8 and not cupola.hidden(np.zeros(0), np.zeros(0)).size


def test_the_read_out_says_where_the_station_is(cupola: WorldState) -> None:
    x, y = np.meshgrid(np.arange(0.5, 900.0, 60.0), np.arange(0.5, 980.0, 60.0))
    hidden = cupola.hidden(x.ravel(), y.ravel())
    for px, py, is_hidden in zip(x.ravel()[::5], y.ravel()[::5], hidden[::5], strict=True):
        seen = read_pixel(cupola, px, py)
        assert seen.hidden == is_hidden
        assert (readout_lines(seen) == [("line of sight", "ends at the station")]) is bool(is_hidden)
        if is_hidden:
            assert seen.star is None and seen.place is None and not seen.rayleigh.any()


def test_a_label_that_would_be_cut_is_left_out(all_labels: labelling.Labels) -> None:
    kept = labelling.declutter(all_labels.points, 7.0, 14.0, right_px=500.0)
    assert len(kept) > 20 and max(labelling.label_box(one, 7.0, 14.0)[2] for one in kept) <= 500.0
    assert any(one.x_px < 500.0 < labelling.label_box(one, 7.0, 14.0)[2] for one in all_labels.points)


def test_overlays_that_are_off_make_no_labels(world: WorldState) -> None:
    none = labelling.labels_of(world, labelling.Overlays())
    assert none.points == () and none.lines == () and not labelling.Overlays().any
    only = labelling.labels_of(world, labelling.Overlays(heights=True))
    assert {one.kind for one in only.points} == {"height"}


def test_labels_enter_a_picture_only_when_asked() -> None:
    scene = resized(earthlimb.load_scene("italy"), 300, 200)
    with earthlimb.Renderer() as renderer:
        frame = renderer.render(scene, layers=False, stage="developed")
    assert label_paint.with_labels(frame, labelling.Overlays()) is frame
    labelled = label_paint.with_labels(frame, EVERYTHING)
    assert frame.picture is not None and labelled.picture is not None
    apart = np.abs(labelled.picture - frame.picture).max(axis=2) > 0.1
    assert 0.01 < apart.mean() < 0.3
    rome = named(labelling.labels_of(frame.world, EVERYTHING), "Rome")
    x, y = int(rome.x_px), int(rome.y_px)
    assert apart[y - 4 : y + 5, x - 4 : x + 30].any()
