"""The sender's side: finds the workers, compares versions, keeps them busy, survives the loss of some."""

from __future__ import annotations

import queue
import re
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError
from typing import Any

from earthlimb.cluster.lanes import Lanes
from earthlimb.cluster.parcel import Parcel
from earthlimb.cluster.processes import SPAWN_VARIABLES, quiet, without_ctrl_c, worker_environment
from earthlimb.cluster.versions import check_versions
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
_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://[^/\s]+:\d{1,5}")


def on_this_machine(n_workers: int, scene: Scene, note: Note) -> Source:
    """Render in processes of this machine, which share its cores."""
    distributed = _distributed(f"--workers {n_workers}")
    import dask

    parcel = Parcel.of(scene)

    def source(recipe: Recipe, indices: Iterable[int], deliver: Callable[[Part], None]) -> None:
        with quiet():
            with without_ctrl_c(), dask.config.set({SPAWN_VARIABLES: worker_environment(n_workers)}):
                cluster = distributed.LocalCluster(
                    n_workers=n_workers,
                    threads_per_worker=1,
                    processes=True,
                    host="127.0.0.1",
                    dashboard_address=None,
                    memory_limit=0,
                    silence_logs=False,
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
        with quiet():
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

    while flying or lanes.left():
        workers.check()
        send()
        try:
            future = arrived.get(timeout=_POLL_S)
        except queue.Empty:
            continue
        deliver(_result(client, named, future))
        del flying[future]


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


def _distributed(option: str) -> Any:
    try:
        import distributed
    except ImportError:
        raise WorkError(
            f"{option}: Dask is not installed: the extra cluster has it: pip install 'earthlimb[cluster]'"
        ) from None
    return distributed
