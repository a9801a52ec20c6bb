"""The sender's side: finds the workers, compares versions, keeps them busy, survives the loss of some."""

from __future__ import annotations

import logging
import os
import queue
import re
import signal
import time
import uuid
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any

from earthlimb.cluster.parcel import Parcel
from earthlimb.cluster.worker import render_on_worker
from earthlimb.errors import UsageError, WorkError
from earthlimb.output.video import Part, Recipe, Source
from earthlimb.scene import Scene

Note = Callable[[str], None]

_CONNECT_S = 5.0
_POLL_S = 0.5
_COUNT_WORKERS_EVERY_S = 5.0
_WITHOUT_WORKERS_S = 60.0
_EACH = 2
"""Frames given to a worker at a time: the next one lies ready while one is rendered; memory stays bounded."""
_BLOCK = 8
"""Neighbouring frames that one worker renders: they share the maps below the station; the encoder does not wait long."""
_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://[^/\s]+:\d{1,5}")
_SPAWN = "distributed.nanny.pre-spawn-environ"
_MEMORY_VARIABLES = {"MALLOC_TRIM_THRESHOLD_": "268435456", "MALLOC_MMAP_THRESHOLD_": "33554432"}
"""Dask makes workers give back memory at once, and every frame pages its tables in anew: 1.8 times the system time."""
_THREAD_VARIABLES = ("LP_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def on_this_machine(n_workers: int, scene: Scene, note: Note) -> Source:
    """Render in processes of this machine, which share its cores."""
    distributed = _distributed(f"--workers {n_workers}")
    import dask

    parcel = Parcel.of(scene)

    def source(recipe: Recipe, indices: Iterable[int], deliver: Callable[[Part], None]) -> None:
        with _quiet():
            with _workers_without_ctrl_c(), dask.config.set({_SPAWN: _worker_environment(n_workers)}):
                cluster = distributed.LocalCluster(
                    n_workers=n_workers,
                    threads_per_worker=1,
                    processes=True,
                    host="127.0.0.1",
                    dashboard_address=None,
                    memory_limit=0,
                    silence_logs=logging.CRITICAL,
                )
            with cluster, distributed.Client(cluster, set_as_default=False) as client:
                _render_over(client, "--workers", parcel, recipe, indices, deliver, note)

    return source


def on_scheduler(address: str, scene: Scene, note: Note) -> Source:
    """Render on the workers of a running Dask cluster.

    Raises
    ------
    UsageError
        The address is none.
    WorkError
        Dask is missing. The source raises it when nobody answers, there are no workers, or versions differ.
    """
    if not _ADDRESS.fullmatch(address):
        raise UsageError(f"--scheduler: {address}: not an address: write it tcp://host:8786")
    distributed = _distributed(f"--scheduler {address}")
    parcel = Parcel.of(scene)

    def source(recipe: Recipe, indices: Iterable[int], deliver: Callable[[Part], None]) -> None:
        with _quiet():
            try:
                client = distributed.Client(address, timeout=_CONNECT_S, set_as_default=False)
            except (OSError, ValueError, RuntimeError) as error:
                raise WorkError(
                    f"--scheduler {address}: no Dask scheduler answers within {_CONNECT_S:g} s: start one "
                    "(dask scheduler) or correct the address"
                ) from error
            try:
                check_versions(client, address, parcel.version)
                _render_over(client, f"--scheduler {address}", parcel, recipe, indices, deliver, note)
            finally:
                client.close(timeout=2)

    return source


def check_versions(client: Any, address: str, version: str) -> None:
    """Refuse a cluster whose machines could not work together with this one.

    Raises
    ------
    WorkError
        There is no worker, a worker has no or another earthlimb, or Dask or Python differ.
    """
    named = f"--scheduler {address}"
    found = client.get_versions()
    if not found["workers"]:
        raise WorkError(f"{named}: it has no workers: at least one is wanted: start some (dask worker {address})")

    def earthlimb_version() -> str:  # a function inside a function travels as code: a worker may lack the package
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("earthlimb")
        except PackageNotFoundError:
            return "none"

    own = found["client"]["packages"]
    machines = {"the scheduler": found["scheduler"]} | {f"worker {at}": had for at, had in found["workers"].items()}
    for machine, had in machines.items():
        for name in ("distributed", "python"):
            theirs, ours = str(had["packages"].get(name)), str(own[name])
            if _important(name, theirs) != _important(name, ours):
                raise WorkError(
                    f"{named}: {machine} has {name} {theirs}, this machine {ours}: the same version is wanted: "
                    "install the same on every machine"
                )
    for machine, theirs in client.run(earthlimb_version).items():
        if theirs != version:
            raise WorkError(
                f"{named}: worker {machine} has earthlimb {theirs}, this machine {version}: the same version is "
                "wanted: pip install it on every machine"
            )


def _important(name: str, version: str) -> str:
    """The part of a version that has to be the same."""
    return ".".join(version.split(".")[:2]) if name == "python" else version


def _render_over(
    client: Any,
    named: str,
    parcel: Parcel,
    recipe: Recipe,
    indices: Iterable[int],
    deliver: Callable[[Part], None],
    note: Note,
) -> None:
    """Send frames, take what comes back. A frame whose worker died is sent to another one by the scheduler."""
    run = uuid.uuid4().hex[:8]
    arrived: queue.SimpleQueue[Any] = queue.SimpleQueue()
    flying: dict[Any, str] = {}
    workers = _Workers(client, named, note)
    lanes = Lanes(indices)

    def send() -> None:
        busy = Counter(flying.values())
        for _ in range(_EACH):
            for worker in workers.addresses:
                index = lanes.next(worker) if busy[worker] < _EACH else None
                if index is None:
                    continue
                busy[worker] += 1
                key = f"earthlimb-frame-{run}-{index}"
                place: dict[str, Any] = {"workers": [worker], "allow_other_workers": True}
                future = client.submit(render_on_worker, parcel, recipe, index, key=key, pure=False, **place)
                flying[future] = worker
                future.add_done_callback(arrived.put)

    send()
    while flying or lanes.left():
        try:
            future = arrived.get(timeout=_POLL_S)
        except queue.Empty:
            workers.check()
            send()
            continue
        deliver(_result(client, named, future))
        del flying[future]
        send()


class Lanes:
    """Which frame a worker gets: neighbours of its last one, whose maps it has; from others at the end.

    Examples
    --------
    >>> lanes = Lanes(range(20))
    >>> [lanes.next(worker) for worker in "abab"]
    [0, 8, 1, 9]
    """

    def __init__(self, indices: Iterable[int]) -> None:
        self._waiting = deque(indices)
        self._lanes: dict[str, deque[int]] = {}

    def next(self, worker: str) -> int | None:
        """The next frame for a worker, None when all are given."""
        lane = self._lanes.setdefault(worker, deque())
        if not lane:
            lane.extend(self._waiting.popleft() for _ in range(min(_BLOCK, len(self._waiting))))
        if lane:
            return lane.popleft()
        longest = max(self._lanes.values(), key=len)
        return longest.pop() if longest else None

    def left(self) -> int:
        """Frames that nobody has been given."""
        return len(self._waiting) + sum(map(len, self._lanes.values()))


class _Workers:
    """How many workers there are, asked now and then; and whether the scheduler is there."""

    def __init__(self, client: Any, named: str, note: Note) -> None:
        self._client, self._named, self._note = client, named, note
        self.addresses = list(client.nthreads())
        """Of the workers at the last look."""
        self._asked = self._seen = time.monotonic()
        self._said = False

    def check(self) -> None:
        """Raise when the scheduler is gone, or nobody works for it for long."""
        if self._client.status != "running":
            raise _lost(self._named)
        now = time.monotonic()
        if now - self._asked < _COUNT_WORKERS_EVERY_S:
            return
        self._asked = now
        try:
            self.addresses = list(self._client.nthreads())
        except (OSError, RuntimeError) as error:
            raise _lost(self._named) from error
        if self.addresses:
            self._seen, self._said = now, False
        elif now - self._seen > _WITHOUT_WORKERS_S:
            raise WorkError(f"{self._named}: no worker for {_WITHOUT_WORKERS_S:g} s: all have gone: start some")
        elif not self._said:
            self._note(f"{self._named}: no worker is left: waiting {_WITHOUT_WORKERS_S:g} s for one")
            self._said = True


def _lost(named: str) -> WorkError:
    return WorkError(f"{named}: the connection to the scheduler is lost: start it again")


def _result(client: Any, named: str, future: Any) -> Part:
    """What a worker made; its errors become ours."""
    import distributed

    while True:
        if future.status in ("cancelled", "lost") or client.status != "running":
            raise _lost(named)
        try:
            part: Part = future.result(timeout=_COUNT_WORKERS_EVERY_S)
            return part
        except (TimeoutError, distributed.TimeoutError):
            continue  # its worker died after it had finished: it is made again
        except ModuleNotFoundError as error:
            raise WorkError(
                f"{named}: a worker has no {error.name}: it needs the package: pip install earthlimb there"
            ) from error
        except distributed.scheduler.KilledWorker as error:
            raise WorkError(
                f"{named}: every worker that took the frame died ({error.last_worker.address} last): more memory or "
                "a working OpenGL driver is wanted: see the workers' logs"
            ) from error
        except (CancelledError, distributed.comm.CommClosedError) as error:
            raise _lost(named) from error


@contextmanager
def _workers_without_ctrl_c() -> Iterator[None]:
    """Let only this process see Ctrl-C: a terminal sends it to all, and every worker would print a traceback.

    The thread that starts the workers, now and after one has died, inherits the mask of this one.
    """
    resource_tracker.ensure_running()  # it unblocks the signal where it starts, and must not do so in that thread
    former = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


def _worker_environment(n_workers: int) -> dict[str, str]:
    """The cores divided among the workers' rasterisers and BLAS, unless the user has divided them."""
    share = max(1, _n_cores() // n_workers)
    own = {name: os.environ.get(name, str(share)) for name in _THREAD_VARIABLES}
    return own | _MEMORY_VARIABLES | {"DASK_LOGGING__DISTRIBUTED": "critical"}


def _n_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _distributed(option: str) -> Any:
    try:
        import distributed
    except ImportError:
        raise WorkError(
            f"{option}: Dask is not installed: the extra cluster has it: pip install 'earthlimb[cluster]'"
        ) from None
    return distributed


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's own words from the terminal: what matters becomes one message."""
    former = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(former)
