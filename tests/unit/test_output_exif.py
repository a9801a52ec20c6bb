"""EXIF of PNG, JPEG and TIFF as exiftool reads it; without exiftool as Pillow does."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from earthlimb.errors import UsageError
from earthlimb.output.about import About, about
from earthlimb.output.exif import exif_tags
from earthlimb.physics.exposure import CameraBody
from earthlimb.renderer.frame import Frame
from earthlimb.renderer.gear import focal_mm_of, stated_focal_mm
from earthlimb.scene import Scene, load_scene, resized, resolved
from earthlimb.world import build_world

ENDINGS = ("png", "jpg", "tiff")
LAT_DEG, LON_DEG, ALT_KM = -44.98, -176.42, 413.5


def station_itrs_km() -> list[float]:
    """Geodetic to geocentric by the ellipsoid's own formula, WGS84."""
    a_km, e2 = 6378.137, 0.00669437999014
    lat, lon = np.radians([LAT_DEG, LON_DEG])
    n = a_km / np.sqrt(1.0 - e2 * np.sin(lat) ** 2)
    ring = (n + ALT_KM) * np.cos(lat)
    return [ring * np.cos(lon), ring * np.sin(lon), (n * (1.0 - e2) + ALT_KM) * np.sin(lat)]


METADATA: dict[str, Any] = {
    "scene": {
        "title": "Straße",
        "camera": {"body": "nikon-d5", "shutter_s": 0.2, "f_number": 1.4, "iso": 102400.0, "focal_mm": 28.0},
    },
    "versions": {"earthlimb": "0.1.0"},
    "utc": "2021-09-09T22:42:40.050Z",
    "iss_itrs_km": station_itrs_km(),
}


def make_frame(**metadata: Any) -> Frame:
    ramp = np.linspace(0.0, 1.0, 40 * 30 * 3, dtype=np.float32).reshape(30, 40, 3)
    return Frame(40, 30, None, picture=ramp, metadata=METADATA | metadata)  # type: ignore[arg-type]


@pytest.mark.parametrize("ending", ENDINGS)
def test_exiftool_reads_everything(ending: str, tmp_path: Path) -> None:
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed; the test with Pillow runs")
    path = tmp_path / f"x.{ending}"
    make_frame().save(path)
    told = subprocess.run(["exiftool", "-j", "-n", path], capture_output=True, text=True, check=True).stdout
    (found,) = json.loads(told)
    assert "Warning" not in found and "Error" not in found
    assert (found["Make"], found["Model"], found["LensModel"]) == ("Nikon", "Nikon D5", "28 mm f/1.4")
    assert (found["ExposureTime"], found["FNumber"], found["FocalLength"]) == (0.2, 1.4, 28)
    assert (found["ISO"], found["RecommendedExposureIndex"]) == (65535, 102400)
    assert found["FocalLengthIn35mmFormat"] == 28 and found["ColorSpace"] == 1
    assert found["SubSecDateTimeOriginal"] == "2021:09:09 22:42:40.05+00:00"
    assert found["GPSDateTime"] == "2021:09:09 22:42:40.05Z" and found["GPSMapDatum"] == "WGS-84"
    thousandth_arcsecond_deg, millimetre_m = 1e-3 / 3600, 1e-3
    assert found["GPSLatitude"] == pytest.approx(LAT_DEG, abs=thousandth_arcsecond_deg)
    assert found["GPSLongitude"] == pytest.approx(LON_DEG, abs=thousandth_arcsecond_deg)
    assert found["GPSAltitude"] == pytest.approx(1e3 * ALT_KM, abs=millimetre_m)
    assert (found["ImageWidth"], found["ImageHeight"]) == (40, 30)


