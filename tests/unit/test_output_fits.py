"""FITS read back with astropy: the cube, the headers, and the WCS against the lens in both directions."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earthlimb.errors import UsageError, WorkError
from earthlimb.output import check_output
from earthlimb.physics.lens import Lens
from earthlimb.renderer.frame import Frame, Stage

fits = pytest.importorskip("astropy.io.fits")
wcs = pytest.importorskip("astropy.wcs")

WIDTH_PX, HEIGHT_PX = 90, 60
thousandth_px = 1e-3


def axes(forward: tuple[float, float, float], roll_rad: float) -> np.ndarray:
    """Right, down, forward in rows."""
    f = np.array(forward) / np.linalg.norm(forward)
    helper = np.array([0.0, 0.0, 1.0]) if abs(f[2]) < 0.99 else np.array([1.0, 0.0, 0.0])
    right = np.cross(f, helper) / np.linalg.norm(np.cross(f, helper))
    down = np.cross(f, right)
    c, s = np.cos(roll_rad), np.sin(roll_rad)
    return np.array([c * right + s * down, c * down - s * right, f])


def make_frame(k1: float = 0.05, forward: tuple[float, float, float] = (0.1, 0.97, -0.2)) -> Frame:
    rows = axes(forward, 0.7)
    ramp = np.arange(HEIGHT_PX * WIDTH_PX * 3, dtype=np.float32).reshape(HEIGHT_PX, WIDTH_PX, 3)
    metadata: dict[str, Any] = {
        "scene": {
            "title": "Straße",
            "camera": {"body": "nikon-d5", "shutter_s": 4.0, "f_number": 1.4, "iso": 800.0, "focal_mm": 28.0},
        },
        "utc": "2021-12-31T23:59:59.050Z",
        "iss_gcrs_km": [4376.3, -2131.2, 4735.7],
        "axes_gcrs": {name: row.tolist() for name, row in zip(("right", "down", "forward"), rows, strict=True)},
        "f_px": 71.5,
        "cx_px": 46.0,
        "cy_px": 29.0,
        "k1": k1,
    }
    return Frame(
        WIDTH_PX,
        HEIGHT_PX,
        None,  # type: ignore[arg-type]  # the outputs do not look at it
        rgb_linear=ramp * np.float32(1e-3) - 1,
        electrons=ramp,
        picture=ramp / ramp.max(),
        metadata=metadata,
    )


def read(path: Path) -> tuple[Any, np.ndarray]:
    with fits.open(path) as file:
        file.verify("exception")
        assert len(file) == 1
        return file[0].header.copy(), np.array(file[0].data)


def test_the_cube_is_linear_with_its_first_row_at_the_bottom(tmp_path: Path) -> None:
    frame = make_frame()
    frame.save(tmp_path / "x.fits")
    header, cube = read(tmp_path / "x.fits")
    assert frame.rgb_linear is not None
    assert header["BITPIX"] == -32 and cube.shape == (3, HEIGHT_PX, WIDTH_PX)
    for i in range(3):
        np.testing.assert_array_equal(cube[i, 0], frame.rgb_linear[-1, :, i])
        np.testing.assert_array_equal(cube[i, -1], frame.rgb_linear[0, :, i])
    assert header["BUNIT"] == "cd m-2" and (tmp_path / "x.fits.json").exists()
    frame.save(tmp_path / "electrons.fits", stage="sensor")
    header, cube = read(tmp_path / "electrons.fits")
    assert header["BUNIT"] == "electron" and cube[1, 0, 0] == frame.electrons[-1, 0, 1]  # type: ignore[index]
    with pytest.raises(UsageError, match="no sensor picture"):
        replace(frame, electrons=None).save(tmp_path / "none.fits", stage="sensor")


def test_headers_and_bytes(tmp_path: Path) -> None:
    frame = make_frame()
    frame.save(tmp_path / "x.fits")
    header, _ = read(tmp_path / "x.fits")
    assert header["TIMESYS"] == "UTC" and header["EXPTIME"] == 4.0
    assert header["DATE-AVG"] == "2021-12-31T23:59:59.050000"
    assert header["DATE-OBS"] == "2021-12-31T23:59:57.050000" and header["DATE-END"] == "2022-01-01T00:00:01.050000"
    assert [header[f"POS{axis}"] for axis in "XYZ"] == [4376.3, -2131.2, 4735.7]
    assert (header["FOCALLEN"], header["FNUMBER"], header["ISO"]) == (28.0, 1.4, 800.0)
    assert header["INSTRUME"] == "Nikon D5" and header["OBJECT"] == "Stra?e"
    frame.save(tmp_path / "y.fit")
    assert (tmp_path / "x.fits").read_bytes() == (tmp_path / "y.fit").read_bytes()


@pytest.mark.parametrize(("stage", "by_camera"), [("linear", False), ("developed", False), ("sensor", True)])
def test_an_eyes_view_names_no_camera(tmp_path: Path, stage: Stage, by_camera: bool) -> None:
    """As in JPEG; the electrons are those of the camera beside the eye."""
    frame = make_frame()
    frame.metadata["scene"]["eye"] = {"enabled": True}
    frame.save(tmp_path / "x.fits", stage=stage)
    header, _ = read(tmp_path / "x.fits")
    for name in ("EXPTIME", "FOCALLEN", "FNUMBER", "ISO", "INSTRUME"):
        assert (name in header) == by_camera, name
    assert header["DATE-AVG"] == "2021-12-31T23:59:59.050000" and "POSX" in header
    assert (header["DATE-OBS"] == header["DATE-AVG"]) == (stage == "developed")  # the light is of an open shutter


@pytest.mark.parametrize("forward", [(0.1, 0.97, -0.2), (-0.3, -0.2, 0.9), (0.0, 0.0, 1.0), (0.0, 0.0, -1.0)])
@pytest.mark.parametrize("k1", [0.05, -0.05, 0.0])
def test_the_wcs_is_the_lens_in_both_directions(tmp_path: Path, k1: float, forward: tuple[float, ...]) -> None:
    frame = make_frame(k1, forward)  # type: ignore[arg-type]
    frame.save(tmp_path / "x.fits")
    header, _ = read(tmp_path / "x.fits")
    if k1:
        assert header["CTYPE1"] == "RA---TAN-SIP" and header["A_ORDER"] == header["B_ORDER"] == 3
        for name in ("A_3_0", "A_1_2", "B_0_3", "B_2_1"):
            assert header[name] == pytest.approx(k1 / 71.5**2, rel=1e-14)
    else:
        assert header["CTYPE1"] == "RA---TAN" and "A_ORDER" not in header
    sky = wcs.WCS(header, naxis=2)
    lens = Lens(71.5, 46.0, 29.0, k1, WIDTH_PX, HEIGHT_PX)
    rng = np.random.default_rng(3)
    x, y = rng.uniform(0, WIDTH_PX, 200), rng.uniform(0, HEIGHT_PX, 200)
    rows = frame.metadata["axes_gcrs"]
    rays = lens.rays_cam(x, y) @ np.array([rows[name] for name in ("right", "down", "forward")])
    pixels = np.stack([x + 0.5, HEIGHT_PX + 0.5 - y], axis=1)  # FITS counts from 1, from the bottom
    ra, dec = np.radians(sky.all_pix2world(pixels, 1)).T
    found = np.stack([np.cos(ra) * np.cos(dec), np.sin(ra) * np.cos(dec), np.sin(dec)], axis=1)
    assert np.abs(found - rays).max() < 1e-10
    directions = np.degrees(np.stack([np.arctan2(rays[:, 1], rays[:, 0]), np.arcsin(rays[:, 2])], axis=1))
    back = sky.all_world2pix(directions, 1)
    assert np.abs(back - pixels).max() < thousandth_px


def test_without_astropy_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec

    def without(name: str, package: str | None = None) -> object:
        return None if name == "astropy" else real(name, package)

    monkeypatch.setattr("earthlimb.output.fits.find_spec", without)
    with pytest.raises(WorkError, match=r"FITS needs astropy, .*: pip install 'earthlimb\[fits\]', or"):
        check_output(tmp_path / "x.fits")
    with pytest.raises(WorkError, match="needs astropy"):
        make_frame().save(tmp_path / "x.fits")
    assert list(tmp_path.iterdir()) == []
