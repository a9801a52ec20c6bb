"""What a world says to every pass: the frame's uniform block and the span of the limb map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from earthlimb.constants import WGS84_A_KM, WGS84_B_KM
from earthlimb.gpu.frame_block import FrameBlock
from earthlimb.passes.tiles import TILE_PX, n_tiles
from earthlimb.physics.geometry import ellipsoid_range_km, geocentric_radius_km
from earthlimb.physics.limb_map import LimbMap, limb_map_for
from earthlimb.world import WorldState

_OUTLINE = 49
"""Rays a side that find out which part of the limb map a picture needs; the map adds a margin."""


def frame_block(world: WorldState) -> FrameBlock:
    """The frame's uniform block."""
    radius = float(np.linalg.norm(world.pos_iss_itrs_km))
    scaled = world.pos_iss_itrs_km / np.array([WGS84_A_KM, WGS84_A_KM, WGS84_B_KM])
    size = float(np.linalg.norm(scaled))
    sin_lat = float(world.pos_iss_itrs_km[2]) / radius
    lens = world.lens
    return FrameBlock(
        rot_local_from_cam=world.rot_local_from_cam,
        rot_itrs_from_local=world.rot_local_from_itrs.T,
        rot_gcrs_from_local=world.rot_local_from_gcrs.T,
        lens=np.array([lens.f_px, lens.cx_px, lens.cy_px, lens.k1]),
        sun_dir_local=np.append(world.rot_local_from_gcrs @ world.sun_dir_gcrs, 0.0),
        pole_dir_local=np.append(world.rot_local_from_itrs @ np.array([0.0, 0.0, 1.0]), sin_lat),
        eye=np.array([radius, float(geocentric_radius_km(sin_lat)), world.alt_km, (size - 1.0) * (size + 1.0)]),
        size_px=np.array([lens.width_px, lens.height_px, 1.0 / lens.width_px, 1.0 / lens.height_px]),
    )


def limb_map_of(world: WorldState, also: Sequence[WorldState] = ()) -> LimbMap:
    """The limb map of a world that covers its picture and those of others, each in its own local frame."""
    lens = world.lens
    cam = lens.grid_rays((0.0, lens.width_px, _OUTLINE), (0.0, lens.height_px, _OUTLINE))
    rays = np.concatenate([cam @ each.rot_local_from_cam.T for each in (world, *also)])
    radius = float(np.linalg.norm(world.pos_iss_itrs_km))
    reference_km = float(geocentric_radius_km(world.pos_iss_itrs_km[2] / radius))
    thin = bool((world.emission.thin & (np.array(world.scene.airglow.factors) > 0.0)).any())
    return limb_map_for(rays, radius, reference_km, thin)


def ground_tiles(world: WorldState, also: Sequence[WorldState] = ()) -> NDArray[np.bool_]:
    """(rows, columns) of tiles of TILE_PX over the picture, from the upper left: whether ground can be seen in them.

    Of a world, or of others that show the same picture at other instants.

    Rays a quarter of a tile apart decide, those around the tile included: a horizon that bulges between them is not
    lost, as long as it bulges by less than that.
    """
    lens, step = world.lens, TILE_PX // 4
    rows, columns = n_tiles((lens.width_px, lens.height_px))
    cam = lens.grid_rays(
        (-step, (4 * columns + 1) * step, 4 * columns + 3), (-step, (4 * rows + 1) * step, 4 * rows + 3)
    )
    hit = np.zeros(cam.shape[:2], bool)
    for each in (world, *also):
        rays_itrs = cam @ (each.rot_itrs_from_gcrs @ each.rot_cam_from_gcrs.T).T
        hit |= np.isfinite(ellipsoid_range_km(each.pos_iss_itrs_km, rays_itrs))
    around = range(7)  # from a quarter before a tile to a quarter behind it
    in_rows = np.any([hit[down::4][:rows] for down in around], axis=0)
    return np.any([in_rows[:, right::4][:, :columns] for right in around], axis=0)
