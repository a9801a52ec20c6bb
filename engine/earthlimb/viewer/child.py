"""A process of our own beside the window: orders go in by its standard input, answers come by its standard output.

Large arrays travel beside their pickle, so the window's thread is held up by neither. The child ends as soon as its
input closes, whatever it does: also when the window was killed.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from earthlimb.errors import WorkError

_PIPE_BYTES = 1 << 20
"""A pipe of this size, where the system lets it grow, takes a message with few changes of process."""
_F_SETPIPE_SZ = 1031
_NICE = "import os; getattr(os, 'nice', int)({})"


class Child:
    """The window's end. `start` once, `send` orders, `receive` answers (any thread, one at a time), `release`.

    Parameters
    ----------
    work : the function that the child calls, as `module:function`; it calls `serve`
    niceness : how far the process steps back for the window's own where cores are few, from its first moment
    """

    def __init__(self, work: str, niceness: int = 0) -> None:
        module, _, function = work.partition(":")
        # not `multiprocessing`: that would run the user's own main module again
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"{_NICE.format(niceness)}; from {module} import {function}; {function}()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._orders: IO[bytes] = self._process.stdin
        self._answers: IO[bytes] = self._process.stdout
        _widen(self._answers)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process has ended by itself."""
        return self._process.poll() is not None

    def send(self, order: object) -> None:
        """Give an order; that the child has ended is noticed by `receive`, that it cannot read it by its answer."""
        with contextlib.suppress(OSError, ValueError):
            write_message(self._orders, order)

    def receive(self) -> Any:
        """Wait for the next answer; a WorkError is the answer where the order, or the answer, could not be read.

        Raises
        ------
        EOFError
            The child has ended.
        """
        try:
            return read_message(self._answers)
        except (OSError, ValueError) as error:
            raise EOFError(str(error)) from error
        except WorkError as error:
            return error

    def release(self) -> None:
        """End the process, whatever it does."""
        self._process.terminate()
        self._process.wait()
        for pipe in (self._orders, self._answers):
            with contextlib.suppress(OSError):
                pipe.close()


def _widen(pipe: IO[bytes]) -> None:
    if sys.platform.startswith("linux"):
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe.fileno(), _F_SETPIPE_SZ, _PIPE_BYTES)


def write_message(pipe: IO[bytes], message: object) -> None:
    """A pickle, its length and the lengths of the buffers that follow it."""
    buffers: list[pickle.PickleBuffer] = []
    body = pickle.dumps(message, protocol=5, buffer_callback=buffers.append)
    views = [buffer.raw() for buffer in buffers]
    pipe.write(struct.pack(f"<QQ{len(views)}Q", len(body), len(views), *(view.nbytes for view in views)))
    pipe.write(body)
    for view in views:
        pipe.write(view)
    pipe.flush()


def read_message(pipe: IO[bytes]) -> Any:
    """What `write_message` wrote.

    Raises
    ------
    EOFError
        The pipe ends.
    WorkError
        The message is there, but nothing can be made of it; the next one can be read.
    """
    n_body, n_buffers = struct.unpack("<QQ", _exactly(pipe, 16))
    sizes = struct.unpack(f"<{n_buffers}Q", _exactly(pipe, 8 * n_buffers))
    body = _exactly(pipe, n_body)
    buffers = [_exactly(pipe, size) for size in sizes]
    try:
        return pickle.loads(body, buffers=buffers)
    except Exception as error:  # whatever the classes in it raise
        raise WorkError(
            f"view: a message between its processes cannot be read: {type(error).__name__}: {error}: this is a defect "
            "of earthlimb: undo your last change (U), and report it"
        ) from error


def _exactly(pipe: IO[bytes], n_bytes: int) -> memoryview:
    data = np.empty(n_bytes, np.uint8).data
    done = 0
    while done < n_bytes:
        got = pipe.readinto(data[done : done + _PIPE_BYTES])  # type: ignore[attr-defined]
        if not got:
            raise EOFError("the pipe has ended")
        done += got
    return data


Send = Callable[[object], None]


def serve(prepare: Callable[[], Any], answer: Callable[[Any, Any, Send], None]) -> None:
    """The child: calls `answer(prepared, order, send)` for each order until its input closes, then ends at once.

    The answer to an order that cannot be read is the error that says so.

    Parameters
    ----------
    prepare : called once, before the first order
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the window's to answer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else prints does not disturb the answers
    orders: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, orders), daemon=True).start()

    def send(message: object) -> None:
        write_message(answers, message)

    with contextlib.suppress(BrokenPipeError):
        prepared = prepare()
        while True:
            order = orders.get()
            if isinstance(order, _Unread):
                send(order.error)
            else:
                answer(prepared, order, send)
    os._exit(0)  # Python's own end would fail at the input, which the other thread still reads


@dataclass(frozen=True)
class _Unread:
    """An order that cannot be read."""

    error: WorkError


def _listen(pipe: IO[bytes], orders: queue.SimpleQueue[Any]) -> None:
    with contextlib.suppress(EOFError, OSError):
        while True:
            try:
                orders.put(read_message(pipe))
            except WorkError as error:
                orders.put(_Unread(error))
    os._exit(0)