@pytest.mark.parametrize("ending", ENDINGS)
def test_pillow_reads_the_directories(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{ending}"
    make_frame().save(path)
    if ending == "tiff":  # Pillow does not open 16 bits a channel
        with tifffile.TiffFile(path) as file:
            tags = file.pages[0].tags
            assert tags["ExifTag"].value["ExposureTime"] == (1, 5)
            assert tags["GPSTag"].value["GPSLatitudeRef"] == "S"
            assert tags["Model"].value == "Nikon D5"
            assert file.pages[0].asarray()[-1, -1, 2] == 65535
        return
    with Image.open(path) as image:
        exif = image.getexif()
        assert exif[0x0110] == "Nikon D5"
        assert float(exif.get_ifd(0x8769)[0x829A]) == 0.2
        assert exif.get_ifd(0x8825)[3] == "W"


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_frame_gives_the_same_bytes(ending: str, tmp_path: Path) -> None:
    for name in "ab":
        make_frame().save(tmp_path / f"{name}.{ending}")
    assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_not_known_is_left_out(ending: str, tmp_path: Path) -> None:
    bare = replace(make_frame(), metadata={"utc": None, "iss_itrs_km": [np.nan] * 3, "scene": {"camera": {"iso": 0}}})
    bare.save(tmp_path / f"x.{ending}")
    assert (tmp_path / f"x.{ending}").stat().st_size > 100


def headers(scene: Scene) -> About:
    """What headers of a picture of a scene would say."""
    world = build_world(scene)
    body = CameraBody.load(scene.camera.body)
    metadata = {
        "scene": resolved(scene),
        "focal_mm": stated_focal_mm(world, body),
        "focal_35mm": focal_mm_of(world, body) * 36.0 / body.sensor_long_mm,
    }
    return about(metadata)


@pytest.mark.parametrize("focal_mm", [50.0, 20.0, 28.0])
def test_a_lens_in_pixels_states_the_focal_length_that_the_picture_has(focal_mm: float) -> None:
    """793.766 px for 1000 px on 35.9 mm: 28.50 mm, whatever a focal length without effect says, and a note of it."""
    scene = load_scene("italy", {"camera.focal_mm": focal_mm})
    found = headers(scene)
    assert (found.focal_mm, found.lens) == (28.5, "28.5 mm f/1.4")
    hundredth_mm = 0.01
    assert found.focal_35mm == pytest.approx(28.496 * 36.0 / 35.9, abs=hundredth_mm)
    assert scene.camera.focal_mm == 28.0 and headers(resized(scene, 320, 213)).focal_mm == 28.5
    (note,) = scene.notes
    f_px = focal_mm * 1000.0 / 35.9
    assert note == (
        f"override: camera.focal_mm = {focal_mm:g}: without effect, because camera.f_px = 793.766 gives the lens: "
        f"for all that this focal length shows set camera.f_px = {f_px:.2f} as well"
    )
    assert note in build_world(scene).warnings
    told = load_scene("italy", {"camera.focal_mm": focal_mm, "camera.f_px": f_px})
    assert told.notes == () and headers(told).focal_mm == pytest.approx(focal_mm, abs=hundredth_mm)


def test_a_crop_states_its_lens_and_the_field_that_it_has() -> None:
    """Half of a picture of 1000 px: the lens remains, the field is that of twice its focal length."""
    scene = load_scene(
        "italy", {"image.width_px": 500, "image.height_px": 332, "camera.cx_px": 250, "camera.cy_px": 166}
    )
    found = headers(scene)
    assert (found.focal_mm, found.lens) == (28.0, "28 mm f/1.4")
    assert found.focal_35mm is not None and round(found.focal_35mm) == 57


def test_a_lens_in_millimetres_states_them_and_keys_without_effect_are_noted() -> None:
    scene = load_scene("orbit", {"camera.focal_mm": 35.0})
    assert scene.notes == () and headers(scene).focal_mm == 35.0
    keys = [{"at_s": t, "camera": {"focal_mm": f}} for t, f in ((0.0, 24.0), (60.0, 50.0))]
    (note,) = load_scene("italy", {"video.key": keys}).notes
    assert note.startswith("override: [[video.key]] camera.focal_mm: without effect, because camera.f_px = 793.766")
    with pytest.raises(UsageError, match=r"camera\.focal_mm = -5\.0: must be 1 to 2000"):
        load_scene("italy", {"camera.focal_mm": -5.0})


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_camera_took_an_eyes_view(ending: str, tmp_path: Path) -> None:
    scene = METADATA["scene"] | {"eye": {"enabled": True}}
    main, exposure, place = exif_tags(make_frame(scene=scene))
    assert not {0x010F, 0x0110} & main.keys() and place
    assert not {0x829A, 0x829D, 0x8827, 0x920A, 0xA432, 0xA434, 0xA405} & exposure.keys()
    make_frame(scene=scene).save(tmp_path / f"x.{ending}")
