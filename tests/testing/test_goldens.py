"""Goldens: where they lie, when they are made, what is compared on which driver; the fixture's ways to name a scene."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import earthlimb.testing.picture  # pytester forgets what an inner run imports first, and NumPy loads only once
from earthlimb.errors import UsageError
from earthlimb.renderer import Frame
from earthlimb.testing import assert_layer_close, assert_picture_close, limb_profile

pytest_plugins = "pytester"

GOLDEN = """
from earthlimb.testing import assert_picture_close

def test_golden(earthlimb_render):
    assert_picture_close(earthlimb_render("italy", size=(48, 32)), "{}")
"""


def test_update_makes_the_picture_and_its_json_and_says_so(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=GOLDEN.format("a/italy.png"))
    result = pytester.runpytest_inprocess("--earthlimb-update")
    result.assert_outcomes(passed=1)
    golden = pytester.path / "goldens" / "a" / "italy.png"
    result.stdout.fnmatch_lines(["*earthlimb: goldens made anew*", str(golden)])
    about = json.loads(golden.with_name("italy.png.json").read_text())
    assert set(about) == {"gl_renderer", "gl_version", "earthlimb", "pixels_sha256"}
    assert about["gl_renderer"] and about["gl_version"]
    assert Image.open(golden).size == (48, 32)
    before = golden.stat().st_mtime_ns
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(passed=1)
    assert "goldens made anew" not in result.stdout.str()
    assert golden.stat().st_mtime_ns == before


def test_the_folders_may_be_chosen(pytester: pytest.Pytester) -> None:
    """Relative to the configuration file, wherever the test file lies."""
    pytester.makeini("[pytest]\nearthlimb_goldens = pictures/right\nearthlimb_report = pictures/wrong\n")
    below = pytester.mkdir("below")
    (below / "test_it.py").write_text(GOLDEN.format("italy.png"))
    pytester.runpytest_inprocess("--earthlimb-update").assert_outcomes(passed=1)
    golden = pytester.path / "pictures" / "right" / "italy.png"
    assert golden.is_file() and not (below / "goldens").exists()
    golden.unlink()
    pytester.runpytest_inprocess().assert_outcomes(failed=1)
    assert len(list((pytester.path / "pictures" / "wrong").glob("*.html"))) == 1


def test_a_page_goes_when_its_test_passes_again(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=GOLDEN.format("italy.png"))
    pytester.runpytest_inprocess().assert_outcomes(failed=1)
    folder = pytester.path / ".pytest_earthlimb"
    assert len(list(folder.glob("*.html"))) == 1 and (folder / ".gitignore").read_text() == "*\n"
    pytester.runpytest_inprocess("--earthlimb-update").assert_outcomes(passed=1)
    assert list(folder.glob("*.html")) == []


@pytest.mark.parametrize("name", ["italy.jpg", "../italy.png", "/tmp/italy.png"])
def test_names_that_are_refused(earthlimb_render: Callable[..., Frame], name: str) -> None:
    with pytest.raises(UsageError, match=r"a \.png file name inside the folder of goldens is wanted"):
        assert_picture_close(earthlimb_render("italy", size=(12, 8)), name)


def test_the_golden_of_another_driver_is_compared_by_flip(pytester: pytest.Pytester) -> None:
    """A golden of this process's driver passes on Mesa's softpipe, which has other pixels."""
    pytest.importorskip("flip_evaluator")
    pytester.makepyfile(test_it=GOLDEN.format("italy.png"))
    pytester.runpytest_inprocess("--earthlimb-update").assert_outcomes(passed=1)
    golden = pytester.path / "goldens" / "italy.png"
    made_by = json.loads(golden.with_name("italy.png.json").read_text())["gl_renderer"]
    mesa = {"GALLIUM_DRIVER": "softpipe", "LIBGL_ALWAYS_SOFTWARE": "1"}
    mesa |= {"MESA_GL_VERSION_OVERRIDE": "4.1", "MESA_GLSL_VERSION_OVERRIDE": "410"}
    code = (
        "import earthlimb\n"
        "from earthlimb.testing import assert_picture_close\n"
        "with earthlimb.Renderer(size=(48, 32)) as renderer:\n"
        "    print(renderer.gpu.renderer)\n"
        "    frame = renderer.render(earthlimb.load_scene('italy'), layers=False)\n"
        "assert_picture_close(frame, 'italy.png')\n"
        "frame.save('other.png')\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env=os.environ | mesa, cwd=pytester.path, capture_output=True, text=True, check=False
    )
    if "softpipe" not in done.stdout or "softpipe" in made_by:
        pytest.skip("no second driver on this machine")
    assert done.returncode == 0, done.stderr
    other = np.asarray(Image.open(pytester.path / "other.png"))
    assert (other != np.asarray(Image.open(golden))).any()


def test_scenes_by_name_path_and_dictionary(pytester: pytest.Pytester) -> None:
    """Paths start at the test file; a double underscore stands for the dot."""
    below = pytester.mkdir("below")
    text = '[time]\nutc = "2021-09-09T22:42:40Z"\n[camera]\nshutter_s = 0.5\npoint.limb = { azimuth_deg = 0.0 }\n'
    (below / "mine.toml").write_text(text)
    code = """
