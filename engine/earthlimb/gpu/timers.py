"""Times of passes as the GPU finishes them: wall clock around `finish`, the only clock below the bench."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import moderngl


class PassTimer:
    """Collects milliseconds by pass name; does nothing while `enabled` is False.

    Waiting for the GPU after each pass is what makes the numbers true and the frame slower: only the benchmark
    turns it on.
    """

    def __init__(self, ctx: moderngl.Context, enabled: bool = False) -> None:
        self._finish: Callable[[], None] = ctx.finish
        self.enabled = enabled
        self.samples_ms: dict[str, list[float]] = {}

    def __call__(self, name: str) -> AbstractContextManager[None]:
        """Context manager that times what runs inside."""
        return self._timed(name) if self.enabled else nullcontext()

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        self._finish()
        start = time.perf_counter()
        yield
        self._finish()
        self.samples_ms.setdefault(name, []).append((time.perf_counter() - start) * 1e3)
