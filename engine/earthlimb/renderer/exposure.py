"""Averages the smooth parts of a world over the open shutter: instants of the exposure added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu import Target
from earthlimb.passes.station_image import StationImage
from earthlimb.passes.view import GROUND_PARTS, ViewInputs
from earthlimb.physics.lights_filter import SWEPT_PX
from earthlimb.renderer.detector import Detector
from earthlimb.renderer.drawing import AIRGLOW_PARTS, SMOOTH_SHARE, Drawing, Response
from earthlimb.world import WorldState, tables_at
from earthlimb.world.shutter import STILL_PX, Slice, ground_path, slices

Job = tuple[Target, frozenset[str]]
"""A target and the parts of passes/view.frag that it shall hold."""

_OUTLINES = 17
"""Instants that find out which limb map and which tiles an exposure needs."""


class Exposure:
    """One exposure of a world in one response.

    Parameters
    ----------
    drawing : Drawing
    world : WorldState
    detector : Detector
    per_rayleigh : (6, 4) to fold the emissions, or None
    still_px : float
        Parts of the picture that move less are drawn once.
    n_instants : int, optional
        That many instants, each of them sharp, instead of what the motion asks for: for tests of convergence.
    station : images that stand before everything and turn with the camera; every target shall hold all parts
    """

    def __init__(
        self,
        drawing: Drawing,
        world: WorldState,
        detector: Detector,
        per_rayleigh: Response,
        still_px: float = STILL_PX,
        n_instants: int | None = None,
        station: Sequence[StationImage] = (),
    ) -> None:
        self._drawing = drawing
        self._world = world
        self._detector = detector
        self._per_rayleigh = per_rayleigh
        self._station = station
        key = (world, still_px, n_instants)
        self._swept = n_instants is None
        self._done = 0
        self.slices: list[Slice] = drawing.kept.get("slices", key, lambda: slices(world, still_px, n_instants)[0])

    def average(self, jobs: Sequence[Job]) -> None:
        """Write every target with the mean over the exposure of its parts."""
        for i, piece in enumerate(self.slices):
            self._done = i
            tables = self._world if piece.middle_s == 0.0 else tables_at(self._world, piece.middle_s)
            times = sorted({*piece.ground_s, *piece.limb_s, *piece.sky_s})
            times = [times[k] for k in np.unique(np.linspace(0, len(times) - 1, _OUTLINES).round().astype(int))]
            also = [self._world.at(t) for t in times if t != piece.middle_s]
            inputs = self._drawing.inputs(tables, self._detector, self._per_rayleigh, also, self._station)
            for target, parts in jobs:
                with self._drawing.timer("view"):
                    self._draw(target, parts, piece, inputs, add=i > 0)

    def _draw(self, target: Target, parts: frozenset[str], piece: Slice, inputs: ViewInputs, *, add: bool) -> None:
        if inputs.limb_map is None and parts & AIRGLOW_PARTS:
            # an eye this low marches every pixel for all parts at once
            self._over(target, parts, piece.times_s(parts), piece, inputs, None, add=add)
            return
        ground, rest = parts & GROUND_PARTS, parts - GROUND_PARTS
        times, rest_times = piece.times_s(parts), piece.times_s(rest)
        if not ground or len(times) == len(rest_times) == 1:
            self._over(target, parts, times, piece, inputs, None, add=add)
            return
        self._over(target, parts, times, piece, inputs, inputs.ground, add=add)
        if rest or not add:
            self._over(target, rest, rest_times, piece, inputs, ~inputs.ground, add=add)

    def _over(
        self,
        target: Target,
        parts: frozenset[str],
        times: tuple[float, ...],
        piece: Slice,
        inputs: ViewInputs,
        tiles: NDArray[np.bool_] | None,
        *,
        add: bool,
    ) -> None:
        drawing = self._drawing
        for j, time_s in enumerate(times):
            if len(times) > 1 or piece.middle_s != 0.0:
                at = self._world.at(time_s)
                drawing.bind(at)
                if "MILKY_WAY" in parts:
                    drawing.sky_grid(at, self._detector, self._per_rayleigh)
            share = piece.share / len(times)
            path = None
            if self._swept and parts & GROUND_PARTS and piece.ground_px >= SWEPT_PX:
                path = ground_path(self._world, time_s, piece.length_s / len(times))
            seen = replace(inputs, path=path)
            drawing.smooth(target, parts, seen, self._world, self._per_rayleigh, tiles, share=share, add=add or j > 0)
            drawing.tell(SMOOTH_SHARE * (self._done + (j + 1) / len(times)) / len(self.slices))
