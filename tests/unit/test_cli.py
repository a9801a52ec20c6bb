"""The command line: what it accepts, how it fails, with which status; nothing here renders a picture."""
# ruff: noqa: E501 (the texts of messages in one piece)

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from earthlimb.cli import app as cli
from earthlimb.errors import UsageError, WorkError
from earthlimb.resources import scene_root
from earthlimb.scene import shipped_names

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command in this process: status, standard output, standard error."""

    def command(*arguments: str) -> tuple[int, str, str]:
        status = cli.run(list(arguments))
        out, err = capsys.readouterr()
        return status, out, err

    return command


def one_line(text: str) -> bool:
    return text.endswith("\n") and text.count("\n") == 1


def test_version(run: Run) -> None:
    status, out, err = run("--version")
    assert (status, err) == (0, "") and out.startswith("earthlimb ") and one_line(out)


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_names_the_commands(run: Run, arguments: tuple[str, ...]) -> None:
    status, out, err = run(*arguments)
    assert (status, err) == (0, "")
    for command in ("view", "render", "check", "scenes", "probe", "profile", "bench", "doctor", "assets"):
        assert f"\n  {command} " in out


@pytest.mark.parametrize(
    "command", ["view", "render", "check", "scenes", "probe", "profile", "bench", "doctor", "assets"]
)
def test_every_command_has_help(run: Run, command: str) -> None:
    status, out, err = run(command, "--help")
    assert (status, err) == (0, "") and out.startswith(f"Usage: earthlimb {command}")


def test_scenes_prints_one_line_each_italy_first(run: Run) -> None:
    status, out, err = run("scenes")
    assert (status, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == shipped_names()
    assert out.startswith("italy")


WRONG = [
    (("rendr",), "earthlimb: No such command 'rendr'. Did you mean 'render'?: see `earthlimb --help`"),
    (("render", "italy"), "earthlimb render: Missing option '-o' / '--out': see `earthlimb render --help`"),
    (("probe", "italy"), "earthlimb probe: Missing option '--pixel': see `earthlimb probe --help`"),
    (("check",), "earthlimb check: Missing argument 'SCENE': see `earthlimb check --help`"),
    (("check", "italy", "--size", "big"), "--size: big: WxH is wanted: write it for example --size 1280x720"),
    (
        ("check", "italy", "--size", "0x5"),
        "--size: 0x5: 1 to 16384 pixels a side and at most 100 megapixels are allowed: choose another size",
    ),
    (("check", "italy", "--seed", "-1"), "--seed: seed = -1: must be 0 to 4294967295: change it"),
    (
        ("check", "italy", "--utc", "2021-09-09T22:42:40"),
        '--utc: time.utc = "2021-09-09T22:42:40": a time without a zone: add Z for UTC or an offset such as +02:00',
    ),
    (
        ("check", "italy", "--set", "camera.iso"),
        "--set: camera.iso: path.to.key=VALUE is wanted: write it for example --set camera.iso=800",
    ),
    (
        ("check", "italy", "--set", "camera.izo=1"),
        "--set: camera.izo = 1: unknown key; did you mean camera.iso?",
    ),
    (
        ("check", "italy", "--set", "camera.iso=nan"),
        "--set: camera.iso = nan: not a finite number: must be 50 to 3300000: change it",
    ),
    (
        ("probe", "italy", "--pixel", "5"),
        "--pixel: 5: whole pixels X,Y are wanted: write for example --pixel 500,300",
    ),
    (
        ("probe", "italy", "--pixel", "1000,0"),
        "--pixel: 1000,0: outside of the picture: 0 to 999, 0 to 664 is allowed: choose a pixel of the picture or another --size",
    ),
    (
        ("profile", "italy", "--lat", "5", "-o", "x.csv"),
        "--lat: without --lon: both or neither are allowed: add --lon",
    ),
    (
        ("profile", "italy", "--lon", "5", "-o", "x.csv"),
        "--lon: without --lat: both or neither are allowed: add --lat",
    ),
    (
        ("profile", "italy", "--lat", "95", "--lon", "0", "-o", "x.csv"),
        "--lat: 95: -90 to 90 degrees are allowed: change it",
    ),
]


@pytest.mark.parametrize(("arguments", "expected"), WRONG)
def test_a_wrong_command_is_one_message_and_status_2(run: Run, arguments: tuple[str, ...], expected: str) -> None:
    assert run(*arguments) == (2, "", expected + "\n")


@pytest.mark.parametrize("name", ["x.pnk", "missing/x.png", ".", "x"])
def test_a_wrong_output_is_refused_before_the_work(
    run: Run, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("earthlimb.renderer.Renderer", None)  # calling it would be an internal error
    status, out, err = run("render", "italy", "-o", str(tmp_path / name))
    assert (status, out) == (2, "") and one_line(err) and str(tmp_path) in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (UsageError("scene: wrong"), 2, "scene: wrong\n"),
        (WorkError("disk: full"), 1, "disk: full\n"),
        (KeyboardInterrupt(), 130, "earthlimb: interrupted\n"),
        (MemoryError(), 1, "earthlimb: not enough memory: choose a smaller --size or end other programs\n"),
        (
            ZeroDivisionError("division\nby zero"),
            1,
            "earthlimb: internal error: ZeroDivisionError: division by zero: a defect of earthlimb: run with --debug "
            "and report what it prints\n",
        ),
    ],
)
def test_every_failure_is_one_message(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int, message: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("earthlimb.cli.check.shipped_scenes", fail)
    assert run("scenes") == (status, "", message)


def test_debug_shows_the_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("earthlimb.cli.check.shipped_scenes", fail)
    status, _, err = run("scenes", "--debug")
    assert status == 1 and "Traceback" in err and err.endswith("internal error: ZeroDivisionError:\n")


def test_profile_is_refused_a_missing_folder(run: Run, tmp_path: Path) -> None:
    status, out, err = run("profile", "italy", "-o", str(tmp_path / "no" / "p.csv"))
    assert (status, out) == (2, "") and one_line(err) and "folder does not exist" in err


def test_profile_writes_the_emission_rates(run: Run, tmp_path: Path) -> None:
    out_file = tmp_path / "p.csv"
    status, out, _ = run("profile", "italy", "--lat", "45", "--lon", "10", "-o", str(out_file))
    assert (status, out) == (0, "")
    lines = out_file.read_text().splitlines()
    assert lines[0] == "alt_km,na589,oi558,oi630,oh,o2,continuum"
    assert len(lines) == 1 + (600 - 60) * 4 + 1
    assert float(lines[1].split(",")[0]) == 60.0 and float(lines[-1].split(",")[0]) == 600.0
    assert [path.name for path in tmp_path.iterdir()] == ["p.csv"]


@pytest.mark.parametrize("command", ["probe", "bench", "check"])
def test_a_focal_length_without_effect_is_a_warning(run: Run, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setattr("earthlimb.renderer.probe", lambda *_: [])
    monkeypatch.setattr("earthlimb.renderer.bench", lambda *_: {})
    rest = {"probe": ("--pixel", "1,1"), "bench": ("--json",), "check": ()}[command]
    status, out, err = run(command, "italy", *rest, "--set", "camera.focal_mm=50")
    assert status == 0 and err == (
        "warning: --set: camera.focal_mm = 50: without effect, because camera.f_px = 793.766 gives the lens: "
        "for all that this focal length shows set camera.f_px = 1392.76 as well\n"
    )
    if command == "check":
        assert re.search(r"camera\.focal_mm +28\.0 mm", out)
    assert run(command, "italy", *rest, "--set", "camera.focal_mm=50", "--quiet")[2] == ""


def test_what_profile_writes_gives_the_same_profile(run: Run, tmp_path: Path) -> None:
    """Italy's factors and shift are in the file: they must not be laid over it once more, and the command says so."""

    def rates(path: str, column: int) -> list[float]:
        return [float(line.split(",")[column]) for line in Path(path).read_text().splitlines()[1:]]

    first, second, third = (str(tmp_path / f"{name}.csv") for name in ("em", "em2", "em3"))
    assert run("profile", "italy", "-o", first)[0] == 0
    status, _, err = run("profile", "italy", "-o", second, "--set", f"atmosphere.profile={first}")
    assert status == 0
    sixth_digit = 1e-5
    for column in range(1, 7):
        once, twice = rates(first, column), rates(second, column)
        assert twice == pytest.approx(once, rel=0.0, abs=sixth_digit * max(once)) and max(once) > 0.0
    assert "na589 = 1.6, oi558 = 0.56, oh = 1.2, o2 = 0.36, continuum = 0.24, shift_km = 2.0" in err
    assert err.splitlines()[0].startswith("warning: --set: atmosphere.profile: takes the place of")
    assert err.splitlines()[-1].endswith(f"that of atmosphere.profile, {first}")
    own = ("--set", f"atmosphere.profile={first}", "--set", "airglow.oi558=2.0", "--quiet")
    status, _, err = run("profile", "italy", "-o", third, *own)
    assert (status, err) == (0, "")

    doubled = [2.0 * value for value in rates(first, 2)]
    assert rates(third, 2) == pytest.approx(doubled, rel=0.0, abs=sixth_digit * max(doubled))
    assert rates(third, 1) == rates(second, 1)


