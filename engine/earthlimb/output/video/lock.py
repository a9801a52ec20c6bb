"""One run at a time on one output: a lock file that the system frees when its process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
import platform
from pathlib import Path

from earthlimb.errors import WorkError


class OutputLock:
    """The lock of an output; the file holds the process and the machine that have it.

    `flock` ends with the process, so the lock of a dead process needs no judgement: it is free.

    Parameters
    ----------
    path : Path
        The lock file, in a folder that exists.
    named : str
        What the output is called in messages.

    Raises
    ------
    WorkError
        Another run has it.
    """

    def __init__(self, path: Path, named: str) -> None:
        self._path = path
        while True:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                owner = os.read(self._file, 200).decode(errors="replace").strip()
                os.close(self._file)
                raise WorkError(
                    f"{named}: another run is writing it ({owner or 'it has just begun'}): one at a time is allowed: "
                    "wait for it, end it, or choose another name"
                ) from None
            # the former owner may have removed the file between opening and locking it
            if path.exists() and os.fstat(self._file).st_ino == path.stat().st_ino:
                break
            os.close(self._file)
        os.ftruncate(self._file, 0)
        os.write(self._file, f"process {os.getpid()} on {platform.node()}\n".encode())

    def release(self, remove: bool) -> None:
        """Free the lock; `remove` its file first, so that nobody can lock one that is about to vanish."""
        if remove:
            self._path.unlink(missing_ok=True)
        os.close(self._file)
