"""Solving photographs: figures, fits, clock and refusals, without a GPU; pictures are made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.spatial.transform import Rotation

from earthlimb.astro.elements import nearest_elements, shipped_elements
from earthlimb.astro.orbit import station_state
from earthlimb.astro.stars import load_catalogue
from earthlimb.astro.timescale import Instant
from earthlimb.cli import app as cli
from earthlimb.errors import WorkError
from earthlimb.physics.lens import Lens
from earthlimb.solve.detect import Sources, find_sources
from earthlimb.solve.limb import limb_time
from earthlimb.solve.limb_edges import EDGE_KM
from earthlimb.solve.pose import find_pose, focal_lengths_px
from earthlimb.solve.quads import shapes

TLE = """1 25544U 98067A   21252.50949163  .00001550  00000+0  36756-4 0  9990
2 25544  51.6444 285.7692 0003404  13.6408 132.5925 15.48614249301665
"""
HALF_MRAD = 5e-4


def angle_rad(a: np.ndarray, b: np.ndarray) -> float:
    """Angle of the turn between two rotations."""
    return float(Rotation.from_matrix(a @ b.T).magnitude())


def test_a_figure_keeps_its_shape_when_turned_and_renamed() -> None:
    rng = np.random.default_rng(1)
    dirs = rng.normal(size=(4, 3)) * 0.05 + [0.0, 0.0, 1.0]
    dirs /= np.linalg.norm(dirs, axis=1, keepdims=True)
    one, names = shapes(dirs, np.array([[0, 1, 2, 3]]))
    turned = dirs @ Rotation.from_rotvec([0.3, -1.0, 2.0]).as_matrix().T
    for order in ([3, 1, 0, 2], [2, 3, 1, 0], [1, 0, 3, 2]):
        other, same = shapes(turned, np.array([order]))
        assert np.allclose(one, other, atol=1e-9) and (names == same).all()
    mirrored, _ = shapes(dirs * [1.0, -1.0, 1.0], np.array([[0, 1, 2, 3]]))
    assert not np.allclose(one, mirrored, atol=1e-3)  # a mirrored picture must not match


def test_focal_lengths_begin_with_the_cameras_own_and_cover_all() -> None:
    own = np.array(list(focal_lengths_px(1000, 667, 28.0))) * 36.0 / 1000.0
    assert own[0] == pytest.approx(28.0)
    for tried in (own, np.array(list(focal_lengths_px(1000, 667, None))) * 36.0 / 1000.0):
        ordered = np.sort(tried)
        assert ordered[0] == pytest.approx(14.0, rel=0.03) and ordered[-1] >= 82.0
        assert (ordered[1:] / ordered[:-1]).max() < 1.1  # a lens between two is within 5 % of one


@pytest.mark.parametrize(("focal_mm", "seed"), [(24.0, 1), (50.0, 2)])
def test_pose_of_synthetic_sources_without_any_hint_of_where(focal_mm: float, seed: int) -> None:
    """Stars with noise, a third of them missing, and as many false sources, anywhere in the sky, any roll."""
    rng = np.random.default_rng(seed)
    stars = load_catalogue(9.0).dirs_j2000
    truth = Rotation.random(random_state=seed).as_matrix()
    lens = Lens(focal_mm * 1000.0 / 36.0 * 1.03, 500.5, 334.0, 0.05, 1000, 667)
    x, y, ok = lens.project(stars[:8000] @ truth.T)
    seen = np.flatnonzero(ok & (x > 0) & (x < 1000) & (y > 0) & (y < 400))
    seen = seen[rng.random(len(seen)) > 0.35]
    places = np.stack([x[seen], y[seen]], axis=1) + rng.normal(0.0, 0.25, (len(seen), 2))
    false = rng.uniform([0.0, 0.0], [1000.0, 667.0], (len(seen), 2))
    xy = np.concatenate([places, false])
    flux = np.concatenate([np.exp(-0.001 * seen), rng.random(len(false))])
    order = np.argsort(-flux)
    sources = Sources(xy[order], flux[order], np.where(xy[order, 1] < 400.0, 0.2, 0.7))
    fit = find_pose(sources, 1000, 667, stars, np.zeros(len(stars), bool), focal_mm)
    assert angle_rad(fit.rot_cam_from_gcrs, truth) < HALF_MRAD
    assert fit.lens.f_px == pytest.approx(lens.f_px, rel=2e-3) and fit.lens.k1 == pytest.approx(0.05, abs=0.01)
    assert fit.rms_px < 0.6 and fit.log10_chance < -20.0


@pytest.mark.parametrize(
    ("focal_mm", "noise_px", "beside_px", "found_px"),
    [
        (28.0, 0.3, 0.0, 0.0),
        (50.0, 0.2, 0.0, 0.0),
        (85.0, 0.1, 0.0, 0.0),
        (28.0, 0.1, 0.5, 0.5),
        (85.0, 0.3, 0.5, 0.0),
    ],
)
def test_the_axis_is_in_the_middle_unless_the_stars_clearly_say_otherwise(
    focal_mm: float, noise_px: float, beside_px: float, found_px: float
) -> None:
    """Through whatever lens: half a pixel beside the middle only of sharp pictures that were so counted."""
    rng = np.random.default_rng(2)
    stars = load_catalogue(9.0).dirs_j2000
    truth = Rotation.random(random_state=2).as_matrix()
    lens = Lens(focal_mm * 1200.0 / 35.9, 600.0 + beside_px, 400.0 + beside_px, 0.0, 1200, 800)
    x, y, ok = lens.project(stars @ truth.T)
    seen = np.flatnonzero(ok & (x > 0) & (x < 1200) & (y > 0) & (y < 800))[:250]
    xy = np.stack([x[seen], y[seen]], axis=1) + rng.normal(0.0, noise_px, (len(seen), 2))
    sources = Sources(xy, np.exp(-0.01 * np.arange(len(seen))), np.full(len(seen), 0.2))
    fit = find_pose(sources, 1200, 800, stars, np.zeros(len(stars), bool), focal_mm * 36.0 / 35.9)
    assert len(fit.star) > 50
    assert (fit.lens.cx_px, fit.lens.cy_px) == (600.0 + found_px, 400.0 + found_px)
    if beside_px == found_px:
        tenth_px = 0.1
        assert np.linalg.norm(fit.rot_cam_from_gcrs[2] - truth[2]) * lens.f_px < tenth_px


def test_points_that_are_no_stars_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """No false pose from unrelated points."""
    rng = np.random.default_rng(5)
    xy = rng.uniform([0.0, 0.0], [1000.0, 667.0], (120, 2))
    sources = Sources(xy, np.sort(rng.random(120))[::-1], np.full(120, 0.2))
    stars = load_catalogue(9.0).dirs_j2000
    monkeypatch.setattr("earthlimb.solve.pose.focal_lengths_px", lambda *_: [700.0, 1389.0])
    told: list[tuple[float, int, int]] = []
    with pytest.raises(WorkError, match=r"^solve: 120 point sources found, none of the catalogue's stars fit them: "):
        find_pose(sources, 1000, 667, stars, np.zeros(len(stars), bool), 50.0, lambda *step: told.append(step))
    assert [(round(mm, 1), done, of) for mm, done, of in told] == [(25.2, 0, 2), (50.0, 1, 2)]


def test_limb_gives_back_a_shift_of_time() -> None:
    """A drawn layer whose edge lies at 98 km, seen ahead; the clock is 7 s slow."""
    truth = Instant.from_iso("2021-09-09T22:42:40.05Z")
    elements = nearest_elements(shipped_elements(), truth)
    state = station_state(elements, truth)
    from earthlimb.astro.earth_rotation import rot_itrs_from_gcrs
    from earthlimb.physics.geometry import tangent_km

    down = -state.pos_gcrs_km / np.linalg.norm(state.pos_gcrs_km)
    ahead = state.vel_gcrs_km_s - down * (state.vel_gcrs_km_s @ down)
    forward = ahead / np.linalg.norm(ahead) * np.cos(0.32) + down * np.sin(0.32)
    right = np.cross(down, forward)
    right /= np.linalg.norm(right)
    rot = np.stack([right, np.cross(forward, right), forward])
    lens = Lens(800.0, 500.0, 333.0, 0.0, 1000, 666)
    ys, xs = np.mgrid[0:666, 0:1000] + 0.5
    height = tangent_km(state.pos_itrs_km, lens.rays_cam(xs, ys) @ rot @ rot_itrs_from_gcrs(truth).T)[0]
    light = 0.3 * np.exp(-0.5 * ((height - 92.0) / 6.0) ** 2) * (height > 92.0) + 0.3 * (height <= 92.0)
    light += np.random.default_rng(0).normal(0.0, 0.01, light.shape)
    found = limb_time(light.astype(np.float32), rot, lens, elements, truth.shifted(-7.0), 60.0)
    assert found is not None
    half_km = 92.0 + 6.0 * np.sqrt(2.0 * np.log(2.0))
    assert abs(found.shift_s - 7.0 - (EDGE_KM - half_km) / 2.6) < 1.0
    assert 0.5 < found.sigma_s < 1.5 and abs(found.edge_km - EDGE_KM) < 1.5
    # minutes off: found again, and not where it is not looked for
    far = limb_time(light.astype(np.float32), rot, lens, elements, truth.shifted(-607.0), 900.0)
    assert far is not None and abs(far.shift_s - 600.0 - found.shift_s) < 0.5
    assert limb_time(light.astype(np.float32), rot, lens, elements, truth.shifted(-607.0), 300.0) is None
    dark = np.zeros((666, 1000), np.float32)
    assert limb_time(dark, rot, lens, elements, truth, 60.0) is None


def test_sources_are_found_where_stars_were_drawn() -> None:
    rng = np.random.default_rng(3)
    picture = rng.normal(0.02, 0.008, (300, 400)).clip(0.0, 1.0)
    places = rng.uniform(15.0, 285.0, (40, 2))
    ys, xs = np.mgrid[0:300, 0:400] + 0.5
    for x, y in places:
        picture += 0.4 * np.exp(-0.5 * ((xs - x) ** 2 + (ys - y) ** 2))
    found = find_sources(picture.astype(np.float32))
    gaps = np.linalg.norm(found.xy_px[:, None] - places[None], axis=2).min(axis=0)
    assert (gaps < 0.3).sum() >= 37 and len(found) < 45  # some stars overlap
    assert len(find_sources(np.zeros((300, 400), np.float32))) == 0


def test_a_dense_field_is_no_obstacle_and_the_centre_is_told() -> None:
    """2,000 sources as the Milky Way gives them; the centre is W/2 here, W/2 + 0.5 elsewhere."""
    stars = load_catalogue(9.0).dirs_j2000
    truth = Rotation.align_vectors([[0, 0, 1], [0, 1, 0]], [[-0.05, -0.87, -0.48], [0.6, -0.4, 0.66]])[0].as_matrix()
    for half in (0.0, 0.5):
        rng = np.random.default_rng(4)
        lens = Lens(1611.0, 500.0 + half, 333.5 + half, 0.0, 1000, 667)
        x, y, ok = lens.project(stars @ truth.T)
        seen = np.flatnonzero(ok & (x > 0) & (x < 1000) & (y > 0) & (y < 667) & (stars @ truth[2] > 0.8))[:900]
        places = np.stack([x[seen], y[seen]], axis=1) + rng.normal(0.0, 0.15, (len(seen), 2))
        xy = np.concatenate([places, rng.uniform([0.0, 0.0], [1000.0, 667.0], (1100, 2))])
        flux = np.concatenate([np.exp(-0.001 * seen), 0.1 * rng.random(1100)])
        order = np.argsort(-flux)
        fit = find_pose(
            Sources(xy[order], flux[order], np.full(2000, 0.2)), 1000, 667, stars, np.zeros(len(stars), bool), 58.0
        )
        assert angle_rad(fit.rot_cam_from_gcrs, truth) < HALF_MRAD
        assert fit.lens.f_px == pytest.approx(1611.0, rel=1e-3)


def picture_file(path: Path, values: np.ndarray, **options: object) -> Path:
    Image.fromarray((values.clip(0.0, 1.0) * 255.0).astype(np.uint8)).save(path, **options)
    return path


def fails(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = cli.run(["solve", *arguments])
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    return status, err


def test_refusals_say_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tle = tmp_path / "iss.tle"
    tle.write_text(TLE, encoding="utf-8")
    black = picture_file(tmp_path / "black.png", np.zeros((200, 300, 3)))
    at = ("--utc", "2021-09-09T22:42:31Z")

    status, err = fails(capsys, str(black), "--tle", str(tle))
    assert status == 2 and "holds no time of the exposure (EXIF)" in err and err.endswith("give --utc\n")
    status, err = fails(capsys, str(black), "--tle", str(tle), *at)
    assert status == 1 and err.startswith("solve: 0 point sources found in the picture: ")
    status, err = fails(capsys, str(black), "--tle", str(tle), "--utc", "2021-12-31T00:00:00Z")
    assert status == 2 and "days after the elements' epoch" in err
    status, err = fails(capsys, str(black), "--tle", str(tle), "--utc", "2021-09-09T22:42:31")
    assert status == 2 and err.startswith("--utc: time: ") and "zone" in err
    status, err = fails(capsys, str(black), "--tle", str(tmp_path / "none.tle"), *at)
    assert status == 2 and "No such file" in err
    status, err = fails(capsys, str(black), "--tle", str(black), *at)
    assert status == 2 and "not a text file" in err
    status, err = fails(capsys, str(tle), "--tle", str(tle), *at)
    assert status == 2 and "no JPEG, PNG or TIFF that can be read: a JPEG, " in err
    for name in ("sky.gif", "sky.webp", "sky.bmp"):  # Pillow would read them
        status, err = fails(capsys, str(picture_file(tmp_path / name, np.zeros((200, 300, 3)))), "--tle", str(tle), *at)
        assert status == 2 and f"{name}: no JPEG, PNG or TIFF that can be read" in err
    status, err = fails(capsys, str(tmp_path), "--tle", str(tle), *at)
    assert status == 2 and "a folder" in err
    small = picture_file(tmp_path / "small.png", np.zeros((40, 60, 3)))
    status, err = fails(capsys, str(small), "--tle", str(tle), *at)
    assert status == 2 and "100 a side are needed" in err
    cut = tmp_path / "cut.jpg"
    whole = picture_file(tmp_path / "whole.jpg", np.random.default_rng(0).random((300, 400, 3)))
    cut.write_bytes(whole.read_bytes()[:4000])
    status, err = fails(capsys, str(cut), "--tle", str(tle), *at)
    assert status == 2 and "damaged or cut off" in err
    status, err = fails(capsys, str(black), "--tle", str(tle), *at, "-o", str(tmp_path / "scene.json"))
    assert status == 2 and "ends in .toml" in err


def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tle = tmp_path / "iss.tle"
    tle.write_text(TLE, encoding="utf-8")
    huge = tmp_path / "huge.png"
    Image.new("1", (20000, 20000)).save(huge)
    status, err = fails(capsys, str(huge), "--tle", str(tle), "--utc", "2021-09-09T22:42:31Z")
    assert status == 2 and "100 megapixels" in err
