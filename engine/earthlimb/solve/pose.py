"""The search for a pose: which focal lengths are tried, and when a solution is believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from earthlimb.errors import WorkError
from earthlimb.physics.lens import Lens
from earthlimb.solve.blind import candidates
from earthlimb.solve.detect import Sources
from earthlimb.solve.fit import StarFit, refine

FULL_FRAME_MM = 36.0
"""Long side of the sensor that focal lengths refer to."""
SHORTEST_MM, LONGEST_MM = 14.0, 85.0
_STEP = 1.06
_MOST_CROPPED = 2.4
_TRIED = 3
"""Candidates of one focal length that are refined, at most."""
_LEAST_SCORE = 2.0
_SURE = -10.0
"""log10 of the odds of chance at which a solution is believed: hundreds are tried, unrelated points reach -5."""
_FEWEST_STARS = 8
_MOST_SOURCES = 2500
_SOURCES_LEAST = 6


def focal_lengths_px(width_px: int, height_px: int, focal_mm: float | None) -> Iterator[float]:
    """Focal lengths to try [px], likely ones first: the lens's own, cropped, then all from 14 to 85 mm."""
    per_mm = max(width_px, height_px) / FULL_FRAME_MM
    tried: list[float] = []

    def fresh(f_mm: float) -> bool:
        if any(abs(np.log(f_mm / t)) < 0.45 * np.log(_STEP) for t in tried):
            return False
        tried.append(f_mm)
        return True

    if focal_mm is not None:
        for k in (0, 1, -1, 2, -2):
            if fresh(focal_mm * _STEP**k):
                yield focal_mm * _STEP**k * per_mm
        crop = _STEP**3
        while crop <= _MOST_CROPPED:
            if fresh(focal_mm * crop):
                yield focal_mm * crop * per_mm
            crop *= _STEP
    else:
        for f_mm in (28.0, 24.0, 50.0, 35.0, 58.0, 17.0, 85.0):
            if fresh(f_mm):
                yield f_mm * per_mm
    f_mm = SHORTEST_MM
    while f_mm <= LONGEST_MM * 1.03:
        if fresh(f_mm):
            yield f_mm * per_mm
        f_mm *= _STEP


def find_pose(
    sources: Sources,
    width_px: int,
    height_px: int,
    stars_gcrs: NDArray[np.float64],
    hidden: NDArray[np.bool_],
    focal_mm: float | None,
    tell: Callable[[float, int, int], None] | None = None,
) -> StarFit:
    """Pose and lens of a picture of which nothing is known but perhaps its focal length.

    Parameters
    ----------
    sources : Sources
    width_px, height_px : int
    stars_gcrs : (n, 3)
        Apparent directions of the catalogue, brightest first.
    hidden : (n,) bool
        Stars that the Earth covers, as far as the time is known.
    focal_mm : float or None
        Focal length on full frame [mm], a hint: cropping is expected.
    tell : function, optional
        Called before each focal length is tried: that on full frame [mm], how many were, how many there are.

    Raises
    ------
    WorkError
        No stars, or no pose that chance could not explain.
    """
    if len(sources) < _SOURCES_LEAST:
        raise WorkError(
            f"solve: {len(sources)} point sources found in the picture: a dozen stars above the limb are needed: "
            "give a sharp night picture with stars, at its full size"
        )
    sources = sources.pick(np.arange(min(len(sources), _MOST_SOURCES)))
    best: StarFit | None = None
    lengths_px = list(focal_lengths_px(width_px, height_px, focal_mm))
    for i, f_px in enumerate(lengths_px):
        if tell is not None:
            tell(f_px * FULL_FRAME_MM / max(width_px, height_px), i, len(lengths_px))
        lens = Lens(f_px, 0.5 * width_px, 0.5 * height_px, 0.0, width_px, height_px)
        for one in candidates(sources, lens)[:_TRIED]:
            if one.score < _LEAST_SCORE:
                break
            fit = refine(one.rot_cam_from_gcrs, lens, sources, stars_gcrs, hidden, (one.source, one.star))
            if fit is not None and (best is None or fit.log10_chance < best.log10_chance):
                best = fit
        if best is not None and best.log10_chance < _SURE and len(best.star) >= _FEWEST_STARS:
            return _settled(best, sources, stars_gcrs, hidden)
    raise WorkError(
        f"solve: {len(sources)} point sources found, none of the catalogue's stars fit them: a night picture with a "
        f"dozen or more stars and a lens of {SHORTEST_MM:g} to {LONGEST_MM:g} mm is needed: no solution is better "
        "than a wrong one; check the time (--utc), or try the picture uncropped or at a larger size"
    )


def _settled(fit: StarFit, sources: Sources, stars_gcrs: NDArray[np.float64], hidden: NDArray[np.bool_]) -> StarFit:
    """The solution after a second round from itself: its first one began with the lens 5 % off."""
    for _ in range(3):
        again = refine(fit.rot_cam_from_gcrs, fit.lens, sources, stars_gcrs, hidden)
        if again is None or again.log10_chance >= fit.log10_chance - 0.5:
            return again if again is not None and len(again.star) > len(fit.star) else fit
        fit = again
    return fit
