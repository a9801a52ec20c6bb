"""A scene that renders quickly, and the command in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

N_FRAMES = 6
SCENE = """\
title = "a moving lamp"
[time]
utc = "2021-09-09T22:42:40Z"
[station]
vehicle = "dragon"
[camera]
mount = "cupola"
focal_mm = 10.0
point.body = { azimuth_deg = 20.0, elevation_deg = -40.0 }
[image]
width_px = 64
height_px = 36
[atmosphere]
waves = 0.0    # quick to set up
[sky]
stars_to_vmag = 3.0
satellites = "others.json"
satellites_std_mag = -6.0
[video]
duration_s = 12.0
interval_s = 2.0    # neighbours share the maps below
fps = 6
[[video.event]]
at_s = 2.0
manoeuvre = { to = "docking-pitch-90", rate_deg_s = 2.0 }
[[video.key]]
at_s = 2.0
cupola.shutters = 1.0
station.arrays_deg = 0.0
station.vehicle_distance_m = 60.0
[[video.key]]
at_s = 10.0
cupola.shutters = 0.4
station.arrays_deg = 90.0
station.vehicle_distance_m = 5.0
"""
"""Everything of the station moves: 4 degrees of a turn, shutters, arrays, a visitor, and satellites go past."""


def write_satellites(path: Path) -> None:
    """Forty satellites 1,500 km high, so that some of them are before the camera and in the Sun."""
    shell = {
        "EPOCH": "2021-09-09T12:13:40.076832",
        "MEAN_MOTION": 12.6,
        "ECCENTRICITY": 0.0003404,
        "INCLINATION": 51.6444,
        "ARG_OF_PERICENTER": 13.6408,
        "BSTAR": 3.6e-5,
    }
    sets = [
        {**shell, "NORAD_CAT_ID": 100000000 + k, "RA_OF_ASC_NODE": 285.7692 + 5 * (k % 4), "MEAN_ANOMALY": 9.0 * k}
        for k in range(40)
    ]
    path.write_text(json.dumps(sets), encoding="utf-8")


def write_scene(folder: Path, satellites: Path) -> None:
    """`s.toml`; the satellites' file is the same for all, for its path is in the video's metadata."""
    (folder / "s.toml").write_text(SCENE.replace("others.json", str(satellites)), encoding="utf-8")


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
