"""Worker processes of this machine: the cores divided among them, Ctrl-C kept from them, Dask kept quiet."""

from __future__ import annotations

import logging
import os
import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker

SPAWN_VARIABLES = "distributed.nanny.pre-spawn-environ"
_MEMORY_VARIABLES = {"MALLOC_TRIM_THRESHOLD_": "268435456", "MALLOC_MMAP_THRESHOLD_": "33554432"}
"""Dask makes workers give back memory at once, and every frame pages its tables in anew: 1.8 times the system time."""
_THREAD_VARIABLES = ("LP_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@contextmanager
def without_ctrl_c() -> Iterator[None]:
    """Let only this process see Ctrl-C: a terminal sends it to all, and every worker would print a traceback.

    The thread that starts the workers, now and after one has died, inherits the mask of this one.
    """
    resource_tracker.ensure_running()  # it unblocks the signal where it starts, and must not do so in that thread
    former = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


def worker_environment(n_workers: int) -> dict[str, str]:
    """The cores divided among the workers' rasterisers and BLAS, unless the user has divided them."""
    share = max(1, _n_cores() // n_workers)
    own = {name: os.environ.get(name, str(share)) for name in _THREAD_VARIABLES}
    return own | _MEMORY_VARIABLES | {"DASK_LOGGING__DISTRIBUTED": "critical"}


def _n_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Dask's own words from the terminal: what matters becomes one message."""
    former = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(former)
