"""Bodies and lenses as data: shipped files, a user's own, and what is said about wrong ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from earthlimb.errors import UsageError
from earthlimb.physics.exposure import CameraBody
from earthlimb.physics.lens_model import INFINITY_KM, LensModel, blur_circle_um
from earthlimb.physics.psf import core_sigma_px
from earthlimb.resources import asset
from earthlimb.scene import load_scene, scene_text
from earthlimb.scene.gear import shipped_gear
from earthlimb.world import lens_of

BODIES, LENSES = shipped_gear("body"), shipped_gear("lens")
CAMERA = '[time]\nutc = "2021-09-09T22:42:40.05Z"\n[camera]\npoint.limb = {}\n'


def test_the_stations_cameras_are_shipped() -> None:
    assert {"nikon-d5", "nikon-d4", "nikon-d3s", "nikon-z9"} <= set(BODIES)
    focal = {lens.focal_mm[0] for name in LENSES if (lens := LensModel.load(name)).focal_mm}
    assert {24.0, 28.0, 50.0, 58.0} <= focal


@pytest.mark.parametrize("name", BODIES)
def test_bodies_are_plausible(name: str) -> None:
    body = CameraBody.load(name)
    assert 4.0 < body.pitch_um < 9.0
    for iso in (50.0, 100.0, 800.0, 6400.0, 25600.0, 1e6):
        assert 0.3 < body.read_noise_at(iso) < 0.02 * body.saturation_e_by_iso[0]
        assert body.saturation_e(2.0 * iso) < body.saturation_e(iso)
    # a photosite of the same kind holds electrons in the ratio of its area: within a factor two of the D5's
    d5 = CameraBody.load("nikon-d5")
    per_area = body.saturation_e(6400.0) / body.pitch_um**2 / (d5.saturation_e(6400.0) / d5.pitch_um**2)
    assert 0.5 < per_area < 2.0
    assert 0.3 < body.green_qe < 0.6
    text = BODIES[name].read_text(encoding="utf-8")
    assert all(word in text for word in ("measured", "derived", "estimated"))


def test_saturation_follows_its_table_and_one_over_iso_beyond() -> None:
    body = CameraBody.load("nikon-d4")
    assert body.saturation_e(1600.0) == pytest.approx(6830.0)
    assert 3450.0 < body.saturation_e(2300.0) < 6830.0
    assert body.saturation_e(204800.0) == pytest.approx(42.0)
    assert body.saturation_e(50.0) == pytest.approx(2 * 83700.0)


@pytest.mark.parametrize("name", LENSES)
def test_lenses_are_plausible(name: str) -> None:
    lens = LensModel.load(name)
    opened = lens.open_f_number
    fwhm = lens.core_fwhm_photosites(np.linspace(0.0, 1.0, 11), opened, 6.45)
    assert (np.diff(fwhm) >= 0.0).all() and 2.0 < fwhm[0] < 5.0 and fwhm[-1] < 10.0
    assert (lens.core_fwhm_photosites(1.0, 4.0 * opened, 6.45) <= fwhm[-1]).all()
    assert lens.mechanical_loss_ev(opened) >= lens.mechanical_loss_ev(2.0 * opened) >= 0.0


def test_the_standard_lens_is_as_sharp_everywhere() -> None:
    fwhm = LensModel.load().core_fwhm_photosites([0.0, 0.5, 1.0], 1.4, 6.45)
    assert fwhm.tolist() == [3.0, 3.0, 3.0]
    assert core_sigma_px(1.0, fwhm).tolist() == [core_sigma_px(1.0)] * 3


def test_blur_circle() -> None:
    """Thin lens: 50 mm f/1.2 focused 10 m away makes a disc of 2500 / (1.2 x 9950) mm of a star."""
    assert blur_circle_um(50.0, 1.2, 0.01) == pytest.approx(1e3 * 2500.0 / (1.2 * 9950.0))
    assert blur_circle_um(28.0, 1.4, INFINITY_KM) == 0.0


def test_a_lens_gives_what_the_scene_leaves_open(tmp_path: Path) -> None:
    path = tmp_path / "scene.toml"
    path.write_text(CAMERA + 'lens = "nikkor-58-f1.4g"\n', encoding="utf-8")
    camera = load_scene(path).camera
    assert (camera.focal_mm, camera.f_number, camera.k1) == (58.0, 1.4, 0.127)
    assert lens_of(load_scene(path)).k1 == 0.127
    camera = load_scene(path, {"camera.f_number": 4.0, "camera.k1": 0.0}).camera
    assert (camera.focal_mm, camera.f_number, camera.k1) == (58.0, 4.0, 0.0)
    # chosen on the command line over a scene that was written for another lens
    path.write_text(CAMERA + "focal_mm = 28.0\n", encoding="utf-8")
    assert load_scene(path, {"camera.lens": "nikkor-50-f1.2"}).camera.focal_mm == 50.0


def test_own_files_are_found_beside_the_scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gear").mkdir()
    body = (asset("bodies") / "nikon-d5.toml").read_text(encoding="utf-8").replace("Nikon D5", "Mine")
    (tmp_path / "gear" / "mine.toml").write_text(body, encoding="utf-8")
    zoom = (asset("lenses") / "nikkor-28-f1.4e.toml").read_text(encoding="utf-8")
    (tmp_path / "gear" / "zoom.toml").write_text(zoom.replace("focal_mm = 28.0", "focal_mm = [24.0, 70.0]"))
    path = tmp_path / "scene.toml"
    path.write_text(CAMERA + 'body = "gear/mine.toml"\nlens = "gear/zoom.toml"\nfocal_mm = 35.0\n', encoding="utf-8")
    monkeypatch.chdir("/")
    scene = load_scene(path)
    assert CameraBody.load(scene.camera.body).name == "Mine"
    assert LensModel.load(scene.camera.lens).focal_mm == (24.0, 70.0)
    saved = tmp_path / "saved.toml"
    saved.write_text(scene_text(scene), encoding="utf-8")
    assert load_scene(saved) == scene


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('lens = "nikkor-28"', 'scene.toml:5: camera.lens = "nikkor-28": unknown lens; did you mean nikkor-28-f1.4e?'),
        ('lens = "xx"', "there is nikkor-24-f1.4g, "),
        ('lens = "no.toml"', 'scene.toml:5: camera.lens = "no.toml": No such file or directory: a readable file'),
        ('lens = "scene.toml"', "scene.toml:1: time: unknown key; the file has name, focal_mm"),
        ("lens = 3", "camera.lens = 3: "),
        ('lens = "nikkor-50-f1.4g"\nfocal_mm = 28', "scene.toml:6: camera.focal_mm = 28: the lens has 50 mm: change"),
        ('lens = "nikkor-50-f1.4g"\nf_number = 1.2', "camera.f_number = 1.2: the lens has 1.4 to 16: change it, or"),
        (
            'lens = "nikkor-50-f1.4g"\n[[video.key]]\nat_s = 0\ncamera.focal_mm = 24.0',
            "camera.focal_mm = 24: the lens has 50 mm",
        ),
        ('body = "no.toml"', "a readable file is wanted"),
        ('body = "broken.bin.toml"', "not UTF-8 text at byte 0: a TOML file is wanted: mend it"),
    ],
)
def test_wrong_gear_is_answered(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "scene.toml"
    path.write_text(f"{CAMERA}{line}\n", encoding="utf-8")
    (tmp_path / "broken.bin.toml").write_bytes(b"\xff\xfe = nonsense")
    with pytest.raises(UsageError) as raised:
        LensModel.load(load_scene(path).camera.lens)
    assert says in str(raised.value)
