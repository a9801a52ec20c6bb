"""Pictures read back: channels, orientation, headers, stages, refusals, and the sidecar with them."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
import tifffile
from PIL import Image, ImageCms

from earthlimb.errors import UsageError, WorkError
from earthlimb.output import check_output, save
from earthlimb.output.exr import linearised_srgb
from earthlimb.renderer.frame import Frame

HEIGHT_PX, WIDTH_PX = 5, 7
FORMATS = ("png", "jpg", "tiff", "exr")
one_jpeg_step = 3  # of 255: what quality 95 may change in a smooth gradient


@pytest.fixture
def frame() -> Frame:
    return make_frame()


def make_frame(height_px: int = HEIGHT_PX, width_px: int = WIDTH_PX) -> Frame:
    """A frame whose pixels all differ and whose upper left corner is the darkest."""
    ramp = np.arange(height_px * width_px, dtype=np.float32).reshape(height_px, width_px)
    colour = ramp[..., None] + np.float32([0.0, 0.25, 0.5])
    ranges = ramp * 100.0
    ranges[0] = np.nan
    return Frame(
        width_px=width_px,
        height_px=height_px,
        world=None,  # type: ignore[arg-type]  # the outputs do not look at it
        rgb_linear=colour * np.float32(1e-3) - np.float32(1e-4),
        layers={
            "airglow.oi558": ramp * 10.0,
            "stars": colour * np.float32(2e-3),
            "geometry.range_km": ranges,
        },
        electrons=colour * 50.0,
        picture=colour / colour.max(),
        metadata={
            "scene": {"title": "Straße"},
            "versions": {"earthlimb": "0.1.0"},
            "utc": datetime(2021, 9, 9, 22, 42, 40, 50000, tzinfo=UTC),
            "iss_itrs_km": np.array([6800.5, np.nan, np.inf]),
            "seed": np.int64(3),
        },
    )


def read_exr(path: Path) -> tuple[dict[str, object], dict[str, np.ndarray]]:
    file = OpenEXR.File(str(path), separate_channels=True)
    assert len(file.parts) == 1
    return file.header(), {name: channel.pixels for name, channel in file.channels().items()}


def profile_name(profile: bytes) -> str:
    return ImageCms.getProfileName(ImageCms.ImageCmsProfile(BytesIO(profile))).strip()


def test_exr_has_every_layer_under_its_own_name(frame: Frame, tmp_path: Path) -> None:
    frame.save(tmp_path / "x.exr")
    _, channels = read_exr(tmp_path / "x.exr")
    layers = ["airglow.oi558", "geometry.range_km", "stars.B", "stars.G", "stars.R"]
    assert sorted(channels) == ["B", "G", "R", *layers]
    assert {pixels.dtype for pixels in channels.values()} == {np.dtype(np.float32)}
    assert frame.rgb_linear is not None
    for i, letter in enumerate("RGB"):
        np.testing.assert_array_equal(channels[letter], frame.rgb_linear[..., i])
        np.testing.assert_array_equal(channels[f"stars.{letter}"], frame.layers["stars"][..., i])
    np.testing.assert_array_equal(channels["airglow.oi558"], frame.layers["airglow.oi558"])
    np.testing.assert_array_equal(channels["geometry.range_km"], frame.layers["geometry.range_km"])
    assert channels["R"].min() < 0.0, "colours outside the gamut must survive"


def test_exr_header(frame: Frame, tmp_path: Path) -> None:
    frame.save(tmp_path / "x.exr")
    header, _ = read_exr(tmp_path / "x.exr")
    assert header["compression"] == OpenEXR.ZIP_COMPRESSION
    assert header["lineOrder"] == OpenEXR.INCREASING_Y
    assert header["type"] == OpenEXR.scanlineimage
    np.testing.assert_allclose(header["chromaticities"], [0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329], rtol=1e-6)
    assert header["whiteLuminance"] == 1.0
    assert header["earthlimb.title"] == "Straße"
    assert header["earthlimb.utc"] == "2021-09-09T22:42:40.050000Z"
    assert header["earthlimb.stage"] == "linear"


def test_exr_stages(frame: Frame, tmp_path: Path) -> None:
    frame.save(tmp_path / "electrons.exr", stage="sensor")
    header, channels = read_exr(tmp_path / "electrons.exr")
    assert set(channels) == {"R", "G", "B"}
    assert "chromaticities" not in header, "electrons have no colour space"
    assert frame.electrons is not None and frame.picture is not None
    np.testing.assert_array_equal(channels["G"], frame.electrons[..., 1])
    frame.save(tmp_path / "developed.exr", stage="developed")
    _, channels = read_exr(tmp_path / "developed.exr")
    np.testing.assert_array_equal(channels["B"], linearised_srgb(frame.picture[..., 2]))


def test_png_is_srgb_with_rows_from_the_top(frame: Frame, tmp_path: Path) -> None:
    frame.save(tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (WIDTH_PX, HEIGHT_PX))
        assert image.info["srgb"] == 0
        assert image.info["gamma"] == 0.45455
        assert image.info["Title"] == "Straße"
        assert image.info["Software"] == "earthlimb 0.1.0"
        pixels = np.asarray(image)
    assert frame.picture is not None
    np.testing.assert_array_equal(pixels, np.floor(frame.picture * np.float32(255.0) + np.float32(0.5)))
    assert pixels[0, 0].sum() < pixels[-1, -1].sum()


def test_eight_bits_that_the_renderer_made_are_kept(frame: Frame, tmp_path: Path) -> None:
    own = np.full((HEIGHT_PX, WIDTH_PX, 3), 77, np.uint8)
    replace(frame, picture8=own).save(tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as image:
        np.testing.assert_array_equal(np.asarray(image), own)


def test_jpg_has_full_colour_resolution(tmp_path: Path) -> None:
    frame = make_frame(64, 96)
    frame.save(tmp_path / "x.jpg")
    with Image.open(tmp_path / "x.jpg") as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (96, 64))
        assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3  # type: ignore[attr-defined]
        assert profile_name(image.info["icc_profile"]) == "sRGB built-in"
        pixels = np.asarray(image).astype(float)
    assert frame.picture is not None
    assert np.abs(pixels - frame.picture * 255.0).max() <= one_jpeg_step


def test_tiff_has_16_bits(frame: Frame, tmp_path: Path) -> None:
    frame.save(tmp_path / "x.tiff")
    with tifffile.TiffFile(tmp_path / "x.tiff") as tiff:
        page = tiff.pages[0]
        pixels = page.asarray()
        assert len(tiff.pages) == 1
        assert page.tags["Software"].value == "earthlimb 0.1.0"  # type: ignore[union-attr]
        assert profile_name(page.tags["InterColorProfile"].value) == "sRGB built-in"  # type: ignore[union-attr]
    assert pixels.dtype == np.uint16
    assert frame.picture is not None
    np.testing.assert_array_equal(pixels, np.floor(frame.picture * np.float32(65535.0) + np.float32(0.5)))


def test_values_outside_the_display_are_clipped(frame: Frame, tmp_path: Path) -> None:
    wild = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.float32)
    wild[0, :4, 0] = [-1.0, 7.0, np.nan, np.inf]
    replace(frame, picture=wild).save(tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as image:
        assert np.asarray(image)[0, :4, 0].tolist() == [0, 255, 0, 255]


@pytest.mark.parametrize("ending", FORMATS)
def test_the_same_frame_gives_the_same_bytes(frame: Frame, tmp_path: Path, ending: str) -> None:
    for name in ("a", "b"):
        frame.save(tmp_path / f"{name}.{ending}")
    # In another process, with another hash seed and a second later.
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_output_still import make_frame\n"
        "make_frame().save(sys.argv[2])"
    )
    here = str(Path(__file__).parent)
    subprocess.run(
        [sys.executable, "-c", f"import earthlimb.output\n{code}", here, str(tmp_path / f"c.{ending}")],
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "7"},
    )
    first, *others = [(tmp_path / f"{name}.{ending}").read_bytes() for name in "abc"]
    assert all(other == first for other in others)


def test_the_sidecar_is_strict_json(frame: Frame, tmp_path: Path) -> None:
    frame.save(tmp_path / "x.png")
    sidecar = json.loads((tmp_path / "x.png.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert sidecar["utc"] == "2021-09-09T22:42:40.050000Z"
    assert sidecar["iss_itrs_km"] == [6800.5, None, None]
    assert sidecar["seed"] == 3
    assert sidecar["scene"]["title"] == "Straße"


def test_a_sidecar_that_cannot_be_written_leaves_no_picture(frame: Frame, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"sidecar: object .* has no meaning in JSON"):
        replace(frame, metadata={"x": object()}).save(tmp_path / "x.png")
    assert os.listdir(tmp_path) == []
    (tmp_path / "x.png.json").mkdir()
    with pytest.raises(UsageError, match=r"x\.png\.json: .* a folder has this name"):
        frame.save(tmp_path / "x.png")
    assert os.listdir(tmp_path) == ["x.png.json"]


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("missing_bytes", [1, 5000])
def test_a_really_full_disk_leaves_nothing(tmp_path: Path, ending: str, missing_bytes: int) -> None:
    """The kernel refuses the last bytes of the file, as it does on a full disk; every writer must notice.

    Pillow's own writing of a JPEG does not: it left a truncated picture and said nothing.
    """
    noise = np.random.default_rng(1).random((64, 64, 3), dtype=np.float32)
    frame = replace(make_frame(64, 64), rgb_linear=noise, picture=noise)
    frame.save(tmp_path / f"x.{ending}")
    limit = (tmp_path / f"x.{ending}").stat().st_size - missing_bytes
    (tmp_path / f"x.{ending}").unlink()
    (tmp_path / f"x.{ending}.json").unlink()
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited[1]))
    try:
        with pytest.raises(WorkError, match=rf"x\.{ending}: no space is left on its disk"):
            frame.save(tmp_path / f"x.{ending}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "stage", "message"),
    [
        ("x", None, "x: no ending: the formats are .png, .jpg, .tiff, .exr, .fits: give the file one of"),
        ("x.gif", None, "x.gif: the ending .gif: the formats are .png, .jpg, .tiff, .exr, .fits"),
        ("x.exrr", None, "x.exrr: the ending .exrr: the formats are .*: did you mean .exr?"),
        ("x.fts", None, "x.fts: the ending .fts: the formats are .*: did you mean .fits?"),
        ("x.png", "linear", "x.png: stage linear: a .png file holds the developed picture only, .* .exr"),
        ("x.tiff", "sensor", "x.tiff: stage sensor: .* no room for electrons: use the ending .exr or .fits"),
        ("x.exr", "develop", "stage develop: not a stage: .*: did you mean developed?"),
    ],
)
def test_refusals(frame: Frame, tmp_path: Path, name: str, stage: str | None, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("?", r"\?")):
        check_output(tmp_path / name, stage)
    with pytest.raises(UsageError):
        save(frame, tmp_path / name, stage)  # type: ignore[arg-type]
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("path", [b"x.exr", None, 3, "a\0.png", "\ud800.png"])
def test_what_is_no_path_is_refused(frame: Frame, path: object) -> None:
    with pytest.raises(UsageError, match=r"save: .*: no path: a str or a pathlib.Path is wanted: write save"):
        frame.save(path)  # type: ignore[arg-type]


def test_default_stages_and_second_spellings(tmp_path: Path) -> None:
    assert check_output(tmp_path / "x.EXR") == check_output(tmp_path / "x.fit") == "linear"
    assert [check_output(tmp_path / name) for name in ("x.png", "x.jpeg", "x.tif")] == ["developed"] * 3


@pytest.mark.parametrize(("ending", "stage"), [("exr", "linear"), ("exr", "sensor"), ("png", "developed")])
def test_a_stage_that_was_not_rendered_is_refused(tmp_path: Path, ending: str, stage: str) -> None:
    bare = replace(make_frame(), rgb_linear=None, electrons=None, picture=None)
    with pytest.raises(UsageError, match=r"this frame has no .* it was rendered without"):
        bare.save(tmp_path / f"x.{ending}", stage)  # type: ignore[arg-type]
    assert os.listdir(tmp_path) == []


def test_layers_by_name(frame: Frame) -> None:
    assert frame.layer("airglow.oi558") is frame.layers["airglow.oi558"]
    with pytest.raises(UsageError, match=r"layer airglow\.oi557: .*: did you mean airglow\.oi558\?"):
        frame.layer("airglow.oi557")
    with pytest.raises(UsageError, match="this frame was rendered without layers"):
        replace(frame, layers={}).layer("stars")


@pytest.mark.parametrize(
    "wrong",
    [
        {"rgb_linear": np.zeros((WIDTH_PX, HEIGHT_PX, 3), np.float32)},
        {"picture": np.zeros((HEIGHT_PX, WIDTH_PX, 3))},
        {"layers": {"stars": np.zeros((HEIGHT_PX, WIDTH_PX, 2), np.float32)}},
    ],
)
def test_a_frame_refuses_arrays_of_another_shape_or_type(frame: Frame, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        replace(frame, **wrong)  # type: ignore[arg-type]
