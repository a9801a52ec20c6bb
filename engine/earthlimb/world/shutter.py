"""Into how many instants an exposure is divided, by how far the picture moves while the shutter is open."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro.frames import rot_lvlh_from_gcrs
from earthlimb.physics.geometry import ellipsoid_range_km
from earthlimb.physics.lens import Lens
from earthlimb.world.state import WorldState

Array = NDArray[np.float64]

MAX_SUBFRAMES = 256
"""Most instants of one exposure; longer ones are averaged in coarser steps, with a warning."""
STILL_PX = 4.0
"""A photograph's ground that moves less than this is drawn once, its lights averaged along the motion."""
LIMB_STILL_PX = 1.0
"""A limb that moves less than this is drawn once, at mid-exposure."""
STEP_PX = 1.0
"""Image motion between instants; the pixel's own footprint fills the gap."""
COARSE_PX = 1.5
"""Steps above this are told to the user."""
SKY_STEP_PX = 8.0
"""The Milky Way's map has nothing finer: a texel is 0.18 deg, 3 px of a 28 mm lens at 1000 px."""
SLICE_S = 20.0
"""Time that one emission field and one limb map serve: 75 km of flight each way."""
_LONGEST_SLICE_S = 60.0
_MANY_SLICES = 16
_GRID = (9, 7)
_STEADY_INSTANTS, _SHAKEN_INSTANTS = 3, 17


@dataclass(frozen=True)
class ImageMotion:
    """Longest path of anything in the picture over the exposure, px: ground points, limb, sky."""

    ground_px: float
    limb_px: float
    sky_px: float


@dataclass(frozen=True)
class Slice:
    """A part of an exposure that shares emission field and limb map.

    Attributes
    ----------
    middle_s : time of the tables, from mid-exposure
    ground_s, limb_s, sky_s : instants at which the parts of the picture are drawn
    share : of the exposure
    length_s : its part of the open time
    ground_px : longest path of the ground in the time of one of its instants
    """

    middle_s: float
    ground_s: tuple[float, ...]
    limb_s: tuple[float, ...]
    sky_s: tuple[float, ...]
    share: float
    length_s: float
    ground_px: float

    def times_s(self, parts: frozenset[str]) -> tuple[float, ...]:
        """The instants of a pass that draws these parts of passes/view.frag: those of the fastest."""
        times: list[tuple[float, ...]] = [(self.middle_s,)]
        times += [self.ground_s] if parts & {"LIGHTS", "SURFACE"} else []
        times += [self.limb_s] if parts & {"AIRGLOW", "AIRGLOW_SIX"} else []
        times += [self.sky_s] if "MILKY_WAY" in parts else []
        return max(times, key=len)


def image_motion(world: WorldState) -> ImageMotion:
    """How far the picture of a world moves while its shutter is open; kept as long as the world is.

    Speeds of a grid of pixels at a few instants (more under shake), the fastest of each instant, times the shutter;
    of a brief exposure the whole way at once.
    """
    if world not in _motions:
        _motions[world] = _image_motion(world)
    return _motions[world]


_motions: WeakKeyDictionary[WorldState, ImageMotion] = WeakKeyDictionary()
"""The warning of a coarse exposure and the exposure itself ask for the same."""


def _image_motion(world: WorldState) -> ImageMotion:
    motion, lens = world.motion, world.lens
    n = 1 if motion.brief else _STEADY_INSTANTS if motion.shake.still else _SHAKEN_INSTANTS
    step_s = motion.shutter_s if motion.brief else min(motion.shutter_s / n, 0.01)
    rays, x0, y0 = _grid(lens)
    starts_s = [((i + 0.5) / n - 0.5) * motion.shutter_s - 0.5 * step_s for i in range(n)]
    cam0, itrs0, eye0, lvlh0 = _at_all(world, starts_s)
    cam1, itrs1, eye1, lvlh1 = _at_all(world, [start_s + step_s for start_s in starts_s])
    sky = rays @ cam0  # GCRS, (n, rays, 3)
    earth = sky @ _turned(itrs0)
    far = ellipsoid_range_km(eye0[:, None], earth)[..., None]
    # a ray that misses it gets no direction, which has no place in the picture
    ground = np.where(np.isfinite(far), eye0[:, None] + far * earth - eye1[:, None], 0.0)
    limb = sky @ _turned(lvlh0) @ lvlh1  # the layers stay where they are to the local vertical
    x, y, _ = lens.project(np.stack([ground @ itrs1, limb, sky]) @ _turned(cam1))
    distance_px = np.hypot(x - x0, y - y0)
    fastest_px = np.max(distance_px, axis=-1, initial=0.0, where=np.isfinite(distance_px)).sum(axis=-1)
    ground_px, limb_px, sky_px = (fastest_px * motion.shutter_s / (n * step_s)).tolist()
    return ImageMotion(ground_px, limb_px, sky_px)


