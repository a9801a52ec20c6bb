"""`earthlimb` and `python -m earthlimb`: the command, which Ctrl-C ends with one line while it is being loaded, too."""

from __future__ import annotations

import os
import signal
from typing import NoReturn

_INTERRUPTED = 130


def _interrupted_early(_number: int, _frame: object) -> NoReturn:
    # at once: an exception in the midst of an import ends as a traceback, or as another error
    os.write(2, b"earthlimb: interrupted\n")
    os._exit(_INTERRUPTED)


def main() -> NoReturn:
    """Entry point of the command; ends the process with its status."""
    listens = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # a shell's background job does not
    if listens:
        signal.signal(signal.SIGINT, _interrupted_early)
    from earthlimb.cli import app

    if listens:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    app.main()


if __name__ == "__main__":
    main()
