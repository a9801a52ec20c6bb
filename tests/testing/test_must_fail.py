"""Every comparison finds the defect that it is there for, and lets the untouched picture pass.

Each test runs a small project of its own in pytest's `pytester`, as a user would, and reads what it says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import earthlimb.output
import earthlimb.testing.layers
import earthlimb.testing.picture
import earthlimb.testing.profile  # pytester forgets what an inner run imports first, and NumPy loads only once
from earthlimb.renderer import Frame
from tests.testing.defects import shared

pytest_plugins = "pytester"

HEAD = """
import numpy as np
import pytest
from earthlimb.testing import assert_layer_close, assert_limb_profile_close, assert_picture_close
from tests.testing.defects import *

@pytest.fixture
def frame():
    return shared["italy"]

"""
PICTURES = "def test_golden(frame):\n    assert_picture_close({}, 'italy.png')\n"
STRANGE = "another driver"


@pytest.fixture(scope="module", autouse=True)
def _one_frame_for_all(earthlimb_render: Callable[..., Frame]) -> Iterator[None]:
    shared["italy"] = earthlimb_render("italy", size=(96, 64))
    yield
    shared.clear()


def run(pytester: pytest.Pytester, code: str, *options: str) -> pytest.RunResult:
    """Run one test file; the plugin comes from the entry point of the installed package."""
    pytester.makepyfile(test_it=HEAD + code)
    return pytester.runpytest_inprocess(*options)


def must_fail(pytester: pytest.Pytester, code: str, *texts: str) -> None:
    """The one test of the code fails, says every text, and its page exists."""
    result = run(pytester, code)
    result.assert_outcomes(failed=1)
    said = result.stdout.str()
    for text in texts:
        assert text in said, said
    assert "page: " in said
    (page,) = pytester.path.glob(".pytest_earthlimb/*.html")
    assert page.name in said
    assert page.read_text(encoding="utf-8").count("<img") + page.read_text(encoding="utf-8").count("<svg") >= 1


def layer_test(name: str, broken: str, tolerance: str = "atol=1e-6, rtol=1e-4") -> str:
    return f"def test_layer(frame):\n    assert_layer_close({broken}, {name!r}, frame, {tolerance})\n"


def make_golden(pytester: pytest.Pytester) -> Path:
    run(pytester, PICTURES.format("frame"), "--earthlimb-update").assert_outcomes(passed=1)
    return pytester.path / "goldens" / "italy.png"


def made_elsewhere(golden: Path) -> None:
    about = golden.with_name("italy.png.json")
    about.write_text(json.dumps(json.loads(about.read_text()) | {"gl_renderer": STRANGE}))


def test_the_untouched_frame_passes(pytester: pytest.Pytester) -> None:
    """Against itself, its EXR file, arrays, its limb at another size, its golden here and its golden of elsewhere."""
    golden = make_golden(pytester)
    code = """
def test_layers(frame, tmp_path):
    frame.save(tmp_path / "italy.exr")
    for name in (*frame.layers, "rgb_linear"):
        assert_layer_close(frame, name, frame, atol=0.0, rtol=0.0)
        assert_layer_close(frame, name, tmp_path / "italy.exr", atol=0.0, rtol=0.0)
    assert_layer_close(frame, "stars", frame.layer("stars").tolist(), atol=0.0, rtol=0.0)
    assert_limb_profile_close(frame, "airglow.oi558", tmp_path / "italy.exr", atol=0.0, rtol=0.0)

def test_limb(frame, earthlimb_render):
    larger = earthlimb_render("italy", size=(192, 128))
    assert_limb_profile_close(frame, "airglow.oi558", larger, atol=200.0, rtol=0.1, step_km=5.0)

def test_golden(frame):
    assert_picture_close(frame, "italy.png")