def test_check_says_what_applies_to_a_profile(run: Run, tmp_path: Path) -> None:
    (tmp_path / "em.csv").write_text("alt_km,oh\n80,0\n88,10\n96,0\n")
    profile = ("--set", f"atmosphere.profile={tmp_path / 'em.csv'}")
    assert "used as given\n" in run("check", "italy", *profile, "--set", "atmosphere.waves=0", "--quiet")[1]
    _, out, _ = run("check", "italy", *profile, "--set", "airglow.shift_km=1", "--quiet")
    assert "changed by airglow.shift_km = 1, atmosphere.waves = 1 (horizontal structure; 0 leaves it out)\n" in out


def test_profile_of_a_scene_with_one_place_says_which(run: Run, tmp_path: Path) -> None:
    """Not the place that was asked for, when it is not its profile that is written."""
    out = str(tmp_path / "p.csv")
    uniform = ("--set", "atmosphere.uniform={lat_deg=45.0, lon_deg=0.0}")
    status, _, err = run("profile", "orbit", *uniform, "--lat", "60", "--lon", "30", "-o", out)
    assert status == 0 and "60.00" not in err
    assert "warning: --lat, --lon: without effect" in err
    assert err.splitlines()[-1] == f"{out}: that of atmosphere.uniform: latitude 45.00, longitude 0.00"


