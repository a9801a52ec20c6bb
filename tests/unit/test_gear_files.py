"""A wrong file of a body or a lens: one message with file, line, key, what is allowed and what to do, in every use."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from typer.testing import CliRunner

from earthlimb.cli.app import app
from earthlimb.errors import UsageError
from earthlimb.physics.exposure import CameraBody
from earthlimb.physics.lens_model import LensModel
from earthlimb.physics.response import camera_response
from earthlimb.physics.spectra import WAVELENGTH_NM, spectra_table
from earthlimb.resources import asset
from earthlimb.scene import load_scene
from earthlimb.schema.body import Response

BODY = (asset("bodies") / "nikon-d5.toml").read_text(encoding="utf-8")
TABLED = (asset("bodies") / "nikon-d4.toml").read_text(encoding="utf-8")
LENS = (asset("lenses") / "nikkor-28-f1.4e.toml").read_text(encoding="utf-8")
STANDARD = (asset("lenses") / "standard.toml").read_text(encoding="utf-8")

WRONG = [
    (BODY, "photosites = [5568, 3712]", "photosites = [5568]", "8: sensor.photosites = [5568]: two whole numbers from"),
    (BODY, "photosites = [5568, 3712]", "photosites = [0, 0]", "8: sensor.photosites[0] = 0: two whole numbers from"),
    (BODY, "photosites = [5568, 3712]", "photosites = [55, 37]", "652.7 and 645.9 um apart on the sensor: 0.3 to 100"),
    (BODY, "photosites = [5568, 3712]", "photosites = [3712, 5568]", "9.671 and 4.292 um apart along the long"),
    (BODY, "long_mm = 35.9", "long_mm = 0", "6: sensor.long_mm = 0: a number from 1 to 100 is wanted: change it"),
    (BODY, "long_mm = 35.9", "long_mm = -35.9", "6: sensor.long_mm = -35.9: a number from 1 to 100 is wanted"),
    (BODY, "long_mm = 35.9", "long_mm = 'wide'", '6: sensor.long_mm = "wide": a number from 1 to 100 is wanted'),
    (BODY, "long_mm = 35.9", "long_mm = ", ": Invalid value: this is not valid TOML: mend this line"),
    (BODY, "long_mm = 35.9", "long_mm = 23.0", "7: sensor.short_mm = 23.9: at most long_mm, 23, is allowed: exchange"),
    (BODY, "[sensor]", "[sensr]", "5: sensr: unknown key; did you mean sensor?"),
    (BODY, "bits = 14", "bits = 12", "12: sensor.white_dn = 15520: 12 bits hold at most 4095: change it or"),
    (BODY, "bits = 14", "bitz = 14", "10: sensor.bitz = 14: unknown key; did you mean sensor.bits?"),
    (BODY, "bits = 14", "", "5: sensor.bits: missing: a whole number from 8 to 32 is wanted: add it"),
    (BODY, "white_dn = 15520", "white_dn = 400", "12: sensor.white_dn = 400: more than black_dn, 400, is wanted"),
    (BODY, "dark_e_s = 0.05", "dark_e_s = -5", "15: sensor.dark_e_s = -5: a number from 0 to 1e6 is wanted"),
    (BODY, "= 113000.0", "= 1e300", "9: sensor.saturation_e_iso100 = 1e+300: a number from 1 to 1e8 is wanted"),
    (BODY, "saturation_e_iso100 = 113000.0", "", "5: sensor.saturation_e_iso100: neither it nor [sensor.saturation]"),
    (BODY, "[42.0, 15.0", "[nan, 15.0", "24: sensor.read_noise.electrons[0] = nan: numbers from 0.01 to 1e8"),
    (BODY, "[42.0, 15.0", "[15.0", "8 numbers, iso has 9: as many are wanted: pair them"),
    (BODY, "iso = [100, 400", "iso = [400, 100", "23: sensor.read_noise.iso = [400, 100, "),
    (BODY, '"nikon_5100_npl"', '"my_sensor"', '27: response.curves = "my_sensor": a shipped set of curves is wanted'),
    (BODY, "reference_nm = 557.7", "reference_nm = 2000", "28: response.reference_nm = 2000: a number from 450 to 600"),
    (BODY, "green_qe = 0.45", "green_qe = 5", "29: response.green_qe = 5: a number from 0.001 to 1 is wanted"),
    (BODY, "green_qe = 0.45", "", "26: response.green_qe: missing: a number from 0.001 to 1 is wanted: add it"),
    (BODY, "neutral_k = 4550.0", "neutral_k = 0", "30: response.neutral_k = 0: a number from 1500 to 25000 is wanted"),
    (BODY, "[1.71, 1.0, 1.59]", "[0, 1.0, 1.59]", "31: response.neutral_gain[0] = 0: three numbers from 0.05 to 20"),
    (BODY, "[1.71, 1.0, 1.59]", "[1.71]", "31: response.neutral_gain = [1.71]: three numbers from 0.05 to 20"),
    (BODY, ", [-0.178, 1.566, -0.388]", "", "three rows of three numbers"),
    (BODY, "[[1.757,", "[[1.57,", "row 1 adds up to 0.813: 1 is wanted, so that grey stays grey: scale it"),
    (BODY, "[development]", "[development]\nfoo = 1", "34: development.foo = 1: unknown key; [development] has "),
    (BODY, BODY, "sensor = 3", "1: sensor = 3: a table with long_mm, "),
    (BODY, BODY, "", ": name: missing: a text of 1 to 200 characters is wanted: add it"),
    (TABLED, "electrons = [83700", "electrons = [0", "sensor.saturation.electrons[0] = 0: numbers from 0.01 to 1e8"),
    (TABLED, "bits = 14", "bits = 14\nsaturation_e_iso100 = 9e4", "both it and sensor.saturation are given"),
    (LENS, "k1 = 0.0497", "k1 = nan", "8: k1 = nan: a number from -1 to 1 is wanted: change it"),
    (LENS, "k1 = 0.0497", "k1 = -50", "8: k1 = -50: a number from -1 to 1 is wanted: change it"),
    (LENS, "focal_mm = 28.0", "focal_mm = [70, 24]", "5: focal_mm = [70, 24]: a zoom's short end comes first"),
    (LENS, "focal_mm = 28.0", "focal_mm = [24]", "5: focal_mm = [24]: a number from 1 to 2000, or both ends of a zoom"),
    (LENS, "focal_mm = 28.0", 'focal_mm = "28"', '5: focal_mm = "28": a number from 1 to 2000, or both ends'),
    (LENS, "focal_mm = 28.0", "", "6: f_number = 1.4: a lens without focal_mm takes that of the scene: add"),
    (LENS, "f_number = 1.4 ", "", ": f_number: missing: a lens with focal_mm has it: add it"),
    (LENS, "f_number_closed = 16.0", "f_number_closed = 1.0", "7: f_number_closed = 1.0: at least f_number, 1.4, is"),
    (LENS, "transmission = 0.85", "transmission = 2", "9: transmission = 2: a number from 0.01 to 1 is wanted"),
    (LENS, "transmission = 0.85", "transmission = 0", "9: transmission = 0: a number from 0.01 to 1 is wanted"),
    (LENS, "[vignetting]", "[vig]", "11: vig: unknown key; did you mean vignetting?"),
    (LENS, "[vignetting]", "[vignetting]\nopen_f_number = 2", "a lens with focal_mm has f_number instead: remove it"),
    (LENS, "axis_fwhm_um = 19.3", "axis_fwhm_um = 1e6", "16: core.axis_fwhm_um = 1000000.0: a number from 0.1 to 500"),
    (LENS, "corner_fwhm_um = 38.0", "", "15: core.corner_fwhm_um: missing: a lens without axis_fwhm_photosites"),
    (STANDARD, "open_f_number = 1.4", "", "vignetting.open_f_number: missing: a lens without focal_mm has it"),
    (STANDARD, "axis_fwhm_photosites = 3.0", "axis_fwhm_photosites = 3.0\nsharp_stops = 2", "has no such value"),
]


@pytest.mark.parametrize(("text", "old", "new", "says"), WRONG)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, text: str, old: str, new: str, says: str) -> None:
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    kind, load = ("body", CameraBody.load) if "[sensor]" in text else ("lens", LensModel.load)
    with pytest.raises(UsageError) as raised:
        load(path)
    message = str(raised.value)
    assert message.startswith(f"{path}:") and says in message
    with pytest.raises(UsageError) as raised:  # what `check` and `render` say
        load_scene("cupola", {f"camera.{kind}": str(path)})
    assert str(raised.value) == message


def _leaves(table: dict[str, Any], holder: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in table.items():
        yield (*holder, key)
        if isinstance(value, dict):
            yield from _leaves(value, (*holder, key))


def _toml(table: dict[str, Any], key: tuple[str, ...], value: str) -> str:
    """The file with another value of one key, as one inline table for each table."""

    def text(given: Any, at: tuple[str, ...]) -> str:
        if at == key:
            return value
        if isinstance(given, dict):
            return "{ " + ", ".join(f"{k} = {text(v, (*at, k))}" for k, v in given.items()) + " }"
        return json.dumps(given)

    return "\n".join(f"{k} = {text(v, (k,))}" for k, v in table.items())


NONSENSE = ("nan", "-inf", "-1e300", "1e300", "true", "{}", "[]", '""', "[[]]", "[nan]", f"1{'0' * 400}", "1979-05-27")
KEYS = [(text, key) for text in (BODY, LENS, STANDARD) for key in _leaves(tomllib.loads(text))]
KEYS += [(TABLED, ("sensor", "saturation", "iso")), (TABLED, ("sensor", "saturation", "electrons"))]


@pytest.mark.parametrize(("text", "key"), KEYS, ids=lambda given: ".".join(given) if isinstance(given, tuple) else "")
def test_every_value_is_checked(tmp_path: Path, text: str, key: tuple[str, ...]) -> None:
    load = CameraBody.load if "[sensor]" in text else LensModel.load
    path = tmp_path / "mine.toml"
    table = tomllib.loads(text)
    path.write_text(_toml(table, (), ""), encoding="utf-8")
    load(path)  # the file as it is
    for value in NONSENSE:
        path.write_text(_toml(table, key, value), encoding="utf-8")
        with pytest.raises(UsageError, match=r"mine\.toml") as raised:
            load(path)
        assert ".".join(key) in str(raised.value), value


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    for name, text, load in (("b.toml", BODY, CameraBody.load), ("l.toml", LENS, LensModel.load)):
        path = tmp_path / name
        path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
        assert load(path) == load({"b.toml": "nikon-d5", "l.toml": "nikkor-28-f1.4e"}[name])


@pytest.mark.parametrize("kind", ["body", "lens"])
def test_what_is_no_file_of_gear_at_all(tmp_path: Path, kind: str) -> None:
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "deep.toml").write_text("a = " + "[" * 20000 + "]" * 20000, encoding="utf-8")
    (tmp_path / "large.toml").write_text("#" * 1_100_000, encoding="utf-8")
    for name, says in (
        ("folder.toml", f"Is a directory: a readable file is wanted at {tmp_path}/folder.toml: correct"),
        ("none.toml", f"No such file or directory: a readable file is wanted at {tmp_path}/none.toml"),
        ("nu\0l.toml", "no name of a file: a readable file is wanted: correct the path"),
        ("deep.toml", f"{tmp_path}/deep.toml: lists in lists without end"),
        ("large.toml", "1100000 bytes: a file of at most 1000000 is wanted"),
    ):
        with pytest.raises(UsageError) as raised:
            load_scene("cupola", {f"camera.{kind}": str(tmp_path / name)})
        assert says in str(raised.value)


def test_the_commands_say_the_same_and_exit_with_2(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(LENS.replace("k1 = 0.0497", "k1 = nan"), encoding="utf-8")
    out, gear = tmp_path / "x.png", f"camera.lens={path}"
    said = []
    for command in (["check", "cupola"], ["render", "cupola", "-o", str(out)], ["probe", "cupola", "--pixel", "1,1"]):
        done = CliRunner().invoke(app, [*command, "--set", gear])
        said.append((type(done.exception), str(done.exception)))
    assert set(said) == {(UsageError, f"{path}:8: k1 = nan: a number from -1 to 1 is wanted: change it")}
    assert not out.exists()


def test_the_limits_of_the_file_are_those_of_the_curves() -> None:
    """The names are those that the response has; at the reference wavelengths green does not vanish."""
    for curves in get_args(Response.model_fields["curves"].annotation):
        assert camera_response(CameraBody(**{**vars(CameraBody.load("nikon-d5")), "curves": curves})).curves.any()
    green = spectra_table().nikon_5100_npl[1]
    limits = {type(bound).__name__: bound for bound in Response.model_fields["reference_nm"].metadata}
    inside = (WAVELENGTH_NM >= limits["Ge"].ge) & (WAVELENGTH_NM <= limits["Le"].le)
    assert np.min(green[inside]) > 0.1 * np.max(green)
