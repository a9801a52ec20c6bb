"""Which star stands where one looks: proper motion, parallax, aberration and refraction as the picture has them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from earthlimb.astro.stars import Star, apparent_directions, load_catalogue, star_of
from earthlimb.physics.star_refraction import HARD_LIMB_APP_KM, refracted_directions
from earthlimb.world.state import WorldState

_CONE_RAD = math.radians(3.5)
"""The hard limb lifts stars by 1.1 degrees: one within 2.4 degrees of where one looks is among those that are tried."""


PIXEL_REACH = 0.7072
"""Half a pixel's diagonal, px: what lies in the pixel about a place at its centre."""


def star_in_pixel(world: WorldState, dir_gcrs: ArrayLike) -> Star | None:
    """The brightest star within a pixel about a direction (3,), GCRS; the nearest one where there is none."""
    return star_seen(world, dir_gcrs, PIXEL_REACH / world.lens.f_px)


def star_seen(world: WorldState, dir_gcrs: ArrayLike, reach_rad: float = 0.0) -> Star | None:
    """The star seen in a direction, of those that the scene draws (`sky.stars_to_vmag`) and the Earth does not hide.

    Parameters
    ----------
    world : WorldState
    dir_gcrs : (3,) unit vector
        Direction of a pixel's straight ray.
    reach_rad : float
        Stars so near stand in the same spot of the picture: the brightest of them is taken, else the nearest of all.

    Returns
    -------
    Star or None
        With its separation from the direction [rad], in the picture; None where no star is drawn.
    """
    direction = np.asarray(dir_gcrs, np.float64)
    catalogue = load_catalogue(world.scene.sky.stars_to_vmag)
    fixed = world.rot_itrs_from_gcrs
    for subset in (catalogue.within_cone(direction, _CONE_RAD), np.arange(len(catalogue))):
        true = apparent_directions(catalogue, world.instant, world.vel_iss_gcrs_km_s, subset)
        seen, h_app, _ = refracted_directions(true @ fixed.T, world.pos_iss_itrs_km, world.low_atmosphere.bending_rad)
        risen = np.flatnonzero(h_app >= HARD_LIMB_APP_KM)
        if risen.size:
            chord = np.linalg.norm(seen[risen] - fixed @ direction, axis=1)
            within = np.flatnonzero(chord <= reach_rad)
            best = int(within[0] if within.size else np.argmin(chord))  # the catalogue begins with the brightest
            separation_rad = 2.0 * math.asin(min(float(chord[best]) / 2.0, 1.0))
            return star_of(catalogue, int(subset[risen[best]]), separation_rad)
    return None
