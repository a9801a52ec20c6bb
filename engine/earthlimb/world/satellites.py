"""Other satellites around the picture: their places from element sets, the light of those in the Sun."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro.earth_rotation import rot_gcrs_from_teme
from earthlimb.astro.element_set import Elements
from earthlimb.astro.elements import parse_elements
from earthlimb.astro.magnitudes import standard_magnitude
from earthlimb.astro.timescale import Instant
from earthlimb.constants import SPEED_OF_LIGHT_KM_S
from earthlimb.errors import UsageError
from earthlimb.physics.satellites import satellite_vmag, sunlit_share
from earthlimb.scene import Scene

Array = NDArray[np.float64]

SOLAR_BV = 0.65
"""Colour index B - V: sunlight, reflected without a colour."""
_SAME_KM = 1.0
"""What stands nearer to the station, or to the list's own place of it, is part of it."""


@dataclass(frozen=True, eq=False)
class Satellites:
    """Satellites in sunlight around the picture, n of them, in the order of the file.

    Attributes
    ----------
    sets : tuple of Elements
    instant : Instant
        Middle of the exposure.
    vmag : (n,), at that instant
    near : (n,) bool
        Nearer than the lowest point of the line of sight: before the Earth and the air, never behind.
    """

    sets: tuple[Elements, ...]
    instant: Instant
    vmag: Array
    near: NDArray[np.bool_]

    def dir_gcrs(self, time_s: float, observer: tuple[Array, Array]) -> Array:
        """Apparent unit directions (n, 3) at a time from mid-exposure; no refraction.

        Light-time and aberration together are the relative motion during the light's way.
        """
        pos, vel, _ = _states(self.sets, self.instant, time_s)
        return _directions(pos, vel, *observer)[0]


def read_satellites(path: Path) -> tuple[Elements, ...]:
    """All sets of a file of TLEs or an OMM, any orbit round the Earth.

    Raises
    ------
    UsageError
        It cannot be read, or a set in it is broken; the message names file and line.
    """
    where = f"sky.satellites = {path}"
    try:
        return _parsed(path, path.stat().st_mtime_ns)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        raise UsageError(f"{where}: {reason}: a readable file of TLE or OMM sets is wanted: check the path") from error


@lru_cache(maxsize=2)
def _parsed(path: Path, changed_ns: int) -> tuple[Elements, ...]:
    return tuple(parse_elements(path.read_text(encoding="utf-8-sig"), f"sky.satellites = {path}", any_orbit=True))


def satellites_in_view(
    scene: Scene,
    instant: Instant,
    station: Elements,
    observer: Callable[[float], tuple[Array, Array]],
    sun_gcrs_km: Array,
    forward_gcrs: Array,
    around_rad: float,
) -> tuple[Satellites | None, list[str]]:
    """The satellites of a scene's file that may be seen, and warnings about sets that could not be used.

    Parameters
    ----------
    scene : Scene
    instant : Instant
    station : Elements
        The observer's own; this object is left out.
    observer : callable (time_s) -> position [km], velocity [km s-1], GCRS
    sun_gcrs_km : (3,)
        From the station to the Sun.
    forward_gcrs, around_rad
        Cone that holds the picture.

    Raises
    ------
    UsageError
        The file cannot be read, or a set in it is broken.
    """
    if scene.sky.satellites is None:
        return None, []
    best: dict[int, Elements] = {}
    for one in read_satellites(scene.sky.satellites):
        held = best.get(one.catalogue_number)
        if held is None or abs(one.age_days(instant)) < abs(held.age_days(instant)):
            best[one.catalogue_number] = one
    limit_days = scene.station.max_age_days
    fresh = [one for one in best.values() if abs(one.age_days(instant)) <= limit_days]
    pos, vel, fine = _states(fresh, instant, 0.0)
    old, lost = len(best) - len(fresh), int((~fine).sum())
    warnings = []
    if old or lost:
        reasons = [f"{old} more than station.max_age_days = {limit_days:g} from {instant.utc_iso(0)}"] if old else []
        reasons += [f"{lost} that SGP4 cannot carry there"] if lost else []
        warnings.append(
            f"sky.satellites = {scene.sky.satellites}: {old + lost} of {len(best)} satellites are left out, "
            f"{' and '.join(reasons)}: give elements closer to that time"
        )
    eye = observer(0.0)[0]
    direction, range_km = _directions(pos, vel, *observer(0.0))
    itself = np.array([one.catalogue_number == station.catalogue_number for one in fresh], bool)
    for place in (eye, *pos[itself & fine]):
        itself |= np.linalg.norm(pos - place, axis=-1) < _SAME_KM
    share = sunlit_share(pos, sun_gcrs_km / np.linalg.norm(sun_gcrs_km))
    towards_km = -(direction @ eye)
    closest_km = np.linalg.norm(eye + towards_km[:, None] * direction, axis=-1)
    hidden = (towards_km > 0.0) & (range_km > towards_km) & (closest_km < 6250.0)  # surely; the rest is told by the ray
    half_s = 0.5 * scene.camera.shutter_s if isinstance(scene.camera.shutter_s, float) else 0.0
    moved_rad = half_s * np.linalg.norm(vel - observer(0.0)[1], axis=-1) / np.maximum(range_km, _SAME_KM)
    inside = direction @ forward_gcrs >= np.cos(np.minimum(around_rad + moved_rad, np.pi))
    keep = np.flatnonzero(fine & ~itself & ~hidden & inside & (share > 0.0))
    sun = eye + sun_gcrs_km - pos[keep]
    sun /= np.linalg.norm(sun, axis=-1, keepdims=True)
    phase = np.arccos(np.clip(-np.sum(sun * direction[keep], axis=-1), -1.0, 1.0))
    sets = tuple(fresh[i] for i in keep)
    vmag = satellite_vmag(_standard_magnitudes(sets, scene), range_km[keep], phase, share[keep])
    return Satellites(sets, instant, vmag, range_km[keep] < towards_km[keep]), warnings


def _standard_magnitudes(sets: Sequence[Elements], scene: Scene) -> Array:
    """Of known satellites (n,) those of the table, of all others the scene's."""
    known = [standard_magnitude(one.name, one.catalogue_number) for one in sets]
    return np.array([scene.sky.satellites_std_mag if mag is None else mag for mag in known], np.float64)


def _states(sets: Sequence[Elements], instant: Instant, time_s: float) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Positions and velocities (n, 3), GCRS, a time from an instant, and whether SGP4 gives them (else no place)."""
    found = [one.satrec.sgp4_tsince((instant.minus(one.epoch) + time_s) / 60.0) for one in sets]
    state = np.array([(pos, vel) for _, pos, vel in found], np.float64).reshape(-1, 2, 3)
    fine = (np.array([code for code, _, _ in found], int) == 0) & np.isfinite(state).all(axis=(1, 2))
    pos_vel = np.where(fine[:, None, None], state, 0.0) @ rot_gcrs_from_teme(instant).T
    pos_vel[~fine, 0] = 6400.0, 0.0, 0.0
    return pos_vel[:, 0], pos_vel[:, 1], fine


def _directions(pos: Array, vel: Array, eye: Array, eye_vel: Array) -> tuple[Array, Array]:
    """Apparent directions (n, 3) and ranges (n,) [km]."""
    apart = pos - eye
    range_km = np.maximum(np.linalg.norm(apart, axis=-1), 1e-6)
    apart = apart - (vel - eye_vel) * (range_km / SPEED_OF_LIGHT_KM_S)[:, None]
    return apart / np.maximum(np.linalg.norm(apart, axis=-1, keepdims=True), 1e-6), range_km