"""
    run(pytester, code).assert_outcomes(passed=3)
    made_elsewhere(golden)
    pytest.importorskip("flip_evaluator")
    run(pytester, code, "-k", "golden").assert_outcomes(passed=1, deselected=2)
    assert not (pytester.path / ".pytest_earthlimb").exists()


@pytest.mark.parametrize("name", ["airglow.oi558", "lights", "geometry.tangent_km"])
def test_a_layer_shifted_by_one_row(pytester: pytest.Pytester, name: str) -> None:
    code = layer_test(name, f"changed(frame, {name!r}, one_row_down)")
    must_fail(pytester, code, f"{name}: ", "the picture is shifted by 1 row down")


def test_a_layer_shifted_by_one_column(pytester: pytest.Pytester) -> None:
    code = layer_test("stars", "changed(frame, 'stars', one_column_left)")
    must_fail(pytester, code, "stars: ", " cd m-2", "the picture is shifted by 1 column to the left")


@pytest.mark.parametrize("name", ["rgb_linear", "lights"])
def test_swapped_channels(pytester: pytest.Pytester, name: str) -> None:
    code = layer_test(name, f"changed(frame, {name!r}, red_and_blue_swapped)")
    must_fail(pytester, code, "the channels are swapped: in the order BGR they agree")


def test_flipped_rows(pytester: pytest.Pytester) -> None:
    code = layer_test("airglow.na589", "changed(frame, 'airglow.na589', flipped)")
    must_fail(pytester, code, "the rows are flipped: row 0 must be the top of the picture")


def test_a_missing_star(pytester: pytest.Pytester) -> None:
    """One star of hundreds: the message says where, and what was there."""
    code = (
        "def test_star(frame):\n"
        "    row, column = brightest_star(frame)\n"
        "    broken = changed(frame, 'stars', without((row, column)))\n"
        "    with pytest.raises(AssertionError, match=f'column {column}, row {row}: .* instead of'):\n"
        "        assert_layer_close(broken, 'stars', frame, atol=1e-5, rtol=0.01)\n"
        "    assert_layer_close(broken, 'stars', frame, atol=1e-5, rtol=0.01)\n"
    )
    result = run(pytester, code)
    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines([r".*stars: \d+ of 6144 pixels .* differ by more than 1e-05 cd m-2"])


@pytest.mark.parametrize(
    ("name", "change", "text"),
    [
        ("airglow.oi558", "lambda a: a / 1000", "the reference has 1000 times"),
        ("airglow.oh", "lambda a: a * 10", "the picture has 10 times: is one in nm and the other in Angstrom"),
        ("geometry.lat_deg", "np.radians", "the reference has 57.3 times: is one in degrees and the other in radians?"),
        ("lights", "lambda a: a / 683.002", "683 times: is one in watts and the other in lumens"),
        ("sky", "lambda a: a * 4 * np.pi", "the picture has 4 pi times"),
        ("airglow.o2", "lambda a: a * 1.3", "the picture has 1.3 times the reference everywhere"),
    ],
)
def test_a_wrong_unit(pytester: pytest.Pytester, name: str, change: str, text: str) -> None:
    code = layer_test(name, f"changed(frame, {name!r}, {change})", "atol=1e-9, rtol=0.2")
    must_fail(pytester, code, text)


def test_nan_where_it_may_not_be(pytester: pytest.Pytester) -> None:
    code = "def hole(a):\n    a = a.copy()\n    a[3, 4] = np.nan\n    return a\n"
    code += layer_test("lights", "changed(frame, 'lights', hole)", "atol=1e9, rtol=0")
    must_fail(pytester, code, "column 4, row 3: nan nan nan cd m-2", "the frame has 3 values that are NaN or infinite")


def test_nan_in_both_is_a_defect_too(pytester: pytest.Pytester) -> None:
    code = "def hole(a):\n    a = a.copy()\n    a[3, 4] = np.nan\n    return a\n"
    code += "def test_nan(frame):\n    broken = changed(frame, 'airglow.oh', hole)\n"
    code += "    assert_layer_close(broken, 'airglow.oh', broken, atol=1e9, rtol=0)\n"
    must_fail(pytester, code, "the reference has 1 values that are NaN")


@pytest.mark.parametrize("side", ["broken, 'airglow.oh', frame", "frame, 'airglow.oh', broken"])
def test_infinity(pytester: pytest.Pytester, side: str) -> None:
    code = "def burst(a):\n    a = a.copy()\n    a[3, 4] = np.inf\n    return a\n"
    code += "def test_infinity(frame):\n    broken = changed(frame, 'airglow.oh', burst)\n"
    code += f"    assert_layer_close({side}, atol=1e9, rtol=1.0)\n"
    must_fail(pytester, code, "1 of 6144 pixels", "column 4, row 3: ", "has 1 values that are NaN or infinite")


def test_nan_in_a_profile(pytester: pytest.Pytester) -> None:
    """A mean over one NaN is no height that no pixel sees."""
    code = """
