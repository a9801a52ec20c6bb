"""From a photograph and element sets to the camera's pose, its lens and the time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro.element_set import Elements
from earthlimb.astro.orbit import StationState, station_state
from earthlimb.astro.stars import apparent_directions, load_catalogue
from earthlimb.astro.timescale import Instant
from earthlimb.errors import UsageError, WorkError
from earthlimb.physics.lens import Lens
from earthlimb.solve.detect import Sources, find_sources
from earthlimb.solve.fit import StarFit
from earthlimb.solve.lights import LightsTime, LightsView, lights_time
from earthlimb.solve.limb import LimbTime, limb_time
from earthlimb.solve.photo import Photo
from earthlimb.solve.pose import find_pose

Array = NDArray[np.float64]
Tell = Callable[[str, int, int], None]
"""What hears how far a solution is: what is done, steps before it, steps in all."""

REACH_S = 900.0
"""Largest error of clock and elements together that is looked for [s]."""
_HIDDEN_RADS = (math.radians(16.0), math.inf)
"""Stars this far inside the Earth's disc stay hidden when the clock is right to four minutes; next, none is."""
_LIGHTS_REACH_S = 75.0
"""The same for towns without a limb: the search is long, and more places look like one another."""
_NEAR_LIMB_S = 8.0
_OLD_KM_PER_DAY2 = 1.2
"""Along-track error of elements: at the Italy photograph seven shipped sets 6 to 19 days away differ from that day's by
0.8 to 3.7 km per day squared (median 1.2), and by 15 and 29 where the station's orbit was raised in between."""
_ORBIT_KM_S = 7.66


@dataclass(frozen=True, eq=False)
class Solution:
    """What a photograph tells.

    Attributes
    ----------
    axes_gcrs : (3, 3) rows right, down, forward
    lens : Lens
        In pixels of the file's picture.
    instant : Instant
        When the elements put the station where the photograph was taken.
    clock_error_s : float or None
        What must be added to the camera's time [s], along-track error of the elements included; None when neither
        limb nor towns tell.
    clock_sigma_s : float or None
        Standard error of that sum [s].
    elements_age_days, elements_sigma_s : float
        Age of the elements [d], and what their along-track error is likely to contribute to `clock_error_s` [s].
    stars_matched : int
    rms_px : float
    limb, lights : what limb and towns say, or None
    """

    axes_gcrs: Array
    lens: Lens
    instant: Instant
    clock_error_s: float | None
    clock_sigma_s: float | None
    elements_age_days: float
    elements_sigma_s: float
    stars_matched: int
    rms_px: float
    limb: LimbTime | None
    lights: LightsTime | None

    def as_json(self) -> dict[str, Any]:
        """The contract's object."""
        return {
            "axes_gcrs": axes_table(self.axes_gcrs),
            "f_px": self.lens.f_px,
            "cx_px": self.lens.cx_px,
            "cy_px": self.lens.cy_px,
            "k1": self.lens.k1,
            "utc": self.instant.utc_iso(3),
            "clock_error_s": None if self.clock_error_s is None else round(self.clock_error_s, 3),
            "clock_sigma_s": None if self.clock_sigma_s is None else round(self.clock_sigma_s, 3),
            "elements_age_days": round(self.elements_age_days, 3),
            "elements_sigma_s": round(self.elements_sigma_s, 3),
            "stars_matched": self.stars_matched,
            "rms_px": self.rms_px,
        }


def axes_table(axes_gcrs: Array) -> dict[str, list[float]]:
    """Right, down and forward as lists with 12 digits."""
    names = ("right", "down", "forward")
    return {name: [round(float(v), 12) for v in row] for name, row in zip(names, axes_gcrs, strict=True)}


