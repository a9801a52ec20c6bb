"""Thousands of frames in constant memory, two processes against one, and the encoder beside the renderer."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.video.made import decoded
from tests.video.running import SCENE, finish, start, write_satellites

pytestmark = pytest.mark.long

most_growth_mb = 40.0  # from the 500th frame to the last of 2,000: catalogue pages, the encoder's lookahead
least_speedup_of_two = 1.6  # issue 5
most_overhead = 1.10  # issue 5: wall time over render time plus encoder time divided by the cores
N_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def rss_mb(pid: int) -> float:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS"):
            return float(line.split()[1]) / 1024.0
    return 0.0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    scene = SCENE.replace("width_px = 64", "width_px = 32").replace("height_px = 36", "height_px = 18")
    write_satellites(tmp_path / "others.json")
    (tmp_path / "s.toml").write_text(scene, encoding="utf-8")
    process = start("s.toml", "-o", "x.mp4", "--set", "video.duration_s=4000", folder=tmp_path)
    early = last = 0.0
    while process.poll() is None:
        n = sum(1 for _ in tmp_path.glob("x.mp4.parts/*.part"))
        if n:
            last = rss_mb(process.pid) or last
        if 500 <= n < 600:
            early = max(early, last)
        time.sleep(0.5)
    assert finish(process) == (0, "")
    print(f"memory: {early:.0f} MB near frame 500, {last:.0f} MB at the end")
    assert len(decoded(tmp_path / "x.mp4")[0]) == 2000
    assert early > 0.0 and last - early < most_growth_mb


def wall_and_cpu_s(folder: Path, *words: str) -> tuple[float, float]:
    """Wall time and processor time of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    command = [sys.executable, "-m", "earthlimb", "video", "italy", *words]
    subprocess.run(command, cwd=folder, check=True)
    wall_s = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.skipif(N_CORES < 2, reason="two processes need two cores")
def test_two_processes_are_faster_than_one(tmp_path: Path) -> None:
    words = ["--size", "640x360", "--set", "video.duration_s=60", "--set", "video.interval_s=0.5"]
    one_s, _ = wall_and_cpu_s(tmp_path, "-o", "one.mp4", *words)
    two_s, _ = wall_and_cpu_s(tmp_path, "-o", "two.mp4", "--workers", "2", *words)
    print(f"120 frames: {one_s:.1f} s by one process, {two_s:.1f} s by two: {one_s / two_s:.2f} times")
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()
    assert one_s / two_s >= least_speedup_of_two


def test_encoding_costs_no_more_than_its_own_time(tmp_path: Path) -> None:
    """Numbers of one run: render times from its own frames, encoder time from encoding the same parts alone."""
    code = Path(__file__).with_name("video_budget.py")
    done = subprocess.run([sys.executable, str(code), str(tmp_path)], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    budget_s = found["render_s"] + found["encoder_cpu_s"] / N_CORES
    print(f"{found}: {found['wall_s'] / budget_s:.3f} of the budget")
    assert found["wall_s"] < most_overhead * budget_s
