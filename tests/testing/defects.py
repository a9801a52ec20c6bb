"""Defects that a comparison must find, made in a frame after it was rendered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earthlimb.renderer import Frame

shared: dict[str, Frame] = {}
"""Frames that the tests of this process have rendered, for the small projects that they run inside it."""

Change = Callable[[NDArray[Any]], NDArray[Any]]


def changed(frame: Frame, name: str, change: Change) -> Frame:
    """The frame with one layer (`rgb_linear` and `picture` too) changed; in `picture` its 8 bits as well."""
    if name == "picture":
        assert frame.picture is not None
        return replace(frame, picture=_same_type(change(frame.picture)), picture8=None)
    if name == "rgb_linear":
        assert frame.rgb_linear is not None
        return replace(frame, rgb_linear=_same_type(change(frame.rgb_linear)))
    return replace(frame, layers=dict(frame.layers) | {name: _same_type(change(frame.layer(name)))})


def one_row_down(a: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([a[:1], a[:-1]])


def one_column_left(a: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([a[:, 1:], a[:, -1:]], axis=1)


def flipped(a: NDArray[Any]) -> NDArray[Any]:
    return a[::-1]


def red_and_blue_swapped(a: NDArray[Any]) -> NDArray[Any]:
    return a[..., ::-1]


def brightest_star(frame: Frame) -> tuple[int, int]:
    """Row and column of the brightest pixel of the layer `stars`."""
    light = frame.layer("stars").sum(axis=2)
    row, column = np.unravel_index(int(light.argmax()), light.shape)
    return int(row), int(column)


def without(place: tuple[int, int]) -> Change:
    """Darkness, or the median of what is around, in 5 x 5 pixels."""
    row, column = place

    def change(a: NDArray[Any]) -> NDArray[Any]:
        out = a.copy()
        around = a[max(row - 6, 0) : row + 7, max(column - 6, 0) : column + 7]
        out[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3] = np.median(around, axis=(0, 1))
        return out

    return change


def _same_type(a: NDArray[Any]) -> NDArray[np.float32]:
    return np.ascontiguousarray(a, np.float32)