def test_a_profile_of_the_bare_factors_scales(run: Run, tmp_path: Path) -> None:
    place = ("--lat", "45", "--lon", "10", "--quiet")
    for name, factor in (("one", "1.0"), ("two", "2.0")):
        status, out, err = run("profile", "italy", *place, "--set", f"airglow.oh={factor}", "-o", str(tmp_path / name))
        assert (status, out, err) == (0, "", "")
    columns = [
        [float(line.split(",")[4]) for line in (tmp_path / name).read_text().splitlines()[1:]]
        for name in ("one", "two")
    ]
    assert max(columns[0]) > 0.0
    # six digits are printed: half a unit of the last one, in the smaller number and twice in the larger
    assert columns[1] == pytest.approx([2.0 * value for value in columns[0]], rel=1e-5)


def test_check_prints_values_with_units_and_what_follows(run: Run) -> None:
    status, out, err = run("check", "italy", "--set", "camera.iso=800")
    assert (status, err) == (0, "")
    rows = {line.split("  ")[0]: line.split("  ", 1)[1].strip() for line in out.splitlines() if line.strip()}
    assert rows["time.utc"] == "2021-09-09T22:42:40.05Z"
    assert rows["camera.iso"] == "800.0"
    assert rows["camera.focal_mm"] == "28.0 mm"
    assert rows["camera.white_balance_k"] == "4550.0 K"
    assert rows["station.max_age_days"] == "30.0 days"
    # sub-point and height of the solved photograph: 44.50 N 4.39 E, 423.6 km
    assert rows["station latitude"] == "44.50 deg"
    assert rows["station longitude"] == "4.39 deg"
    assert rows["station altitude"] == "423.6 km"
    assert rows["element age"] == "0.44 days"
    assert rows["timeline"] == "240 frames, 120 s of the scene every 0.5 s, 9.6 s at 25 frames a second"


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_scene_is_a_night_view_with_fresh_elements(run: Run, name: str) -> None:
    status, out, err = run("check", name)
    assert (status, err) == (0, "")  # elements older than 3 days would be a warning
    rows = {line.split("  ")[0]: line.split("  ", 1)[1].strip() for line in out.splitlines() if line.strip()}
    # at 430 km the whole visible cap is in astronomical night when the Sun is 18 + 20 degrees down below the station
    # Nauka docked at dusk: the limb ahead, 20 degrees of arc further into the night, is what that scene shows
    night_deg = -2.0 if name == "nauka" else -30.0
    assert float(rows["Sun above the ground below"].split()[0]) < night_deg
    assert float(rows["Moon above the ground below"].split()[0]) < 0.0


