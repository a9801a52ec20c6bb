"""Where videos may go, what is refused before anything is rendered, and one run at a time."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from earthlimb.errors import UsageError, WorkError
from earthlimb.output.video import codec_named, video_target
from earthlimb.output.video.encoder import frame_rate
from earthlimb.output.video.lock import OutputLock


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_video_has_its_parts_and_sidecar_beside_it() -> None:
    target = video_target("night.mp4")
    assert (target.numbered, target.stage, target.ending) == (False, "developed", "")
    assert (str(target.parts), str(target.sidecar)) == ("night.mp4.parts", "night.mp4.json")


@pytest.mark.parametrize("out", ["new/", "there", "there/"])
def test_a_folder_gets_numbered_png(out: str) -> None:
    Path("there").mkdir()
    target = video_target(out)
    assert (target.numbered, target.stage, target.ending) == (True, "developed", ".png")
    assert target.picture(12) == Path(out) / "frame_00012.png"
    assert not Path("new").exists(), "nothing is made before the work begins"


def test_a_pattern_names_the_pictures() -> None:
    target = video_target("limb_%03d.exr")
    assert (target.numbered, target.stage, target.picture(1000).name) == (True, "linear", "limb_1000.exr")
    assert video_target("limb_%d.exr", "sensor").stage == "sensor"


@pytest.mark.parametrize(
    ("out", "stage", "message"),
    [
        ("x.mpeg", None, "the ending .mpeg: OUT.mp4, OUT/ and frame_%05d.png (.jpg, .tiff, .exr, .fits) are known"),
        ("x.mp5", None, "are known: did you mean .mp4?"),
        ("x", None, "x: no ending: OUT.mp4"),
        ("x.png", None, "x.png: the name of one picture, a video has many: .*: write it x_%05d.png"),
        ("x_%d_%d.png", None, "one number such as %05d is wanted in the name"),
        ("x_%s.png", None, "one number such as %05d is wanted in the name"),
        ("x_%d.mp4", None, "a number in the name of a video"),
        ("x.mp4", "linear", "x.mp4: --stage linear: a video holds the developed picture only"),
        ("x/", "sensor", "--stage sensor: a folder's pictures are PNG: write x/frame_%05d.exr"),
        ("x_%d.png", "linear", "x_%d.png: stage linear: a .png file holds the developed picture only"),
        ("no/x.mp4", None, "no/x.mp4: cannot write here: the folder does not exist"),
        ("no/x_%d.png", None, "cannot write here: the folder does not exist"),
        ("", None, '-o "": no name: OUT.mp4, OUT/ and .*: give the file a name, or write ./ for this folder'),
        ("no/x/", None, "cannot write here: the folder does not exist"),
    ],
)
def test_what_is_refused(out: str, stage: str | None, message: str) -> None:
    import re

    pattern = re.escape(message).replace(r"\.\*", ".*")
    with pytest.raises(UsageError, match=pattern):
        video_target(out, stage)
    assert os.listdir() == []


def test_a_folder_that_is_a_file() -> None:
    Path("n.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"^n\.toml/: n\.toml is a file: OUT\.mp4, .*: choose another name for"):
        video_target("n.toml/")
    assert os.listdir() == ["n.toml"]


def test_the_help_names_every_ending(capsys: pytest.CaptureFixture[str]) -> None:
    from earthlimb.cli.app import run
    from earthlimb.output.still import FORMATS

    assert run(["video", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert all(ending in said for ending in FORMATS if ending not in (".jpeg", ".tif"))


def test_an_unknown_codec_and_one_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert codec_named("h264").encoder == "libx264"
    with pytest.raises(UsageError, match="--codec: h266: h264, h265, av1 are known"):
        codec_named("h266")
    import dataclasses

    from earthlimb.output.video import encoder

    without = {"h264": dataclasses.replace(encoder.CODECS["h264"], encoder="libnone")}
    monkeypatch.setattr(encoder, "CODECS", without)
    with pytest.raises(WorkError, match=r"--codec h264: the installed PyAV .* has no encoder libnone: .* OUT/"):
        codec_named("h264")


def test_rates_are_those_of_television_where_they_are_meant() -> None:
    assert [str(frame_rate(fps)) for fps in (25.0, 29.97, 59.94, 12.5, 1.0)] == [
        "25", "30000/1001", "60000/1001", "25/2", "1"
    ]  # fmt: skip


@pytest.mark.parametrize("fps", [0.001, 0.0011, 0.0123, 0.3, 0.9, 0.9989, 1.0006, 7.77, 999.9])
def test_a_rate_is_kept_to_a_thousandth_at_least(fps: float) -> None:
    """0.0009 used to be 1/1001, and 0.0004 nothing."""
    assert float(frame_rate(fps)) == pytest.approx(fps, rel=1e-3)
    assert frame_rate(0.0004) == Fraction(1, 2500)


def test_a_second_run_is_refused_and_names_the_first(tmp_path: Path) -> None:
    first = OutputLock(tmp_path / "lock", "x.mp4")
    with pytest.raises(WorkError, match=rf"x.mp4: another run is writing it \(process {os.getpid()} on .*\): one at"):
        OutputLock(tmp_path / "lock", "x.mp4")
    first.release(remove=True)
    OutputLock(tmp_path / "lock", "x.mp4").release(remove=True)


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from earthlimb.output.video.lock import OutputLock\n"
        "lock = OutputLock(Path(sys.argv[1]), 'x.mp4'); os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path / "lock")], check=False)
    assert ended.returncode == -9 and (tmp_path / "lock").exists()
    OutputLock(tmp_path / "lock", "x.mp4").release(remove=True)
