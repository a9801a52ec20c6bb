"""From a rough rotation to the best one with its lens, and whether chance could have made it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation
from scipy.stats import poisson

from earthlimb.physics.lens import Lens
from earthlimb.solve.detect import Sources
from earthlimb.solve.match import chance_matches, comparable, nearest_pairs, reliable_depth

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

_RADII_PX = (8.0, 5.0, 3.5, 2.5, 2.0)
"""Search radius of the rounds that match and fit in turn, for a picture 1000 px wide."""
_FINAL_RADIUS_PX = 1.6
K1_SIGMA = 0.12
"""Width of what is expected of k1 before the stars speak: wide lenses have 0.0 to 0.3."""
_FOCAL_SIGMA = 0.15
"""The same for the logarithm of the focal length; only pictures with few stars feel it."""
_FREE_CENTRE_STARS = 40
_FREE_CENTRE_GAIN = 0.7
"""The centre is fitted only for a picture that needs it, a cropped one: residual per matched star falls by 30 %."""
_PIXEL_GAIN = 6.0
"""Twice the logarithm of the likelihoods' ratio at which the centre is the middle of pixel (W/2, H/2), not that of
the picture: other programs count from the middle of a pixel."""


@dataclass(frozen=True, eq=False)
class StarFit:
    """A pose and a lens with the stars that support them.

    Attributes
    ----------
    rot_cam_from_gcrs : (3, 3)
    lens : Lens
    source, star : (n,) indices of the matched sources and of the stars in the list that was fitted
    rms_px : root mean square distance of matched stars and sources
    log10_chance : decimal logarithm of the odds that unrelated points match as well
    """

    rot_cam_from_gcrs: Array
    lens: Lens
    source: Indices
    star: Indices
    rms_px: float
    log10_chance: float


def fit_pairs(
    rot: Array, lens: Lens, dirs_gcrs: Array, seen_px: Array, f_prior_px: float, scale_px: float, centre: bool = False
) -> tuple[Array, Lens, Array]:
    """Least squares of rotation, focal length and k1 (and the centre) over paired stars.

    Parameters
    ----------
    rot : (3, 3) first guess
    lens : Lens
    dirs_gcrs, seen_px : (n, 3) directions and (n, 2) places
    f_prior_px : float
        Focal length that the width `_FOCAL_SIGMA` refers to [px].
    scale_px : float
        Residuals much larger than this count less [px].
    centre : bool
        Whether the centre may move.

    Returns
    -------
    rot, lens, residuals (n,) [px]
    """

    def unpack(p: Array) -> tuple[Array, Lens]:
        turned = Rotation.from_rotvec(p[:3]).as_matrix() @ rot
        new = replace(lens, f_px=lens.f_px * math.exp(p[3]), k1=float(p[4]))
        if centre:
            new = replace(new, cx_px=lens.cx_px + 100.0 * p[5], cy_px=lens.cy_px + 100.0 * p[6])
        return turned, new

    def residuals(p: Array) -> Array:
        turned, new = unpack(p)
        x, y, ok = new.project(dirs_gcrs @ turned.T)
        off = np.stack([np.where(ok, x, 1e4), np.where(ok, y, 1e4)], axis=1) - seen_px
        # soft L1 by hand, so that the priors stay quadratic
        r2 = np.sum(off * off, axis=1) / scale_px**2
        weight = np.sqrt(2.0 * (np.sqrt(1.0 + r2) - 1.0) / np.maximum(r2, 1e-12))
        weight = np.where(r2 < 1e-9, 1.0, weight)
        prior = [p[4] / K1_SIGMA, (p[3] + math.log(lens.f_px / f_prior_px)) / _FOCAL_SIGMA]
        return np.concatenate([(off * (weight / scale_px)[:, None]).ravel(), prior])

    start = np.zeros(7 if centre else 5)
    low, high = np.full(len(start), -np.inf), np.full(len(start), np.inf)
    low[3:5], high[3:5] = (-0.5, max(-0.5, lens.least_k1)), (0.5, 0.8)
    start[4] = max(lens.k1, low[4])
    solution = least_squares(residuals, start, bounds=(low, high), x_scale="jac", max_nfev=60)
    turned, new = unpack(solution.x)
    x, y, _ = new.project(dirs_gcrs @ turned.T)
    return turned, new, np.hypot(x - seen_px[:, 0], y - seen_px[:, 1])


def refine(
    rot: Array,
    lens: Lens,
    sources: Sources,
    stars_gcrs: Array,
    hidden: NDArray[np.bool_],
    pairs: tuple[Indices, Indices] | None = None,
) -> StarFit | None:
    """Match and fit in turn, from a rough rotation.

    Parameters
    ----------
    rot : (3, 3)
    lens : Lens
    sources : Sources
        Brightest first.
    stars_gcrs : (n, 3)
        Apparent directions, brightest first.
    hidden : (n,) bool
        Stars that the Earth covers.
    pairs : (sources, stars), optional
        Indices that are known to belong together to begin with.

    Returns
    -------
    StarFit or None
        None when too few stars match to fit anything, or only a lens that folds inside the picture does.
    """
    unit = max(lens.width_px, lens.height_px) / 1000.0
    f_prior_px = lens.f_px
    if pairs is not None:
        up = ~hidden[pairs[1]]
        pairs = (pairs[0][up], pairs[1][up])
    if pairs is not None and len(pairs[0]) >= 4:
        rot, lens, off = fit_pairs(rot, lens, stars_gcrs[pairs[1]], sources.xy_px[pairs[0]], f_prior_px, 2.0 * unit)
        good = off < 4.0 * unit
        if good.sum() >= 4:
            rot, lens, _ = fit_pairs(
                rot, lens, stars_gcrs[pairs[1][good]], sources.xy_px[pairs[0][good]], f_prior_px, unit
            )
    for radius_px in _RADII_PX:
        stars_px, which = comparable(stars_gcrs, rot, lens, len(sources), hidden)
        star, source = nearest_pairs(stars_px, sources.xy_px, radius_px * unit)
        if len(star) < 4:
            return None
        rot, lens, _ = fit_pairs(
            rot, lens, stars_gcrs[which[star]], sources.xy_px[source], f_prior_px, 0.35 * radius_px * unit
        )
    found = _judged(rot, lens, sources, stars_gcrs, hidden, f_prior_px, unit)
    return None if found is None or found.lens.folds else found  # a focal length that fell has brought the fold in


def _judged(
    rot: Array,
    lens: Lens,
    sources: Sources,
    stars_gcrs: Array,
    hidden: NDArray[np.bool_],
    f_prior_px: float,
    unit: float,
) -> StarFit | None:
    radius_px = _FINAL_RADIUS_PX * unit
    first_centre = (lens.cx_px, lens.cy_px)

    def rounds(rot: Array, lens: Lens, centre: bool, radii_px: tuple[float, ...]) -> _Round | None:
        done = None
        for reach_px in radii_px:
            stars_px, which = comparable(stars_gcrs, rot, lens, len(sources), hidden)
            star, source = nearest_pairs(stars_px, sources.xy_px, reach_px * unit)
            if len(star) < 4:
                return None
            softness_px = max(0.35 * reach_px, 0.5) * unit
            rot, lens, off = fit_pairs(
                rot, lens, stars_gcrs[which[star]], sources.xy_px[source], f_prior_px, softness_px, centre
            )
            done = _Round(rot, lens, which[star], source, off, stars_px)
        return done

    result = rounds(rot, lens, False, (_FINAL_RADIUS_PX,) * 3)
    if result is None:
        return None
    if len(result.star) >= _FREE_CENTRE_STARS:
        free = rounds(result.rot, result.lens, True, (*_RADII_PX[1:], *(_FINAL_RADIUS_PX,) * 3))
        if free is not None and free.rms_px / len(free.star) < _FREE_CENTRE_GAIN * result.rms_px / len(result.star):
            result = free
    lens = result.lens
    # count and measure over the stars that the picture shows reliably: fainter ones find partners by chance
    stars_px, which = comparable(stars_gcrs, result.rot, lens, len(sources), hidden)
    depth = reliable_depth(np.isin(which, result.star))
    bright = np.isin(result.star, which[:depth])
    near = result.off_px < 3.0 * max(float(np.sqrt(np.mean(result.off_px[bright] ** 2))), 0.1 * unit)
    keep = np.flatnonzero(bright & near)
    if len(keep) < 4:
        return None
    centre = (lens.cx_px, lens.cy_px) != first_centre
    star, source = result.star[keep], result.source[keep]
    rot, lens, off = fit_pairs(
        result.rot, lens, stars_gcrs[star], sources.xy_px[source], f_prior_px, 0.5 * unit, centre
    )
    if not centre:
        rot, lens, off = _other_centre(rot, lens, off, stars_gcrs[star], sources.xy_px[source], f_prior_px, unit)
    expected = chance_matches(stars_px[:depth], sources.xy_px, radius_px, (lens.width_px, lens.height_px))
    # the fit has five numbers of its own: two and a half stars lie where they are put
    log_chance = float(poisson.logsf(max(len(star) - 4, 0), max(expected, 0.05))) / math.log(10.0)
    if not math.isfinite(log_chance):
        log_chance = -400.0  # less than float64 can say
    return StarFit(rot, lens, source, star, float(np.sqrt(np.mean(off**2))), log_chance)


def _other_centre(
    rot: Array, lens: Lens, off: Array, dirs_gcrs: Array, seen_px: Array, f_prior_px: float, unit: float
) -> tuple[Array, Lens, Array]:
    """The fit about the middle of the pixel beside the picture's own middle, where the stars clearly prefer it."""
    pixel = replace(lens, cx_px=0.5 * lens.width_px + 0.5, cy_px=0.5 * lens.height_px + 0.5)
    other = fit_pairs(rot, pixel, dirs_gcrs, seen_px, f_prior_px, 0.5 * unit)

    def cost(gaps: Array) -> float:
        return float(np.sum(np.sqrt(1.0 + (gaps / (0.5 * unit)) ** 2) - 1.0))

    gain = len(off) * math.log(max(cost(off), 1e-12) / max(cost(other[2]), 1e-12))
    return other if gain > _PIXEL_GAIN else (rot, lens, off)


@dataclass(frozen=True, eq=False)
class _Round:
    rot: Array
    lens: Lens
    star: Indices
    source: Indices
    off_px: Array
    stars_px: Array

    @property
    def rms_px(self) -> float:
        return float(np.sqrt(np.mean(self.off_px**2)))