def solve_photo(
    photo: Photo, elements: Elements, instant: Instant, tell: Tell = lambda what, done, of: None
) -> Solution:
    """Pose, lens and time of a photograph.

    Parameters
    ----------
    photo : Photo
    elements : Elements
    instant : Instant
        The camera's time, right to REACH_S.
    tell : function
        Told of each step; an unsolvable picture takes a minute or two.

    Raises
    ------
    WorkError
        No stars, or none that fit.
    """
    rgb = photo.rgb
    height, width = rgb.shape[:2]
    grey = np.ascontiguousarray(rgb.mean(axis=2))
    state = station_state(elements, instant)
    stars = apparent_directions(load_catalogue(9.0), instant, state.vel_gcrs_km_s)
    fit = _pose(find_sources(grey), (width, height), stars, state, photo.focal_mm, tell)
    tell("time from limb and towns", 1, 1)
    limb, lights = _clock(rgb, grey, fit, elements, instant)
    told = lights if lights is not None else limb
    shift_s = None if told is None else told.shift_s
    age_days = elements.age_days(instant)
    scale = max(photo.width_px, photo.height_px) // max(width, height) if photo.width_px != width else 1
    lens = replace(
        fit.lens, f_px=fit.lens.f_px * scale, cx_px=float(fit.lens.cx_px) * scale, cy_px=float(fit.lens.cy_px) * scale,
        width_px=photo.width_px, height_px=photo.height_px,
    )  # fmt: skip
    return Solution(
        fit.rot_cam_from_gcrs,
        lens,
        instant.shifted(shift_s or 0.0),
        shift_s,
        None if told is None else told.sigma_s,
        age_days,
        _OLD_KM_PER_DAY2 * age_days * age_days / _ORBIT_KM_S,
        len(fit.star),
        fit.rms_px * scale,
        limb,
        lights,
    )


def _pose(
    sources: Sources,
    size_px: tuple[int, int],
    stars_gcrs: Array,
    state: StationState,
    focal_mm: float | None,
    tell: Tell,
) -> StarFit:
    """The pose without the stars that the Earth hides if the clock is about right, else with all."""
    refused: WorkError | None = None
    for i, margin_rad in enumerate(_HIDDEN_RADS):

        def told(f_mm: float, done: int, of: int, i: int = i) -> None:
            tell(f"stars, {f_mm:.0f} mm", i * of + done, len(_HIDDEN_RADS) * of)

        try:
            return find_pose(sources, *size_px, stars_gcrs, _hidden(stars_gcrs, state, margin_rad), focal_mm, told)
        except WorkError as error:
            refused = error
    assert refused is not None
    raise refused


def _hidden(stars_gcrs: Array, state: StationState, margin_rad: float) -> NDArray[np.bool_]:
    """Stars that far behind the edge of the Earth."""
    distance = float(np.linalg.norm(state.pos_gcrs_km))
    disc = max(math.asin(6371.0 / distance) - margin_rad, 0.0)
    return np.asarray(stars_gcrs @ (-state.pos_gcrs_km / distance) > math.cos(disc))


def _clock(
    rgb: NDArray[np.float32], grey: NDArray[np.float32], fit: StarFit, elements: Elements, instant: Instant
) -> tuple[LimbTime | None, LightsTime | None]:
    """What limb and towns say: the limb where to look, the towns the second."""
    rot, lens = fit.rot_cam_from_gcrs, fit.lens
    limb = limb_time(np.ascontiguousarray(rgb[..., 1]), rot, lens, elements, instant, REACH_S)
    about_s = 0.0 if limb is None else limb.shift_s
    try:
        view = LightsView(grey, rot, lens, elements, instant, about_s)
        near_s = _LIGHTS_REACH_S if limb is None else max(_NEAR_LIMB_S, 3.0 * limb.sigma_s)
        lights = lights_time(view, about_s, near_s)
    except UsageError:  # elements that end within the search
        lights = None
    return limb, lights


def explain(solution: Solution) -> str:
    """One line on where the time comes from."""
    parts = []
    if solution.lights is not None:
        parts.append(
            f"towns: {solution.lights.shift_s:+.2f} +- {solution.lights.sigma_s:.2f} s (correlation "
            f"{solution.lights.correlation:.2f}, {solution.lights.cross_km:+.0f} km across the track)"
        )
    limb = solution.limb
    if limb is not None:
        parts.append(f"limb: {limb.shift_s:+.1f} +- {limb.sigma_s:.1f} s (airglow up to {limb.edge_km:.0f} km)")
    if not parts:
        parts.append(
            f"neither limb nor towns tell the time (looked for: {REACH_S:.0f} s around the camera's, which is kept)"
        )
    if abs(solution.elements_age_days) > 3.0:
        parts.append(
            f"elements {abs(solution.elements_age_days):.0f} days away: some {solution.elements_sigma_s:.0f} s of the "
            "clock's error may be theirs, minutes if the orbit was raised in between"
        )
    return "; ".join(parts)
