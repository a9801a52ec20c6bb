"""The sky layer: the Milky Way pass against its float64 twin, over the map's seam and through the limb."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from earthlimb.gpu import ShaderLibrary, read_rgba
from earthlimb.gpu.frame_block import FrameBlock, upload
from earthlimb.passes.milky_way import MilkyWayPass, SkyTables
from earthlimb.physics.geometry import rot_local_from_itrs, tangent_km
from earthlimb.physics.lens import Lens
from earthlimb.physics.milky_way import MilkyWay, colour_table, load_milky_way, sky_transmission
from tests.support.glsl import context

Floats = NDArray[np.float64]
LENS = Lens(150.0, 100.0, 70.0, 0.03, 200, 140)
EYE_KM = np.array([4376.320656, -2131.255536, 4735.741839])
LIMB = np.minimum(0.1 + np.arange(401)[:, None] * 0.25 / 60.0, 1.0) ** np.array([1.0, 1.2, 1.4, 1.6])


def of_sky(mag: Floats, bv: Floats) -> Floats:
    s10 = 10.0 ** (0.4 * (27.7815 - mag))[:, None]
    return s10 * np.stack([bv, 1.0 + 0.0 * bv, 3.0 - bv, bv + 1.0], axis=-1)


def looking_at(ra_deg: float, dec_deg: float) -> Floats:
    """Camera towards a place of the sky with north up."""
    ra, dec = np.radians(ra_deg), np.radians(dec_deg)
    forward = np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(forward, right), forward])


def render(rot_cam_from_gcrs: Floats, sky: MilkyWay, rot_itrs_from_gcrs: Floats, step_px: int = 1) -> Floats:
    gpu = context()
    rot_local_from_gcrs = rot_local_from_itrs(EYE_KM) @ rot_itrs_from_gcrs
    radius = float(np.linalg.norm(EYE_KM))
    block = FrameBlock(
        rot_local_from_cam=rot_local_from_gcrs @ rot_cam_from_gcrs.T,
        rot_itrs_from_local=rot_local_from_itrs(EYE_KM).T,
        rot_gcrs_from_local=rot_local_from_gcrs.T,
        lens=np.array([LENS.f_px, LENS.cx_px, LENS.cy_px, LENS.k1]),
        sun_dir_local=np.array([0.0, 0.0, -1.0, 0.0]),
        pole_dir_local=np.append(rot_local_from_itrs(EYE_KM) @ [0.0, 0.0, 1.0], EYE_KM[2] / radius),
        eye=np.array([radius, 6371.0, radius - 6371.0, 0.0]),
        size_px=np.array([LENS.width_px, LENS.height_px, 1 / LENS.width_px, 1 / LENS.height_px]),
    )
    buffer = upload(gpu.ctx, block)
    shaders = ShaderLibrary(gpu.ctx)
    tables = SkyTables.upload(gpu.ctx, sky, colour_table(of_sky), LIMB)
    sky_pass = MilkyWayPass(gpu.ctx, shaders)
    picture = read_rgba(sky_pass.render(tables, (LENS.width_px, LENS.height_px), step_px)).astype(np.float64)
    for thing in (sky_pass, tables, shaders, buffer):
        thing.release()
    return picture


@pytest.mark.parametrize(
    ("ra_deg", "dec_deg"), [(90.0, 20.0), (135.0, -45.0), (180.0, 0.0), (270.0, -30.0), (10.0, 88.0)]
)
def test_pass_is_the_twin(ra_deg: float, dec_deg: float) -> None:
    """The seam (RA 90 deg), the angle's jump (180 deg), the bulge, the pole, with the Earth in some."""
    sky = load_milky_way()
    turn = np.array([[np.cos(1.0), np.sin(1.0), 0.0], [-np.sin(1.0), np.cos(1.0), 0.0], [0.0, 0.0, 1.0]])
    rot = looking_at(ra_deg, dec_deg)
    got = render(rot, sky, turn)
    y, x = np.mgrid[0.5 : LENS.height_px, 0.5 : LENS.width_px]
    dirs = LENS.rays_cam(x, y) @ rot
    s10, bv = sky.at(dirs)
    twin = s10[..., None] * np.stack([bv, 1.0 + 0.0 * bv, 3.0 - bv, bv + 1.0], axis=-1)
    dirs_itrs = dirs @ turn.T
    height, far = tangent_km(EYE_KM, dirs_itrs)
    twin *= np.where((far > 0.0)[..., None], sky_transmission(LIMB, height), 1.0)
    edge = np.abs(height) < 0.05  # pixels on the ground's edge may fall on either side
    ratio = got[~edge] / np.where(twin[~edge] > 0.0, twin[~edge], 1.0)
    # Half-float codes 0.13 %, filter weights of 8 bits over the steepest texels (60 codes, 2.2 % each) 0.5 %,
    # 20 m of height in float32: 0.3 % at the ground
    worst = np.abs(ratio[twin[~edge] > 0.0] - 1.0)
    assert worst.max() < 0.02 and np.median(worst) < 1e-3
    assert (got[~edge][twin[~edge] == 0.0] == 0.0).all()


def test_radiance_is_s10_times_the_response() -> None:
    """A sky of 200 S10(V), B - V = 1, everywhere; the eye looks up, away from the Earth."""
    code = round(255 * np.log(200 / 20) / np.log(250)), 128
    flat = MilkyWay(np.tile(np.array(code, np.uint8), (16, 32, 1)))
    up = EYE_KM / np.linalg.norm(EYE_KM)
    right = np.cross(up, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    got = render(np.stack([right, np.cross(up, right), up]), flat, np.eye(3))
    np.testing.assert_allclose(got[..., 1], 200.0, rtol=0.02)  # a code is 2.2 % wide
    np.testing.assert_allclose(got[..., 0] / got[..., 1], 2.0 * 128 / 255, rtol=1e-3)


def test_grid_is_the_picture_at_its_points() -> None:
    """Texel (i, j) of the grid with step 4 lies where four pixels meet: their mean, but for curvature."""
    sky = load_milky_way()
    rot = looking_at(290.0, 20.0)
    fine, coarse = render(rot, sky, np.eye(3)), render(rot, sky, np.eye(3), step_px=4)
    assert coarse.shape == (35, 50, 4)
    mean = 0.25 * (fine[1::4, 1::4] + fine[2::4, 1::4] + fine[1::4, 2::4] + fine[2::4, 2::4])
    lit = mean[..., 1] > 0.0
    assert np.median(np.abs(coarse[lit] / mean[lit] - 1.0)) < 0.02