def test_limb(frame):
    hole = np.where(np.arange(96) == 40, np.nan, 1.0)
    broken = changed(frame, "airglow.oh", lambda a: a * hole)
    assert_limb_profile_close(broken, "airglow.oh", frame, atol=1e9, rtol=1.0)
"""
    result = run(pytester, code)
    result.assert_outcomes(failed=1)
    assert "airglow.oh: 64 values of the frame are NaN or infinite" in result.stdout.str()


def test_the_range_is_missing_in_the_same_places(pytester: pytest.Pytester) -> None:
    code = layer_test("geometry.range_km", "changed(frame, 'geometry.range_km', np.nan_to_num)", "atol=1e9, rtol=0")
    must_fail(pytester, code, "NaN (the ray misses the ground) stands in one and not in the other at ")


def test_another_size(pytester: pytest.Pytester) -> None:
    code = "def test_size(frame):\n    assert_layer_close(frame, 'lights', frame.layer('lights')[1:], atol=0, rtol=0)\n"
    result = run(pytester, code)
    result.assert_outcomes(failed=1)
    assert "the picture has the shape (64, 96, 3) (rows, columns), the reference (63, 96, 3)" in result.stdout.str()


def test_longitudes_are_compared_around_the_circle(pytester: pytest.Pytester) -> None:
    code = layer_test("geometry.lon_deg", "changed(frame, 'geometry.lon_deg', lambda a: a + 360)", "atol=0.001, rtol=0")
    run(pytester, code).assert_outcomes(passed=1)


def test_a_limb_that_stands_two_kilometres_too_high(pytester: pytest.Pytester) -> None:
    """The scene itself is wrong, not the arrays: the comparison along the limb says by how much."""
    code = """
def test_limb(earthlimb_render):
    right = earthlimb_render("layers", size=(96, 64))
    wrong = earthlimb_render("layers", size=(96, 64), airglow__shift_km=2.0)
    assert_limb_profile_close(wrong, "airglow.oi558", right, atol=20.0, rtol=0.03)
"""
    result = run(pytester, code)
    result.assert_outcomes(failed=1)
    result.stdout.re_match_lines(
        [
            r".*airglow.oi558: \d+ of \d+ tangent heights differ by more than 20 rayleigh \+ 0.03 of the reference",
            r".*the picture's limb stands (1\.[89]|2\.[012]) km higher",
        ]
    )


def test_a_limb_in_another_unit(pytester: pytest.Pytester) -> None:
    code = """
def test_limb(frame):
    wrong = changed(frame, "airglow.oi558", lambda a: a / 1000)
    assert_limb_profile_close(wrong, "airglow.oi558", frame, atol=1.0, rtol=0.1)
"""
    must_fail(pytester, code, "the picture has 0.001 times the reference")


def test_a_profile_from_elsewhere(pytester: pytest.Pytester) -> None:
    """A table of heights and values, right and wrong."""
    code = """
from earthlimb.testing import limb_profile
@pytest.mark.parametrize("factor", [1.0, 1.2])
def test_limb(frame, factor):
    limb = limb_profile(frame, "airglow.oh")
    table = np.column_stack([limb.tangent_km, factor * limb.values])
    assert_limb_profile_close(frame, "airglow.oh", table[::-1], atol=1.0, rtol=0.1)
