"""How a moving camera draws points out into streaks, and how many straight pieces follow them. Float64."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from earthlimb.physics.lens import Lens

Floats = NDArray[np.float64]

Pose = Callable[[float], tuple[Floats, Floats]]
"""Camera from GCRS (3, 3) and the station's position (3,) [km], GCRS, at a time from mid-exposure [s]."""
BOW_PX = 0.1
"""A streak's straight piece may leave the true path by this."""
SINK_RAD = 1e-3
"""Way of the picture during a piece: 2.3 km of tangent height at the limb, a third of the air's scale height."""
MAX_SEGMENTS = 256
_SMOOTH_PROBES, _STRAIGHT_RAD = 16, 2.5e-4
"""A smooth path that turns by less bows a streak by 1e-8 f and, at 60 deg from the axis, turns by SINK_RAD at most."""


def turned_rad(pose: Pose, rot_cam_from_gcrs: Floats, shutter_s: float, segments: int) -> float:
    """Largest turn of the camera away from mid-exposure, rad."""
    times = ((0.5 * k / segments - 0.5) * shutter_s for k in range(2 * segments + 1))
    traces = [float(np.vdot(pose(t)[0], rot_cam_from_gcrs)) for t in times]
    return math.acos(min(max(0.5 * (min(traces) - 1.0), -1.0), 1.0))


def pose_segments(pose: Pose, lens: Lens, shutter_s: float, n_probes: int = 1024) -> int:
    """Straight pieces that follow the streaks of a motion within BOW_PX, at most MAX_SEGMENTS.

    `n_probes`, a power of 2, is how many steps of the path are looked at: 16 do for one without shake.

    Also so many that no star near the limb sinks by more than SINK_RAD during a piece, for its extinction.
    """
    if shutter_s <= 0.0:
        return 1
    if n_probes <= _SMOOTH_PROBES and turned_rad(pose, pose(0.0)[0], shutter_s, 1) <= _STRAIGHT_RAD:
        return 1
    span = [(0.1 * side, 0.9 * side, 3) for side in (lens.width_px, lens.height_px)]
    rays = lens.grid_rays(*span).reshape(-1, 3) @ pose(0.0)[0]
    cameras = np.stack([pose(t * shutter_s)[0] for t in np.linspace(-0.5, 0.5, n_probes + 1).tolist()])
    path = lens.project(rays @ cameras.transpose(0, 2, 1))
    places = np.nan_to_num(np.stack(path[:2], axis=1))  # (times, 2, rays)
    turn = np.linalg.norm(np.diff(places, axis=0), axis=1).sum(axis=0).max() / lens.f_px
    pieces = 2 ** max(math.ceil(math.log2(max(turn / SINK_RAD, 1.0))), 0)
    at = np.arange(n_probes + 1)
    most = min(MAX_SEGMENTS, n_probes)
    while pieces < most:
        step = n_probes // pieces
        knots = at[::step]
        i = np.minimum(at // step, pieces - 1)
        share = ((at - i * step) / step)[:, None, None]
        straight = places[knots[i]] * (1.0 - share) + places[knots[i + 1]] * share
        if np.abs(straight - places).max() <= BOW_PX:
            break
        pieces *= 2
    return min(pieces, most)
