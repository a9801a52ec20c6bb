"""Turns of the station from one attitude to another: smooth at both ends, at a rate that it can have."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import erfa
import numpy as np
from numpy.typing import NDArray

from earthlimb.errors import UsageError

Array = NDArray[np.float64]

FRAME_CHANGE_S = 120.0
"""Shortest time in which the station takes up or sheds the orbit's 0.065 degrees a second, s: 0.0008 deg s-2 at most,
as thrusters do it."""
_STEPS = 128
_ROUNDS = 60
_CLOSED_RAD = 1e-12
_DIFFERENCE_RAD = 1e-6
_LONGEST_STEP_RAD = 0.5


def rotation_vector(rotation: Array) -> Array:
    """Vector (3,) [rad] about which the axes turn by a rotation (3, 3); a half turn takes +Z for its sense.

    Examples
    --------
    >>> np.round(rotation_vector(np.diag([-1.0, -1.0, 1.0])), 6).tolist()
    [0.0, 0.0, 3.141593]
    """
    m = np.asarray(rotation, np.float64)
    # the four forms of the quaternion; the largest of its parts divides without loss
    forms = np.array(
        [
            [1.0 + m[0, 0] + m[1, 1] + m[2, 2], m[1, 2] - m[2, 1], m[2, 0] - m[0, 2], m[0, 1] - m[1, 0]],
            [m[1, 2] - m[2, 1], 1.0 + m[0, 0] - m[1, 1] - m[2, 2], m[0, 1] + m[1, 0], m[2, 0] + m[0, 2]],
            [m[2, 0] - m[0, 2], m[0, 1] + m[1, 0], 1.0 - m[0, 0] + m[1, 1] - m[2, 2], m[1, 2] + m[2, 1]],
            [m[0, 1] - m[1, 0], m[2, 0] + m[0, 2], m[1, 2] + m[2, 1], 1.0 - m[0, 0] - m[1, 1] + m[2, 2]],
        ]
    )
    q = forms[int(np.argmax(np.diag(forms)))]
    q = q / np.linalg.norm(q)
    if abs(q[0]) < 1e-6:  # a half turn within 0.0001 degrees: rounding must not choose its sense
        q = q * np.sign(next(part for part in (q[3], q[2], q[1]) if abs(part) > 1e-3))
    elif q[0] < 0.0:
        q = -q
    half = math.atan2(float(np.linalg.norm(q[1:])), float(q[0]))
    length = float(np.linalg.norm(q[1:]))
    vector: Array = q[1:] * (2.0 * half / length if length > 0.0 else 2.0)
    return vector


@dataclass(frozen=True, eq=False)
class Turn:
    """One turn, seen from the local frame.

    Attributes
    ----------
    start_s, duration_s : float
        When it begins, and how long it lasts [s].
    leaves_inertial, ends_inertial : bool
        Whether the attitude before and after stays among the stars rather than in the local frame.
    orbit_rad_s : float
        Rate of the local frame.
    across_rad : ndarray (3,)
        What the station turns through beyond the blend of the two holds, LVLH.
    nodes : ndarray (n + 1, 3, 3)
        Body from LVLH at even times.

    Notes
    -----
    With u from 0 to 1 and s = u u (3 - 2 u) the body turns in LVLH by w_before (1 - s) + w_after s + across ds/dt,
    where a hold among the stars turns by the orbit's rate about +Y and one in LVLH rests. Rates are continuous; the
    peak of the last part is 1.5 |across| / duration.
    """

    start_s: float
    duration_s: float
    leaves_inertial: bool
    ends_inertial: bool
    orbit_rad_s: float
    across_rad: Array
    nodes: Array

    @property
    def end_s(self) -> float:
        """When it ends [s]."""
        return self.start_s + self.duration_s

    def at(self, t_s: float) -> tuple[Array, Array]:
        """Body from LVLH (3, 3) at a time within the turn [s], and its rate in and along LVLH (3,) [rad s-1]."""
        u = min(max((t_s - self.start_s) / self.duration_s, 0.0), 1.0)
        k = min(int(u * _STEPS), _STEPS - 1)
        args = self.duration_s, self.leaves_inertial, self.ends_inertial, self.orbit_rad_s, self.across_rad
        body: Array = self.nodes[k] @ erfa.rv2m(_turned_rad(k / _STEPS, u, *args))
        s = u * u * (3.0 - 2.0 * u)
        follow = self.orbit_rad_s * ((1.0 - s) * self.leaves_inertial + s * self.ends_inertial)
        rate: Array = np.array([0.0, follow, 0.0]) + self.across_rad * 6.0 * u * (1.0 - u) / self.duration_s
        return body, rate


def _turned_rad(
    u0: Array | float,
    u1: Array | float,
    duration_s: float,
    leaves: bool,
    ends: bool,
    orbit_rad_s: float,
    across_rad: Array,
) -> Array:
    """Integral (..., 3) of the rate from u0 to u1."""
    u0, u1 = np.asarray(u0, np.float64), np.asarray(u1, np.float64)
    s0, s1 = (u * u * (3.0 - 2.0 * u) for u in (u0, u1))
    area = (u1**3 - 0.5 * u1**4) - (u0**3 - 0.5 * u0**4)  # of s
    follow = orbit_rad_s * duration_s * (leaves * (u1 - u0) + (float(ends) - float(leaves)) * area)
    return np.asarray(follow[..., None] * np.array([0.0, 1.0, 0.0]) + (s1 - s0)[..., None] * across_rad)


def _nodes(body: Array, duration_s: float, leaves: bool, ends: bool, orbit_rad_s: float, across_rad: Array) -> Array:
    u = np.arange(_STEPS + 1) / _STEPS
    steps = erfa.rv2m(_turned_rad(u[:-1], u[1:], duration_s, leaves, ends, orbit_rad_s, across_rad))
    nodes = [np.asarray(body, np.float64)]
    for step in steps:
        nodes.append(nodes[-1] @ step)
    return np.stack(nodes)


def plan_turn(
    start_s: float,
    body_from_lvlh: Array,
    leaves_inertial: bool,
    target: Callable[[float], Array] | None,
    ends_inertial: bool,
    rate_rad_s: float,
    orbit_rad_s: float,
) -> Turn:
    """The turn to another attitude.

    Parameters
    ----------
    start_s : float
        When it begins [s].
    body_from_lvlh : (3, 3) array
        The attitude at that time.
    leaves_inertial, ends_inertial : bool
        Whether the attitude before and after stays among the stars.
    target : callable, or None
        Body from LVLH (3, 3) that the end wants at a time [s]; None: wherever the turn comes to rest.
    rate_rad_s : float
        Highest rate of the turn [rad s-1], beyond the rate that the frames differ by.
    orbit_rad_s : float
        Rate of the local frame [rad s-1].

    Raises
    ------
    UsageError
        The rate is too low to catch up with an attitude that moves away.
    """
    changes = leaves_inertial != ends_inertial
    across = np.zeros(3)
    duration_s = FRAME_CHANGE_S if changes else 1.0

    def missed(duration_s: float, across: Array) -> tuple[Array, Array]:
        nodes = _nodes(body_from_lvlh, duration_s, leaves_inertial, ends_inertial, orbit_rad_s, across)
        return nodes, rotation_vector(nodes[-1].T @ wanted) if target is not None else np.zeros(3)

    def closed(across: Array) -> tuple[Array, Array]:
        """Newton's steps: the turns do not commute, so the miss is not what is lacking."""
        for _ in range(_ROUNDS):
            nodes, miss = missed(duration_s, across)
            if float(np.linalg.norm(miss)) < _CLOSED_RAD:
                return across, nodes
            slopes = [(missed(duration_s, across + h)[1] - miss) / _DIFFERENCE_RAD for h in _DIFFERENCE_RAD * np.eye(3)]
            step = -np.linalg.lstsq(np.stack(slopes, axis=1), miss, rcond=1e-6)[0]
            across = across + step * min(1.0, _LONGEST_STEP_RAD / float(np.linalg.norm(step)))
        return across, np.empty(0)

    for _ in range(_ROUNDS):
        wanted = target(start_s + duration_s) if target is not None else np.eye(3)
        across, nodes = closed(across)
        needed_s = 1.5 * float(np.linalg.norm(across)) / rate_rad_s
        # whole seconds, so that it settles and reads well; the rate is then a little lower
        wanted_s = float(math.ceil(max(needed_s - 1e-6, FRAME_CHANGE_S if changes else 1.0)))
        if needed_s > 86400.0 or not nodes.size:
            break
        if duration_s >= wanted_s and duration_s - wanted_s <= 1.0:
            return Turn(start_s, duration_s, leaves_inertial, ends_inertial, orbit_rad_s, across, nodes)
        duration_s = wanted_s
    raise UsageError(
        f"video.event.manoeuvre.rate_deg_s = {math.degrees(rate_rad_s):g}: too slow to reach an attitude from which "
        "the orbit carries the station away: 0.1 to 0.2 is usual: make it larger"
    )