from pathlib import Path
import tomllib
import pytest

@pytest.mark.parametrize("scene", ["mine.toml", Path("mine.toml"), Path(__file__).parent / "mine.toml", "dict"])
def test_scene(earthlimb_render, scene):
    if scene == "dict":
        scene = tomllib.loads((Path(__file__).parent / "mine.toml").read_text())
    scene = earthlimb_render(scene, size=(9, 6), camera__iso=800, **{"camera.ev": 1}).world.scene
    assert (scene.camera.shutter_s, scene.camera.iso, scene.camera.ev) == (0.5, 800.0, 1.0)
    assert (scene.image.width_px, scene.image.height_px) == (9, 6)
"""
    (below / "test_it.py").write_text(code)
    pytester.runpytest_inprocess().assert_outcomes(passed=4)


def test_another_renderer_in_the_process_does_no_harm(earthlimb_render: Callable[..., Frame]) -> None:
    before = earthlimb_render("italy", size=(24, 16))
    with earthlimb.Renderer(size=(20, 12)) as other:
        other.render(earthlimb.load_scene("layers"))
        during = earthlimb_render("italy", size=(24, 16))
    after = earthlimb_render("italy", size=(24, 16))
    for frame in (during, after):
        assert np.array_equal(frame.picture, before.picture)
        for name in before.layers:
            assert_layer_close(frame, name, before, atol=0.0, rtol=0.0)


def test_one_renderer_serves_all_tests(pytester: pytest.Pytester) -> None:
    code = """
import earthlimb
import pytest

count = []

@pytest.fixture(autouse=True, scope="session")
def _counted(request):
    class Counted(earthlimb.Renderer):
        def __init__(self, *arguments, **more):
            count.append(1)
            super().__init__(*arguments, **more)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(earthlimb, "Renderer", Counted, raising=False)
        yield

@pytest.mark.parametrize("size", [(9, 6), (6, 9), (9, 6)])
def test_render(earthlimb_render, size):
    earthlimb_render("italy", size=size)
    assert len(count) == 1
"""
    pytester.makepyfile(test_it=code)
    pytester.runpytest_inprocess().assert_outcomes(passed=3)


def test_comparisons_without_pytest_write_beside_the_program(tmp_path: Path) -> None:
    code = (
        "import earthlimb\nfrom earthlimb.testing import assert_layer_close\n"
        "with earthlimb.Renderer(size=(12, 8)) as renderer:\n"
        "    frame = renderer.render(earthlimb.load_scene('italy'))\n"
        "assert_layer_close(frame, 'lights', frame.layer('lights') + 1, atol=0.1, rtol=0.0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "AssertionError: lights: 96 of 96 pixels" in done.stderr
    assert [page.name[:11] for page in tmp_path.glob(".pytest_earthlimb/*.html")] == ["comparison-"]


def test_a_reference_that_is_no_picture(earthlimb_render: Callable[..., Frame], tmp_path: Path) -> None:
    frame = earthlimb_render("italy", size=(12, 8))
    with pytest.raises(UsageError, match="no such file"):
        assert_layer_close(frame, "lights", tmp_path / "no.exr", atol=0.0, rtol=0.0)
    (tmp_path / "bad.exr").write_bytes(b"not an exr")
    with pytest.raises(UsageError, match="an OpenEXR file is wanted"):
        assert_layer_close(frame, "lights", tmp_path / "bad.exr", atol=0.0, rtol=0.0)
    frame.save(tmp_path / "sensor.exr", stage="sensor")
    with pytest.raises(UsageError, match="no layer lights: it has the channels B, G, R"):
        assert_layer_close(frame, "lights", tmp_path / "sensor.exr", atol=0.0, rtol=0.0)
    assert_layer_close(frame, "electrons", tmp_path / "sensor.exr", atol=0.0, rtol=0.0)
    with pytest.raises(UsageError, match="did you mean lights"):
        assert_layer_close(frame, "light", frame, atol=0.0, rtol=0.0)


def test_the_profile_is_the_mean_of_the_pixels(earthlimb_render: Callable[..., Frame]) -> None:
    frame = earthlimb_render("italy", size=(60, 40))
    limb = limb_profile(frame, "lights", from_km=0.0, to_km=200.0, step_km=50.0, columns=slice(10, 30))
    heights, light = frame.layer("geometry.tangent_km")[:, 10:30], frame.layer("lights")[:, 10:30]
    assert limb.tangent_km.tolist() == [25.0, 75.0, 125.0, 175.0]
    for z, value in zip(limb.tangent_km, limb.values, strict=True):
        here = (heights >= z - 25.0) & (heights < z + 25.0)
        assert np.allclose(value, light[here].mean(axis=0, dtype=float), rtol=1e-6)
