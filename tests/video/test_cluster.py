"""Rendering on a real Dask cluster on loopback: a worker killed, the scheduler killed, and what a cluster may lack."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from earthlimb.astro.elements import nearest_elements, shipped_elements
from earthlimb.astro.omm import omm_text
from earthlimb.astro.timescale import Instant
from earthlimb.cluster import on_scheduler, on_this_machine, processes
from earthlimb.cluster.lanes import Lanes
from earthlimb.cluster.parcel import Parcel
from earthlimb.cluster.versions import check_versions
from earthlimb.errors import WorkError
from earthlimb.resources import asset
from earthlimb.scene import load_scene, resolved
from earthlimb.world.timeline import Timeline
from tests.video.running import N_FRAMES, finish, start, wait_for_parts


class Cluster:
    """A scheduler and two workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []
        self.folder = folder
        file = folder / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file), "--no-dashboard"]
        self.scheduler = self._start("scheduler", *options)
        end = time.monotonic() + 60
        while not file.exists() or not file.read_text(encoding="utf-8").strip().endswith("}"):
            assert time.monotonic() < end and self.scheduler.poll() is None
            time.sleep(0.05)
        self.address = json.loads(file.read_text(encoding="utf-8"))["address"]
        options = [self.address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        self.workers = [self._start("worker", *options, "--name", name) for name in "ab"]

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        code = "import sys; from dask.__main__ import main; sys.exit(main())"
        env = os.environ | {"LP_NUM_THREADS": "1"}
        log = (self.folder / f"{words[0]}-{len(self.processes)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                [sys.executable, "-c", code, *words], cwd=self.folder, env=env, stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        for process in self.processes[::-1]:
            process.kill()
            process.wait(10)


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "dask").mkdir()
    running = Cluster(tmp_path / "dask")
    yield running
    running.stop()


@pytest.mark.long
def test_a_killed_worker_costs_its_frame_and_a_killed_scheduler_time(
    here: Path, dask: Cluster, undisturbed: Path
) -> None:
    process = start("s.toml", "-o", "x.mp4", "--scheduler", dask.address, folder=here)
    wait_for_parts(here, 1, process)
    dask.workers[0].send_signal(signal.SIGSTOP)  # with a frame in its hands: it has two at a time
    time.sleep(0.3)
    assert process.poll() is None
    dask.workers[0].kill()
    assert finish(process) == (0, "")
    assert json.loads((here / "x.mp4.json").read_text(encoding="utf-8"))["frames"] == N_FRAMES
    assert (here / "x.mp4").read_bytes() == (undisturbed / "x.mp4").read_bytes(), "as one process makes it"

    process = start("s.toml", "-o", "y.mp4", "--scheduler", dask.address, "--set", "video.duration_s=120", folder=here)
    wait_for_parts(here, 1, process, "y.mp4.parts")
    dask.scheduler.kill()
    status, words = finish(process)
    assert status == 1 and words.count("\n") == 1
    assert words.startswith(f"--scheduler {dask.address}: the connection to the scheduler is lost: start it again; ")
    assert "of 60 frames are kept in y.mp4.parts: the same command continues" in words
    assert len(list((here / "y.mp4.parts").glob("*.part"))) >= 1 and not (here / "y.mp4").exists()


def test_two_processes_make_the_same_file(here: Path, undisturbed: Path) -> None:
    assert finish(start("s.toml", "-o", "x.mp4", "--workers", "2", folder=here)) == (0, "")
    assert (here / "x.mp4").read_bytes() == (undisturbed / "x.mp4").read_bytes()


def test_nobody_answers() -> None:
    source = on_scheduler("tcp://127.0.0.1:9", load_scene("italy"), print)
    with pytest.raises(WorkError, match=r"--scheduler tcp://127.0.0.1:9: no Dask scheduler answers within 5 s: start"):
        source(None, [0], print)  # type: ignore[arg-type]


def test_dask_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(WorkError, match=r"--workers 3: Dask is not installed: .* pip install 'earthlimb\[cluster\]'"):
        on_this_machine(3, load_scene("italy"), print)


def client_of(worker: dict[str, str], earthlimb: str = "1.0") -> SimpleNamespace:
    """A client whose cluster has one worker with these versions."""
    own = {"packages": {"python": "3.11.7.final.0", "distributed": "2026.8.0"}}
    found = {"client": own, "scheduler": own, "workers": {"tcp://w:1": {"packages": own["packages"] | worker}}}
    return SimpleNamespace(get_versions=lambda: found, run=lambda _: {"tcp://w:1": earthlimb})


@pytest.mark.parametrize(
    ("client", "message"),
    [
        (
            client_of({"distributed": "2025.1.0"}),
            "worker tcp://w:1 has distributed 2025.1.0, this machine 2026.8.0: the",
        ),
        (client_of({"python": "3.12.1.final.0"}), "worker tcp://w:1 has python 3.12.1.final.0, this machine 3.11.7"),
        (client_of({}, "0.9"), "worker tcp://w:1 has earthlimb 0.9, this machine 1.0: the same version is wanted"),
        (client_of({}, "none"), "worker tcp://w:1 has earthlimb none, this machine 1.0"),
    ],
)
def test_versions_that_differ(client: SimpleNamespace, message: str) -> None:
    with pytest.raises(WorkError, match="--scheduler tcp://s:1: ") as refused:
        check_versions(client, "tcp://s:1", "1.0")
    assert message in str(refused.value)
    check_versions(client_of({"python": "3.11.9.final.0"}), "tcp://s:1", "1.0")


def test_a_cluster_without_workers() -> None:
    empty = client_of({})
    empty.get_versions()["workers"].clear()
    with pytest.raises(WorkError, match=r"it has no workers: at least one is wanted: start some \(dask worker tcp"):
        check_versions(empty, "tcp://s:1", "1.0")


def test_the_cores_are_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_n_cores", lambda: 8)
    for name in ("LP_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    assert processes.worker_environment(2)["LP_NUM_THREADS"] == "4"
    assert processes.worker_environment(16)["OMP_NUM_THREADS"] == "1"
    monkeypatch.setenv("LP_NUM_THREADS", "3")
    assert processes.worker_environment(2)["LP_NUM_THREADS"] == "3"


def test_a_scene_travels_with_its_files(tmp_path: Path) -> None:
    profile = tmp_path / "own.csv"
    profile.write_text("alt_km,oi558\n90,100\n100,200\n", encoding="utf-8")
    scene = load_scene("italy", {"atmosphere.profile": str(profile), "camera.iso": 800})
    parcel = Parcel.of(scene)
    profile.unlink()
    unpacked, folder = parcel.unpack()
    with folder:
        assert unpacked.atmosphere.profile is not None
        assert unpacked.atmosphere.profile.read_text(encoding="utf-8").startswith("alt_km,oi558")
        assert parcel.with_own_paths(resolved(unpacked)) == resolved(scene)


def test_satellites_and_a_history_travel_too(tmp_path: Path) -> None:
    """The satellites' file used to stay behind; a frame of a history has one set of it, not both keys."""
    pair = omm_text(nearest_elements(shipped_elements(), Instant.from_iso("2021-09-09T22:42:40Z")))
    for name in ("others.tle", "iss.tle"):
        (tmp_path / name).write_text(pair * 2, encoding="utf-8")
    values = {"sky.satellites": str(tmp_path / "others.tle"), "station.omm": str(tmp_path / "iss.tle")}
    scene = load_scene("italy", values)
    parcel = Parcel.of(scene)
    for name in ("others.tle", "iss.tle"):
        (tmp_path / name).unlink()
    unpacked, folder = parcel.unpack()
    with folder:
        still = parcel.with_own_paths(resolved(Timeline(unpacked).scene_at(0)))
    assert still["sky"]["satellites"] == str(tmp_path / "others.tle")
    assert still["station"]["tle"] == pair and "omm" not in still["station"]


def test_a_body_and_a_lens_of_ones_own_travel_too(tmp_path: Path) -> None:
    body, lens = tmp_path / "body.toml", tmp_path / "lens.toml"
    body.write_bytes(asset("bodies/nikon-d4.toml").read_bytes())
    lens.write_bytes(asset("lenses/nikkor-28-f1.4e.toml").read_bytes())
    scene = load_scene("italy", {"camera.body": str(body), "camera.lens": str(lens), "camera.k1": 0.01})
    parcel = Parcel.of(scene)
    body.unlink()
    lens.unlink()
    unpacked, folder = parcel.unpack()
    with folder:
        assert Path(unpacked.camera.body).is_file() and Path(unpacked.camera.lens).is_file()
        assert parcel.with_own_paths(resolved(unpacked)) == resolved(scene)


def test_neighbours_go_to_one_worker_and_every_frame_goes_once() -> None:
    lanes = Lanes(range(40))
    given: dict[str, list[int]] = {"a": [], "b": [], "slow": []}
    while lanes.left():
        for worker in ("a", "b", "a", "b", "a", "b") if given["slow"] else ("a", "b", "slow"):
            index = lanes.next(worker)
            if index is not None:
                given[worker].append(index)
    assert sorted(index for indices in given.values() for index in indices) == list(range(40))
    assert given["a"][:8] == list(range(8))
    assert len(given["slow"]) == 1, "what a slow or dead worker was to get goes to the others"
    assert lanes.next("a") is None