@lru_cache(maxsize=4)
def _grid(lens: Lens) -> tuple[Array, Array, Array]:
    """Rays (n, 3) and places (n,) of pixels all over the picture."""
    columns, rows = (0.0, lens.width_px, _GRID[0]), (0.0, lens.height_px, _GRID[1])
    x_px, y_px = np.meshgrid(np.linspace(*columns), np.linspace(*rows))
    return lens.grid_rays(columns, rows).reshape(-1, 3), x_px.ravel(), y_px.ravel()


def _turned(matrices: Array) -> Array:
    """Matrices (n, 3, 3) transposed."""
    return matrices.transpose(0, 2, 1)


def _at_all(world: WorldState, times_s: Sequence[float]) -> tuple[Array, ...]:
    """What `_where` gives, for several times."""
    return tuple(np.stack(parts) for parts in zip(*(_where(world, t) for t in times_s), strict=True))


def _where(world: WorldState, time_s: float) -> tuple[Array, Array, Array, Array]:
    """Camera and Earth from GCRS, the station in ITRS [km], LVLH from GCRS."""
    pos, vel = world.motion.station(time_s)
    itrs = world.motion.itrs_from_gcrs(time_s)
    return world.motion.cam_from_gcrs(time_s), itrs, itrs @ pos, rot_lvlh_from_gcrs(pos, vel)


def ground_path(world: WorldState, middle_s: float, length_s: float) -> tuple[Array, Array]:
    """How the place that a pixel sees goes over the ground in a time about `middle_s`.

    Returns
    -------
    turn, shift_km : (3, 3), (3,)
        A point that stays `p` km from the eye on a pixel's ray goes by `turn @ p + shift`; ITRS.
    """
    cam, itrs, _, _ = _where(world, middle_s)
    turn, shift = np.zeros((3, 3)), np.zeros(3)
    for sign in (-1.0, 1.0):
        cam_then, itrs_then, eye_then, _ = _where(world, middle_s + sign * 0.5 * length_s)
        turn += sign * itrs_then @ cam_then.T @ cam @ itrs.T
        shift += sign * eye_then
    return turn, shift


def slices(world: WorldState, still_px: float = STILL_PX, n_instants: int | None = None) -> tuple[list[Slice], float]:
    """Divide an exposure.

    Parameters
    ----------
    world : WorldState
    still_px : float
        Parts that move less are drawn once.
    n_instants : int, optional
        That many instants for every part, whatever moves.

    Returns
    -------
    slices : list of Slice
        Instants are midpoints of equal pieces of time.
    step_px : float
        Image motion of the fastest part between its instants where MAX_SUBFRAMES was reached, else 0.
    """
    shutter_s = world.motion.shutter_s
    moved = image_motion(world)
    longest_s = min(max(SLICE_S, shutter_s / _MANY_SLICES), _LONGEST_SLICE_S)
    n_slices = max(math.ceil(shutter_s / longest_s), 1)
    most = max(MAX_SUBFRAMES // n_slices, 1)
    if n_instants is not None:
        counts = [max(n_instants // n_slices, 1)] * 3
    else:
        still_px = still_px if world.motion.shake.still else min(still_px, STEP_PX)  # a hand's path is not straight
        wanted = (
            _count(moved.ground_px, still_px, STEP_PX),
            _count(moved.limb_px, min(still_px, LIMB_STILL_PX), STEP_PX),
            _count(moved.sky_px, SKY_STEP_PX, SKY_STEP_PX),
        )
        counts = [min(math.ceil(n / n_slices), most) for n in wanted]
    length_s = shutter_s / n_slices
    found = []
    for i in range(n_slices):
        middle_s = (i + 0.5) * length_s - 0.5 * shutter_s
        ground, limb, sky = (tuple(middle_s + length_s * ((j + 0.5) / n - 0.5) for j in range(n)) for n in counts)
        found.append(
            Slice(middle_s, ground, limb, sky, 1.0 / n_slices, length_s, moved.ground_px / (n_slices * counts[0]))
        )
    paths = zip((moved.ground_px, moved.limb_px), counts, strict=False)
    step_px = max((path / (n_slices * n) for path, n in paths if n >= most), default=0.0)
    return found, step_px


def _count(moved_px: float, still_px: float, step_px: float) -> int:
    return 1 if moved_px <= still_px else math.ceil(min(moved_px / step_px, 1e6))