@pytest.mark.parametrize(
    ("old", "new", "options", "place"),
    [
        ("0  9990", "0  9991", (), "{path}:7: station.tle: line 1: checksum 1: "),
        ("2021-09-09", "2023-09-09", (), "{path}:7: station.tle: 2023-09-09T22:42:40Z is "),
        (
            "",
            "",
            ("--set", "camera.point.limb.tangent_km=430"),
            "--set: camera.point.limb.tangent_km = 430: must lie ",
        ),
    ],
)
def test_mistakes_that_the_world_finds_have_their_line_too(
    run: Run, tmp_path: Path, old: str, new: str, options: tuple[str, ...], place: str
) -> None:
    path = tmp_path / "scene.toml"
    path.write_text((scene_root() / "italy.toml").read_text(encoding="utf-8").replace(old, new, 1))
    status, out, err = run("check", str(path), *options)
    assert (status, out) == (2, "") and one_line(err)
    assert err.startswith(place.format(path=path))


def test_check_warns_of_elements_older_than_three_days(run: Run) -> None:
    status, _, err = run("check", "italy", "--utc", "2021-09-14T22:42:40Z")
    assert status == 0 and "5.4 days after" in err
    assert all(line.startswith("warning: ") for line in err.splitlines())
    assert run("check", "italy", "--utc", "2021-09-14T22:42:40Z", "--quiet")[2] == ""


# The real command in a process of its own


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "earthlimb", *arguments]


def environment() -> dict[str, str]:
    path = os.pathsep.join(part for part in ("engine", os.environ.get("PYTHONPATH", "")) if part)
    return {**os.environ, "PYTHONPATH": path}


def test_the_process_ends_with_the_status_and_no_traceback() -> None:
    done = subprocess.run(
        command("check", "nowhere.toml"), capture_output=True, text=True, env=environment(), timeout=60
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("nowhere.toml: no such scene") and one_line(done.stderr)


def test_a_closed_pipe_is_no_error_message() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as stream:
        done = subprocess.run(
            command("scenes"), stdout=stream, stderr=subprocess.PIPE, text=True, env=environment(), timeout=60
        )
    assert done.stderr == ""


def test_light_commands_do_not_load_the_renderer() -> None:
    program = (
        "import sys; from earthlimb.cli import app; app.run(['scenes']); "
        "print([m for m in ('numpy', 'moderngl', 'OpenEXR', 'PIL', 'erfa') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment(), timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_interrupt_is_status_130_without_a_traceback(tmp_path: Path) -> None:
    program = (
        "import sys, time; from earthlimb.cli import app, check; "
        "check.shipped_scenes = lambda: (open('ready', 'w').close(), time.sleep(60)); "
        "sys.argv = ['earthlimb', 'scenes']; app.main()"
    )
    path = str(Path(cli.__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    ) as process:
        deadline = time.monotonic() + 30.0
        while not (tmp_path / "ready").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(2)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "earthlimb: interrupted\n")


@pytest.mark.parametrize("module", ["earthlimb.cli.app", "typer", "pydantic", "earthlimb.scene.camera"])
@pytest.mark.parametrize("ignored", [False, True])
def test_an_interrupt_while_the_command_is_loaded(module: str, ignored: bool) -> None:
    """Its first half second used to end in a traceback; a background job, which ignores Ctrl-C, goes on."""
    code = f"""
import os, signal, sys

class Presses:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Presses())
if {ignored}:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
from earthlimb.__main__ import main
main()
"""
    ended = subprocess.run([sys.executable, "-c", code, "scenes"], capture_output=True, text=True, check=False)
    if ignored:
        assert (ended.returncode, ended.stderr) == (0, "") and "italy" in ended.stdout
    else:
        assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "earthlimb: interrupted\n")
