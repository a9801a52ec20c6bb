"""`earthlimb video` as a user runs it: rendered, killed in the middle, continued, refused, and on two processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from earthlimb.cli import app as cli
from earthlimb.output.integer import picture_8bit
from earthlimb.renderer import Renderer
from earthlimb.scene import load_scene
from earthlimb.world.timeline import Timeline
from tests.video.made import decoded, names
from tests.video.running import N_FRAMES, finish, start, wait_for_parts

noise_and_chroma = 12.0  # of 255, the mean over pixels: half the colour resolution and quality 18 on a picture of noise


def test_its_frames_are_those_of_the_timeline(undisturbed: Path) -> None:
    pictures, about = decoded(undisturbed / "x.mp4")
    assert (len(pictures), about["says_frames"], about["file_s"]) == (N_FRAMES, N_FRAMES, 1.0)
    assert (about["size"], about["title"]) == ((64, 36), "a moving lamp")
    timeline = Timeline(load_scene(undisturbed / "s.toml"))
    with Renderer() as renderer:
        single = [
            picture_8bit(renderer.render(timeline.scene_at(i), layers=False, stage="developed", frame=i)).astype(float)
            for i in range(N_FRAMES)
        ]
    differences = np.array([[np.abs(a - b).mean() for b in single] for a in pictures])
    assert differences.diagonal().max() < noise_and_chroma
    assert differences.argmin(axis=1).tolist() == list(range(N_FRAMES)), "each is most like its own exposure"


def test_its_sidecar(undisturbed: Path) -> None:
    sidecar = json.loads((undisturbed / "x.mp4.json").read_text(encoding="utf-8"))
    assert (sidecar["frames"], sidecar["frames_reused"]) == (N_FRAMES, 0)
    for key in (
        "utc",
        "iss_gcrs_km",
        "axes_gcrs",
        "f_px",
        "sun_dir_gcrs",
        "gl_renderer",
        "versions",
        "photosites_per_px",
    ):
        assert key in sidecar
    assert names(undisturbed) == ["s.toml", "x.mp4", "x.mp4.json"]


@pytest.mark.parametrize(
    ("number", "status", "message"),
    [
        (signal.SIGKILL, -9, ""),
        (signal.SIGINT, 130, "x.mp4: interrupted; "),
        (signal.SIGTERM, 143, "x.mp4: ended from outside; "),
    ],
)
def test_it_is_killed_and_continues(here: Path, undisturbed: Path, number: int, status: int, message: str) -> None:
    first = start("s.toml", "-o", "x.mp4", folder=here)
    wait_for_parts(here, 2, first)
    first.send_signal(signal.SIGSTOP)  # so that it cannot finish meanwhile
    if number == signal.SIGKILL:
        refused, words = finish(start("s.toml", "-o", "x.mp4", folder=here))
        assert refused == 1 and words.count("\n") == 1
        assert words.startswith(f"x.mp4: another run is writing it (process {first.pid} on ")
    first.send_signal(number)
    first.send_signal(signal.SIGCONT)
    ended, words = finish(first)
    assert ended == status and words.startswith(message) and words.count("\n") == (1 if message else 0)
    assert "x.mp4" not in names(here)
    if number == signal.SIGTERM:
        return  # continuing is the same as after Ctrl-C
    assert finish(start("s.toml", "-o", "x.mp4", folder=here)) == (0, "")
    assert json.loads((here / "x.mp4.json").read_text(encoding="utf-8"))["frames_reused"] >= 2
    assert (here / "x.mp4").read_bytes() == (undisturbed / "x.mp4").read_bytes()
    assert names(here) == names(undisturbed)


def test_numbered_exr_are_those_of_render(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(here)
    assert cli.run(["video", "s.toml", "-o", "f_%02d.exr", "--set", "video.duration_s=4.0", "--quiet"]) == 0
    assert cli.run(["render", "s.toml", "-o", "one.exr", "--utc", "2021-09-09T22:42:42Z", "--quiet"]) == 0
    assert sorted(path.name for path in here.glob("*.exr")) == ["f_00.exr", "f_01.exr", "one.exr"]
    import OpenEXR

    def channels(name: str) -> dict[str, np.ndarray]:
        found = OpenEXR.File(str(here / name), separate_channels=True).channels()
        return {key: channel.pixels for key, channel in found.items()}

    second, single = channels("f_01.exr"), channels("one.exr")
    assert set(second) == set(single)
    np.testing.assert_allclose(second["geometry.tangent_km"], single["geometry.tangent_km"], atol=0.01)


WRONG = [
    (["-o", "x.mpg"], 2, "x.mpg: the ending .mpg: OUT.mp4"),
    (["-o", "no/x.mp4"], 2, "no/x.mp4: cannot write here: the folder does not exist: make the folder first"),
    (["-o", "x.mp4", "--workers", "0"], 2, "--workers: 0: at least 1 is wanted: leave it out for 1"),
    (["-o", "x.mp4", "--workers", "2", "--scheduler", "tcp://h:1"], 2, "--workers: given with --scheduler, whose"),
    (["-o", "x.mp4", "--scheduler", "h:1"], 2, "--scheduler: h:1: not an address: write it tcp://host:8786"),
    (["-o", "x.mp4", "--codec", "vp9"], 2, "--codec: vp9: h264, h265, av1 are known: leave it out for h264"),
    (["-o", "x.mp4", "--set", "video.fps=0.0004"], 2, "--set: video.fps = 0.0004: must be 0.001 to 1000: change it"),
    (["-o", "x.mp4", "--set", "video.interval_s=0.01"], 2, "--set: video.interval_s = 0.01"),
    (["-o", "x.mp4", "--device", "egl:x"], 2, "device: egl:x: N in egl:N is a whole number: try egl:0"),
]


@pytest.mark.parametrize(("words", "status", "message"), WRONG, ids=[" ".join(row[0]) for row in WRONG])
def test_wrong_commands(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    status: int,
    message: str,
) -> None:
    monkeypatch.chdir(here)
    assert cli.run(["video", "s.toml", *words]) == status
    said = capsys.readouterr().err
    assert said.startswith(message) and said.count("\n") == 1
    assert names(here) == ["s.toml"]


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (ZeroDivisionError("division by zero"), "earthlimb: internal error: ZeroDivisionError: division by zero"),
        (MemoryError(), "earthlimb: not enough memory"),
    ],
)
def test_a_failure_on_the_way(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    failure: Exception,
    message: str,
) -> None:
    from earthlimb.output.video import frames

    begin = frames.start_frame

    def failing(renderer: Renderer, timeline: Timeline, recipe: frames.Recipe, index: int) -> object:
        if index == 2:
            raise failure
        return begin(renderer, timeline, recipe, index)

    monkeypatch.setattr(frames, "start_frame", failing)
    monkeypatch.chdir(here)
    assert cli.run(["video", "s.toml", "-o", "x.mp4", "--quiet"]) == 1
    said = capsys.readouterr().err
    which = " (exposure 2, 2021-09-09T22:42:44Z); 2 of 6 frames are kept in x.mp4.parts: the same command continues: "
    assert said.startswith(message + which) and said.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "closed").mkdir(mode=0o500)
    assert cli.run(["video", str(here / "s.toml"), "-o", str(here / "closed" / "x.mp4")]) == 2
    assert "not writable: choose a folder that you may write to" in capsys.readouterr().err


def test_progress_on_a_terminal(here: Path) -> None:
    """A pseudo-terminal sees the bar with frames, rate and instant; one line is left at the end."""
    import pty

    try:
        main, terminal = pty.openpty()
    except OSError as error:  # a container without /dev/pts
        pytest.skip(f"this system has no pseudo-terminal: {error}")
    command = [sys.executable, "-m", "earthlimb", "video", "s.toml", "-o", "x.mp4", "--set", "video.duration_s=6"]
    env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {
        "TERM": "xterm",
        "COLUMNS": "120",
    }
    process = subprocess.Popen(command, cwd=here, env=env, stderr=terminal, stdout=subprocess.DEVNULL)
    os.close(terminal)
    seen = b""
    while True:
        try:
            chunk = os.read(main, 65536)
        except OSError:  # Linux tells the end of a terminal so
            break
        if not chunk:
            break
        seen += chunk
    os.close(main)
    assert process.wait(60) == 0
    text = seen.decode()
    assert "/3" in text and "2021-09-09 22:42:44" in text
    assert "x.mp4: 3 frames, " in text
