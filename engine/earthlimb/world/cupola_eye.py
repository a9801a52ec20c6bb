"""Where the eye of a camera in the cupola is: which window it looks through, and how far it may go."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from earthlimb.world.cupola import Cupola, Window

Array = NDArray[np.float64]

_WALL_MARGIN_M = 0.04
"""The eye stays this far from frames and panes."""
_STEEP = 0.35
"""Least cosine between the line of sight and the window's normal at which the eye still lies on that line."""


def nearest_window(forward_body: Array) -> int:
    """Number of the window whose normal lies nearest to a direction."""
    return max(Cupola.load().windows, key=lambda w: float(w.normal @ forward_body)).number


def eye_behind(window: Window, forward_body: Array, distance_m: float) -> Array:
    """The eye, so that the line of sight goes through the window's middle; it stays inside the dome.

    Where the line of sight leaves the window too steeply, the eye moves towards the window's axis.
    """
    cosine = float(forward_body @ window.normal)
    way = forward_body
    if cosine < _STEEP:
        across = forward_body - cosine * window.normal
        size = float(np.linalg.norm(across))
        across = across / size if size > 1e-9 else np.zeros(3)
        way = _STEEP * window.normal + math.sqrt(1.0 - _STEEP**2) * across
    x, y, z = (window.centre_m + 0.5 * window.depth_m * window.normal - distance_m * way).tolist()
    cupola = Cupola.load()
    widest, lowest = cupola.skirt_radius_m - 2.0 * _WALL_MARGIN_M, -cupola.skirt_depth_m + _WALL_MARGIN_M
    for _ in range(8):  # each wall may push the eye against another one
        before = x, y, z
        for (a, b, c), height in _walls():
            beyond = a * x + b * y + c * z - height
            if beyond > 0.0:
                x, y, z = x - beyond * a, y - beyond * b, z - beyond * c
        share = min(1.0, widest / max(math.hypot(x, y), 1e-9))
        x, y, z = share * x, share * y, max(z, lowest)
        if (x, y, z) == before:
            break
    return np.array([x, y, z])


@cache
def _walls() -> tuple[tuple[tuple[float, float, float], float], ...]:
    """Outward normals of the windows, and how far along them from the origin the eye may go, m."""
    return tuple(
        ((float(n[0]), float(n[1]), float(n[2])), float(w.centre_m @ n) - _WALL_MARGIN_M)
        for w in Cupola.load().windows
        for n in (w.normal,)
    )
