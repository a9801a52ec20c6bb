"""A picture whose lens in pixels is far longer than its focal length: a part of what the sensor recorded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from earthlimb.cli import app as cli
from earthlimb.physics.exposure import CameraBody
from earthlimb.physics.fixed_pattern import Crop, dark_rate_map, pattern_map, sensor_pattern
from earthlimb.renderer import Renderer
from earthlimb.renderer.gear import core_width_px, gear_of, stated_focal_mm
from earthlimb.renderer.photograph import exposure_of
from earthlimb.scene import Scene, load_scene, resized, resolved, scene_text
from earthlimb.scene.gear import crop_factor
from earthlimb.scene.tracks import laid, with_values
from earthlimb.solve.photo import Photo
from earthlimb.solve.solved_scene import solved_scene
from earthlimb.viewer import look, optics
from earthlimb.viewer.panel.values import Values
from earthlimb.viewer.session import Session
from earthlimb.world import build_world

D5 = CameraBody.load("nikon-d5")
WIDTH, HEIGHT = 240, 160
F_PX = 28.0 * WIDTH / 35.9
ROUNDING = 1e-9

DOWN = {
    "time.utc": "2021-09-09T22:42:40Z",
    "camera.iso": 25600.0,
    "camera.focal_mm": 28.0,
    "camera.point.ground": {"lat_deg": 44.5, "lon_deg": 10.0, "alt_km": 0.0},
}


def ground(**values: object) -> Scene:
    """28 mm, looking at the ground, the lights of Italy in view."""
    tle = load_scene("italy").station.tle
    start = {"time": {"utc": "2021-09-09T22:42:40Z"}, "station": {"tle": tle}, "camera": {"mount": "free", "point": {}}}
    picture = {"image.width_px": WIDTH, "image.height_px": HEIGHT}
    return load_scene(start, DOWN | picture | {name.replace("__", "."): value for name, value in values.items()})


def cut(left: int, top: int, width: int, height: int, **values: object) -> Scene:
    """The scene of a part of that picture."""
    place = {"camera__cx_px": WIDTH / 2 - left, "camera__cy_px": HEIGHT / 2 - top}
    return ground(image__width_px=width, image__height_px=height, camera__f_px=F_PX, **place, **values)


@pytest.mark.parametrize("bayer", [False, True])
def test_a_crop_is_that_part_of_the_whole_picture(bayer: bool) -> None:
    """Electrons, their noise and the corners' loss of light are those of the same pixels of the whole."""
    sensor = {"camera__bayer": bayer, "camera__fixed_pattern": 1.0, "camera__months_in_orbit": 24.0}
    with Renderer() as renderer:
        whole = renderer.render(ground(**sensor), layers=False)
        for left, top, width, height in ((60, 40, 120, 80), (120, 0, 120, 80)):
            part = renderer.render(cut(left, top, width, height, **sensor), layers=False)
            assert whole.electrons is not None and part.electrons is not None
            same = whole.electrons[top : top + height, left : left + width].astype(float)
            mean = same.mean(axis=(0, 1))
            # two draws of shot and read noise lie between them; 9,600 pixels a channel
            off = (part.electrons.mean(axis=(0, 1)) - mean) / mean
            assert np.abs(off).max() < 0.005
            edge = np.s_[: height // 4, -(width // 4) :]
            assert part.electrons[edge].mean() == pytest.approx(same[edge].mean(), rel=0.02)
            n = part.metadata["photosites_per_px"]
            assert n == pytest.approx(whole.metadata["photosites_per_px"], rel=ROUNDING)
            share = np.array([0.25, 0.5, 0.25]) if bayer else np.ones(3)
            variance = 2.0 * (same + n * share * D5.read_noise_at(25600.0) ** 2)
            scatter = np.mean((part.electrons - same) ** 2 / variance)
            assert 0.9 < scatter < 1.15  # the halo of what lies outside the picture is missing in it
            assert (part.metadata["crop"], part.metadata["focal_mm"]) == (pytest.approx(WIDTH / width), 28.0)
            assert part.metadata["pixel_um"] == pytest.approx(28e3 / F_PX) == whole.metadata["pixel_um"]


def test_settings_of_a_crop_are_those_of_the_whole() -> None:
    """Widths on the sensor: vignetting's radius, halo, defocus, point spread, in the crop's pixels."""
    near = {"camera__focus_km": 0.005, "camera__lens": "nikkor-28-f1.4e", "camera__f_number": 1.4}
    whole, part = build_world(ground(**near)), build_world(cut(30, 20, 120, 80, **near))
    a, b = exposure_of(whole, 0), exposure_of(part, 0)
    for name in ("electrons_per_radiance", "photosites_per_px", "saturation_e", "read_noise_e", "half_diagonal_px"):
        assert getattr(b, name) == pytest.approx(getattr(a, name), rel=ROUNDING), name
    assert b.blur_radius_px == pytest.approx(a.blur_radius_px, rel=ROUNDING) and a.blur_radius_px > 0.1
    assert sum(b.halo_weights) == pytest.approx(sum(a.halo_weights)) and b.halo_weights[0] == a.halo_weights[0]
    x, y = np.array([31.0, 90.0, 149.0]), np.array([21.0, 60.0, 99.0])
    assert core_width_px(part, x - 30, y - 20) == pytest.approx(core_width_px(whole, x, y), rel=ROUNDING)
    small = build_world(resized(part.scene, 60, 40))
    assert small.lens.crop == pytest.approx(part.lens.crop) == part.lens.resized(60, 40).crop
    assert exposure_of(small, 0).photosites_per_px == pytest.approx(4.0 * b.photosites_per_px)


def test_a_crops_pattern_and_hot_photosites_are_at_their_places() -> None:
    pattern = sensor_pattern(D5, sensor_seed=3, months_in_orbit=1.0)
    assert pattern is not None
    whole, dark = pattern_map(pattern, 696, 464), dark_rate_map(pattern, 696, 464)
    for left, top, width, height in ((174, 116, 348, 232), (40, 300, 300, 100), (600, 0, 30, 60)):
        crop = Crop(696 / max(width, height), 348.0 - left, 232.0 - top)
        if height > width:  # an upright picture is one of an upright camera
            assert pattern_map(pattern, width, height, crop).shape == (height, width, 2)
            continue
        at = np.s_[top : top + height, left : left + width]
        assert np.allclose(pattern_map(pattern, width, height, crop), whole[at], rtol=ROUNDING, atol=0.0)
        assert np.allclose(dark_rate_map(pattern, width, height, crop=crop), dark[at], rtol=ROUNDING, atol=0.0)
    # a part that the sensor has not
    beyond = dark_rate_map(pattern, 60, 40, crop=Crop(2.0, 500.0, 20.0))
    assert np.isfinite(beyond).all() and (beyond == beyond.min()).all()


def test_what_is_a_crop() -> None:
    """Beyond 1.1 times what the scene's own focal length gives; who names none says nothing of a crop."""
    italy = load_scene("italy")
    assert build_world(italy).lens.crop == 1.0
    for f_px, factor in ((1.099 * F_PX, 1.0), (1.101 * F_PX, 1.101), (0.5 * F_PX, 1.0), (7.0 * F_PX, 7.0)):
        assert crop_factor(ground(camera__f_px=f_px), 35.9) == pytest.approx(factor)
    bare = {key: value for key, value in DOWN.items() if key != "camera.focal_mm"}
    start = {"time": {"utc": "2021-09-09T22:42:40Z"}, "camera": {"f_px": 5000.0, "point": {}}}
    scene = load_scene(start, bare)
    again = load_scene(resolved(scene))
    copies = [scene, again, laid(scene, {("camera", "iso"): 800.0}), with_values(scene, [(("camera", "iso"), 800.0)])]
    assert [crop_factor(one, 35.9) for one in copies] == [1.0] * 4
    assert "focal_mm" not in resolved(scene)["camera"] and scene_text(again) == scene_text(scene)
    said = load_scene(start, bare | {"camera.focal_mm": 50.0})
    assert said.notes  # an override of it alone does nothing, as before
    both = load_scene(start, DOWN | {"camera.f_px": 5000.0})
    assert crop_factor(both, 35.9) == pytest.approx(5000.0 * 35.9 / 1500.0 / 28.0)
    assert load_scene(resolved(both)) == both


@pytest.mark.parametrize(("lens", "factor"), [("nikkor-24-f1.4g", 1.1874), ("nikkor-50-f1.4g", 1.0)])
def test_a_lens_that_cannot_show_so_little_is_cropped(lens: str, factor: float) -> None:
    """The Italy view through another lens: its field stays, cut out of 24 mm's; 50 mm shows less than it."""
    scene = load_scene("italy", {"camera.lens": lens})
    assert crop_factor(scene, 35.9) == pytest.approx(factor, rel=1e-4)


def test_a_zoom_lens_in_pixels_is_set_to_what_it_shows(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "assets" / "lenses" / "nikkor-24-f1.4g.toml"
    zoom = tmp_path / "zoom.toml"
    zoom.write_text(shipped.read_text().replace("focal_mm = 24.0", "focal_mm = [24.0, 70.0]"))
    for long_mm, focal_mm, factor in ((20.0, 24.0, 1.0), (50.0, 50.0, 1.0), (140.0, 70.0, 2.0)):
        start = {"camera": {"lens": str(zoom), "f_px": long_mm * 1500.0 / 35.9, "point": DOWN["camera.point.ground"]}}
        start["camera"]["point"] = {"ground": start["camera"]["point"]}
        scene = load_scene({"time": {"utc": "2021-09-09T22:42:40Z"}, **start})
        assert scene.camera.focal_mm == pytest.approx(focal_mm)
        assert crop_factor(scene, 35.9) == pytest.approx(factor)


def test_keys_on_the_lens_in_pixels_cut_step_by_step() -> None:
    """From the whole picture to a half: no jump where a still one would begin to be a crop."""
    keys = [{"at_s": t, "camera": {"f_px": f}} for t, f in ((0.0, F_PX), (10.0, 2.0 * F_PX))]
    scene = ground(camera__f_px=F_PX, video__key=keys)
    at = [laid(scene, {("camera", "f_px"): share * F_PX}) for share in (1.0, 1.05, 1.2, 2.0)]
    assert [crop_factor(one, 35.9) for one in at] == pytest.approx([1.0, 1.05, 1.2, 2.0])
    assert {stated_focal_mm(build_world(one), D5) for one in at} == {28.0}
    zoomed = [{"at_s": t, "camera": {"f_px": s * F_PX, "focal_mm": s * 28.0}} for t, s in ((0.0, 1.0), (10.0, 2.0))]
    both = ground(camera__f_px=F_PX, video__key=zoomed)
    assert both.notes == ()
    later = laid(both, {("camera", "f_px"): 1.5 * F_PX, ("camera", "focal_mm"): 42.0})
    assert crop_factor(later, 35.9) == pytest.approx(1.0)
    alone = [{"at_s": t, "camera": {"focal_mm": f, "ev": 0.1}} for t, f in ((0.0, 10.0), (10.0, 50.0))]
    fixed = load_scene("italy", {"video.key": alone})
    assert len(fixed.notes) == 1
    assert [key.model_extra for key in fixed.video.key] == [{"camera": {"ev": 0.1}}] * 2


def test_the_windows_zoom_is_another_lens_and_a_crop_stays_one() -> None:
    whole = Session(load_scene("italy"), "italy")
    for _ in range(8):
        look.zoom(whole, 1.0)
    assert crop_factor(whole.scene, 35.9) == 1.0 and whole.scene.camera.focal_mm == pytest.approx(73.1, abs=0.1)
    part = Session(cut(60, 40, 120, 80))
    assert float(Values(part).at("camera.focal_mm")) == pytest.approx(28.0) and optics.focal_mm_of(part.scene) == 28.0
    look.zoom(part, 1.0)
    assert part.scene.camera.focal_mm == 31.5 and part.scene.camera.f_px == pytest.approx(F_PX * 1.125)
    assert part.change("camera.focal_mm", 85.0)
    assert crop_factor(part.scene, 35.9) == pytest.approx(2.0)
    assert crop_factor(part.view_scene(), 35.9) == pytest.approx(2.0)


def test_check_says_what_is_a_crop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for scene, words in ((cut(60, 40, 120, 80), "2 times narrower than what a 28 mm lens"), (ground(), "")):
        path = tmp_path / "scene.toml"
        path.write_text(scene_text(scene), encoding="utf-8")
        assert cli.run(["check", str(path)]) == 0
        lines = capsys.readouterr().out.splitlines()
        (pixel,) = [line for line in lines if line.startswith("pixel on the sensor")]
        assert pixel.split()[-2:] == ["149.583", "um"]
        assert [words in line for line in lines if line.split("  ")[0] == "crop"] == ([True] if words else [])


def test_the_scene_of_a_solved_crop_is_a_crop() -> None:
    """A header of 28 mm, and of 56 as on full frame: the lens is 28 mm, and a pixel as large as the camera's."""
    world = build_world(cut(60, 40, 120, 80))

    class Solved:
        lens, instant = world.lens, world.instant
        axes_gcrs = world.rot_cam_from_gcrs

    photo = Photo(np.zeros((80, 120, 3), np.float32), 120, 80, world.instant, "Nikon D5", 56.0, 1.4, 0.2, 25600.0, 28.0)
    scene = solved_scene(photo, Solved(), world.elements, "", None)  # type: ignore[arg-type]
    body, _ = gear_of(scene)
    assert build_world(scene).lens.crop == pytest.approx(2.0) and stated_focal_mm(build_world(scene), body) == 28.0
