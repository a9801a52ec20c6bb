"""One message where the X server ends or refuses something: Xlib prints its own and leaves without asking."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any, NoReturn

_ON_LOSS = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_ON_ERROR = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
_kept: list[Any] = []
"""What Xlib calls must live as long as the process."""


class _ErrorEvent(ctypes.Structure):
    """`XErrorEvent` of X11/Xlib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("resourceid", ctypes.c_ulong),
        ("serial", ctypes.c_ulong),
        ("error_code", ctypes.c_ubyte),
        ("request_code", ctypes.c_ubyte),
        ("minor_code", ctypes.c_ubyte),
    )


def watch_x_server() -> None:
    """Say in one line why the window goes, and end with status 1.

    No call to X or OpenGL may follow, so nothing is freed. The processes beside the window end with it.
    """
    try:
        xlib = ctypes.CDLL("libX11.so.6")
    except OSError:
        return
    name = os.environ.get("DISPLAY", "")

    def lost(_display: Any) -> int:
        _leave(f"the X server {name} has gone, or closed the window: start `earthlimb view` again")

    def refused(display: Any, event: Any) -> int:
        error = ctypes.cast(event, ctypes.POINTER(_ErrorEvent)).contents
        text = ctypes.create_string_buffer(200)
        xlib.XGetErrorText(ctypes.c_void_p(display), int(error.error_code), text, len(text))
        words = text.value.decode("utf-8", "replace")
        _leave(
            f"the X server {name} refused a request ({words}, {error.request_code}.{error.minor_code}), as where the "
            "window was destroyed: start `earthlimb view` again"
        )

    _kept[:] = [_ON_LOSS(lost), _ON_ERROR(refused)]
    xlib.XSetIOErrorHandler(_kept[0])
    xlib.XSetErrorHandler(_kept[1])


def _leave(words: str) -> NoReturn:
    print(f"view: {words}", file=sys.stderr, flush=True)
    os._exit(1)
