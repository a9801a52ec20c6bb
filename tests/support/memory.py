"""What a process holds: living GL objects of moderngl, and resident memory."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from pathlib import Path

import pytest


def living_gl_objects() -> dict[str, int]:
    """moderngl objects that have not been released, counted by kind."""
    gc.collect()
    count: dict[str, int] = {}
    for thing in gc.get_objects():
        kind = type(thing)
        if kind.__module__ == "moderngl" and hasattr(thing, "mglo"):
            if type(thing.mglo).__name__ != "InvalidObject":
                count[kind.__name__] = count.get(kind.__name__, 0) + 1
    return count


def resident_mb() -> float:
    """Resident memory of this process, MB; skips the test where the system does not tell (not Linux).

    What the C library keeps for later use is given back first: it comes and goes by 50 MB and hides a leak.
    """
    if not sys.platform.startswith("linux"):
        pytest.skip("resident memory is read from /proc")
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it
    if trim is not None:
        trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
