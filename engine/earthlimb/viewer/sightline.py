"""The airglow that one line of sight collects: the float64 march along a single ray, for the read-out."""

from __future__ import annotations

from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from earthlimb.constants import ALT_HIGH_KM, ALT_HIGH_STEP_KM, ALT_LOW_KM, ALT_LOW_STEP_KM
from earthlimb.physics.airglow_march import Ray, altitude_km, march, march_rows, night_fraction, shell_pieces
from earthlimb.physics.geometry import itrs_from_geodetic
from earthlimb.physics.low_atmosphere import LowAtmosphere
from earthlimb.renderer.detector import TRANSMISSION_STEP_KM, far_leg_transmission
from earthlimb.world import WorldState
from earthlimb.world.emission_field import GRID_REACH

Array = NDArray[np.float64]

LOW_SAMPLES, HIGH_SAMPLES = 40, 20
"""Midpoints a leg; twice those of the picture, 0.1 % of the local column."""


@lru_cache(maxsize=1)
def _transmission() -> Array:
    """(n, 6): the shipped tables of the lower air are the same in every scene."""
    return far_leg_transmission(LowAtmosphere.load())


def _sampled(table: NDArray[np.float32], at_local_km: Array, alt_km: Array, first_km: float, step_km: float) -> Array:
    """Emission rates (n, 6) of a table (north, east, altitude, 6) at positions (n, 3), linear between its nodes.

    Outside the table its edge counts, as the GPU's textures have it.
    """
    radius = np.linalg.norm(at_local_km, axis=-1)
    nodes, rows = table.shape[0], table.shape[2]
    across = (at_local_km[:, :2] / (radius[:, None] * GRID_REACH) * 0.5 + 0.5) * (nodes - 1.0)
    place = np.column_stack([across[:, 1], across[:, 0], (alt_km - first_km) / step_km])
    last = np.array([nodes - 1.0, nodes - 1.0, rows - 1.0])
    place = np.clip(place, 0.0, last)
    low = np.minimum(place.astype(np.int64), (last - 1.0).astype(np.int64))
    share = place - low
    total = np.zeros((len(place), 6))
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod(np.where(np.array(corner) == 1, share, 1.0 - share), axis=1)
        i, j, k = (low + np.array(corner)).T
        total += weight[:, None] * table[i, j, k]
    return total


def airglow_rayleigh(world: WorldState, dir_gcrs: Array) -> Array:
    """Column emission (6,), rayleigh reaching the eye, in the order of EMISSIONS.

    Parameters
    ----------
    world : WorldState
    dir_gcrs : (3,) unit vector
        Direction of a straight ray from the station.

    Notes
    -----
    The same ray, shells, shadow and transmission as shaders/interface/airglow.glsl (`airglow_seen`), without the
    detour over the limb map, and past the station and through its panes: the layers `airglow.*` of a picture agree
    within the map's own error.
    """
    passes = 1.0 if world.station is None else world.station.passes(world.rot_cam_from_gcrs @ np.asarray(dir_gcrs))
    if passes == 0.0:
        return np.zeros(6)
    local = world.rot_local_from_gcrs @ np.asarray(dir_gcrs, np.float64)
    pole = world.rot_local_from_itrs[:, 2]
    sun = world.rot_local_from_gcrs @ world.sun_dir_gcrs
    ray = Ray.from_eye(local, float(np.linalg.norm(world.pos_iss_itrs_km)))
    lowest_km = float(altitude_km(ray.at(np.array([0.0])), pole)[0])
    field, factors = world.emission, world.scene.airglow.factors
    low_bounds_km, high_bounds_km = field.bounds_km(factors, world.raised_km)
    near, far = np.zeros(6), np.zeros(6)
    shells = (
        (field.low, low_bounds_km, ALT_LOW_KM[0] + world.raised_km, ALT_LOW_STEP_KM, LOW_SAMPLES),
        (field.high, high_bounds_km, ALT_HIGH_KM[0], ALT_HIGH_STEP_KM, HIGH_SAMPLES),
    )
    for table, (bottom_km, top_km), first_km, step_km, n in shells:
        if top_km <= bottom_km:
            continue

        def rates(
            at: Array,
            alt_km: Array,
            table: NDArray[np.float32] = table,
            first_km: float = first_km,
            step: float = step_km,
        ) -> Array:
            of_night = _sampled(table, at, alt_km, first_km, step)
            return of_night * night_fraction(at, sun, pole)[:, None] if field.night_only else of_night

        if field.rows is not None:
            rows_km: Array = first_km + step_km * np.arange(table.shape[2], dtype=np.float64)
            by_row = partial(rates, alt_km=rows_km)
            behind, ahead = (march_rows(by_row, ray, rows_km, side, pole) for side in (-1.0, 1.0))
            near += behind
            if ray.eye_s_km >= 0.0:
                near += ahead
            elif lowest_km > 0.0:
                far += ahead
            continue

        def emission(at: Array) -> Array:
            return rates(at, altitude_km(at, pole))

        pieces = shell_pieces(ray, bottom_km, top_km, pole)
        if pieces[1] > pieces[0]:
            near += march(emission, ray, pieces[0], pieces[1], n)
        if ray.eye_s_km < 0.0 and lowest_km > 0.0 and pieces[3] > pieces[2]:
            far += march(emission, ray, pieces[2], pieces[3], n)
    shares = _transmission()
    heights = TRANSMISSION_STEP_KM * np.arange(len(shares))
    through = np.array([np.interp(lowest_km, heights, shares[:, k], left=0.0, right=1.0) for k in range(6)])
    return np.asarray((near + far * through) * factors * passes)


def profile_at(world: WorldState, lat_rad: float, lon_rad: float) -> tuple[Array, Array]:
    """Volume emission rates above a place, waves included.

    Returns
    -------
    alt_km : (n,), 60 to 600 km
    rates_ph_cm3_s : (n, 6) photon cm-3 s-1, in the order of EMISSIONS, of the night
    """
    low_km = np.linspace(*ALT_LOW_KM, world.emission.low.shape[2])
    high_km = np.linspace(*ALT_HIGH_KM, world.emission.high.shape[2])[1:]
    up = world.rot_local_from_itrs @ itrs_from_geodetic(lat_rad, lon_rad, 0.0)
    up = up / np.linalg.norm(up)
    # the tables are read by direction and height: any radius will do
    first_km = ALT_LOW_KM[0] + world.raised_km
    low = _sampled(world.emission.low, np.tile(up, (len(low_km), 1)), low_km, first_km, ALT_LOW_STEP_KM)
    low[np.abs(low_km - world.raised_km - np.mean(ALT_LOW_KM)) > 0.5 * np.ptp(ALT_LOW_KM)] = 0.0  # nothing comes in
    high = _sampled(world.emission.high, np.tile(up, (len(high_km), 1)), high_km, ALT_HIGH_KM[0], ALT_HIGH_STEP_KM)
    rates = np.concatenate([low, high]) * world.scene.airglow.factors
    return np.concatenate([low_km, high_km]), np.ascontiguousarray(rates)
