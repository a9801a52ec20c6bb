"""The station's solids as arrays in its own frame: what does not depend on the camera, made once for each shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from earthlimb.world.cupola import GLASS, Cupola
from earthlimb.world.outside import arrays_turn, outside_data, outside_parts
from earthlimb.world.panes import lamp_parts
from earthlimb.world.solids import Part

Array = NDArray[np.float64]

_PATCHES = 0.25
"""Facets differ in reflectance by up to this: panels, seams, age."""


@dataclass(frozen=True, eq=False)
class Skin:
    """Triangles of solids in the cupola's frame.

    Attributes
    ----------
    corners_m : (n, 3, 3)
    normals : (n, 3), on the visible side
    reach_m : (n,), distance of a triangle's plane from the origin along its normal; infinite where it has no area
    reflectance : (n, 3) diffuse, R, G, B
    glass : (n,) bool
    lamp : (n, m), 1 where a triangle belongs to that inside lamp
    turning : which of them are the arrays
    """

    corners_m: Array
    normals: Array
    reach_m: Array
    reflectance: Array
    glass: NDArray[np.bool_]
    lamp: Array
    turning: slice

    @classmethod
    def of(cls, parts: Sequence[Part], *, patches: bool) -> Skin:
        """The triangles of parts; with `patches` those of hulls have a reflectance of their own by their number."""
        n = [len(part.corners_m) for part in parts]
        corners = np.concatenate([part.corners_m for part in parts]) if parts else np.zeros((0, 3, 3))
        tables = {**outside_data()["material"], **Cupola.load().data["material"]}
        black = (0.0, 0.0, 0.0)
        rgb = np.repeat(np.array([tables.get(p.material, black) for p in parts]).reshape(-1, 3), n, axis=0)
        material = np.repeat(np.array([part.material for part in parts], dtype=str), n)
        if patches:
            rough = (material != "shutter") & (material != "cell") & (material != "array")
            rgb = rgb * (1.0 - _PATCHES * rough * ((np.arange(len(corners)) // 2 * 0.754877666) % 1.0))[:, None]
        lamps = [material == f"lamp{i}" for i in range(len(Cupola.load().data["lamp"]))]
        turning = [i for i, part in enumerate(parts) if part.name.startswith("arrays.")]
        starts = np.concatenate([[0], np.cumsum(n)]).astype(int)
        arrays = slice(int(starts[turning[0]]), int(starts[turning[-1] + 1])) if turning else slice(0, 0)
        normals = Part("", "", corners).normals
        reach = np.where(normals.any(axis=1), np.einsum("ij,ij->i", normals, corners[:, 0]), np.inf)
        return cls(corners, normals, reach, rgb, material == GLASS, np.stack(lamps, axis=1).astype(float), arrays)

    def turned(self, array_rad: float) -> Skin:
        """The same with the arrays, made at angle 0, turned about their axis."""
        if self.turning.start == self.turning.stop:
            return self
        turn, axis = arrays_turn(array_rad)
        corners, normals, reach = self.corners_m.copy(), self.normals.copy(), self.reach_m.copy()
        at = self.turning
        corners[at] = (self.corners_m[at] - axis) @ turn.T + axis
        normals[at] = self.normals[at] @ turn.T
        reach[at] = np.einsum("ij,ij->i", normals[at], corners[at, 0])
        return replace(self, corners_m=corners, normals=normals, reach_m=reach)


@cache
def dome_skin() -> Skin:
    """The dome as its inside shows it, with panes and lamps."""
    cupola = Cupola.load()
    parts = [part for part in cupola.parts() if part.material not in ("outer", "shutter")]
    return Skin.of([*parts, *lamp_parts(cupola.data["lamp"])], patches=False)


@lru_cache(maxsize=8)
def outside_skin(shutters: float | None, day: date | None, vehicle: str, distance_m: float) -> Skin:
    """What lies outside of the glass, its arrays at angle 0.

    Parameters
    ----------
    shutters : from 0, closed, to 1, open; None: without them
    day : the station as it was then; None: without it
    vehicle, distance_m : see `outside_parts`
    """
    parts: list[Part] = []
    if shutters is not None:
        parts += [Cupola.load().shutter(window, shutters) for window in Cupola.load().windows]
    if day is not None:
        parts += outside_parts(day, 0.0, vehicle, distance_m)
    return Skin.of(parts, patches=True)
