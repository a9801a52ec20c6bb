"""A scene that renders quickly, and the command in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

N_FRAMES = 6
SCENE = """\
title = "a moving lamp"
[time]
utc = "2021-09-09T22:42:40Z"
[camera]
mount = "free"
point.body = { azimuth_deg = 20.0, elevation_deg = -22.0 }
[image]
width_px = 64
height_px = 36
[atmosphere]
waves = 0.0    # quick to set up
[sky]
stars_to_vmag = 3.0
[video]
duration_s = 3.0
interval_s = 0.5
fps = 6
"""


def start(*words: str, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "earthlimb", "video", *words]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=120)
    assert out == ""
    return process.returncode, err


def wait_for_parts(folder: Path, n: int, process: subprocess.Popen[str], name: str = "x.mp4.parts") -> None:
    """Until so many frames are finished."""
    end = time.monotonic() + 90
    while len(list((folder / name).glob("*.part"))) < n:
        assert process.poll() is None, f"it ended too early: {process.communicate()[1]}"
        assert time.monotonic() < end
        time.sleep(0.02)