"""
    result = run(pytester, code)
    result.assert_outcomes(passed=1, failed=1)
    assert "the picture has 0.8333 times the reference" in result.stdout.str()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ("one_row_down", "the picture is shifted by 1 row down"),
        ("one_column_left", "the picture is shifted by 1 column to the left"),
        ("flipped", "the rows are flipped"),
        ("red_and_blue_swapped", "the channels are swapped"),
        ("without(brightest_star(frame))", "differ by more than 1/255 on the driver that made the golden"),
    ],
)
@pytest.mark.parametrize("driver", ["same", STRANGE])
def test_a_picture_that_is_not_the_golden(pytester: pytest.Pytester, driver: str, change: str, text: str) -> None:
    """On the golden's driver by steps of 255, on another one by FLIP: both find all of them."""
    golden = make_golden(pytester)
    texts = [text]
    if driver == STRANGE:
        pytest.importorskip("flip_evaluator")
        made_elsewhere(golden)
        texts = ["FLIP mean 0.", "another driver made the golden"] + [text] * ("1/255" not in text)
    must_fail(pytester, PICTURES.format(f"changed(frame, 'picture', {change})"), "picture italy.png: ", *texts)


def test_two_steps_in_one_pixel_fail_and_one_step_passes(pytester: pytest.Pytester) -> None:
    make_golden(pytester)
    code = """
def brighter(steps):
    def change(a):
        a = np.floor(a * 255 + 0.5)
        a[10, 20, 1] += steps if a[10, 20, 1] < 250 else -steps
        return a / 255
    return change

@pytest.mark.parametrize("steps", [1, 2])
def test_golden(frame, steps):
    assert_picture_close(changed(frame, "picture", brighter(steps)), "italy.png")
"""
    result = run(pytester, code)
    result.assert_outcomes(passed=1, failed=1)
    assert "1 of 6144 pixels (0.02%) differ by more than 1/255" in result.stdout.str()


def test_a_golden_that_something_else_has_changed(pytester: pytest.Pytester) -> None:
    golden = make_golden(pytester)
    pixels = np.asarray(Image.open(golden)).copy()
    pixels[0, 0, 0] ^= 1  # too little for either comparison
    Image.fromarray(pixels).save(golden)
    must_fail(
        pytester, PICTURES.format("frame"), "golden italy.png: its pixels are not those that its JSON was written"
    )


def test_a_golden_of_another_scene(pytester: pytest.Pytester) -> None:
    code = "def test_golden(earthlimb_render):\n    assert_picture_close(earthlimb_render({}), 'italy.png')\n"
    run(pytester, code.format("'layers', size=(96, 64)"), "--earthlimb-update").assert_outcomes(passed=1)
    must_fail(pytester, code.format("'italy', size=(96, 64)"), "pixels (", "differ by more than 1/255")


def test_a_golden_of_another_size(pytester: pytest.Pytester) -> None:
    make_golden(pytester)
    code = "def test_golden(earthlimb_render):\n"
    code += "    assert_picture_close(earthlimb_render('italy', size=(90, 60)), 'italy.png')\n"
    must_fail(pytester, code, "picture and golden have 90 x 60 and 96 x 64 px")


def test_no_golden_is_made_without_the_option(pytester: pytest.Pytester) -> None:
    must_fail(pytester, PICTURES.format("frame"), "italy.png does not exist: pytest --earthlimb-update makes it")
    assert not (pytester.path / "goldens").exists()


def test_modules_stay_loaded() -> None:
    """The imports above are used: pytester would unload them after the first inner run."""
    assert earthlimb.testing.picture.PATCH_PX > 1
    assert earthlimb.testing.layers.unit_of("stars") == "cd m-2"
    assert earthlimb.testing.profile.LimbProfile and earthlimb.output.save
