"""The star pass: energy, places, independence of resolution, streaks; against the float64 twin."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from earthlimb.gpu import ShaderLibrary, Target
from earthlimb.passes.stars import StarsPass
from earthlimb.physics.lens import Lens
from earthlimb.physics.psf import streak_share
from earthlimb.physics.star_field import StarSprites
from tests.support.glsl import context

Floats = NDArray[np.float64]
LENS = Lens(320.0, 200.5, 133.0, 0.05, 400, 266)
ONE_PER_MILLE = 1e-3


def field(lens: Lens, n: int, streak_px: tuple[float, float], seed: int = 5) -> StarSprites:
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.08, 0.92, n) * lens.width_px
    y = rng.uniform(0.1, 0.9, n) * lens.height_px
    flux = 10.0 ** rng.uniform(0.0, 4.0, n)
    colours = np.stack([flux, 2.0 * flux, 0.5 * flux, 0.1 * flux], axis=-1)
    return StarSprites(x, y, np.full(n, streak_px[0]), np.full(n, streak_px[1]), colours, np.arange(n))


def draw(sprites: StarSprites, lens: Lens, sigma_px: float, threshold: float = 1.0) -> Floats:
    """Radiance (h, w, 4)."""
    gpu = context()
    shaders = ShaderLibrary(gpu.ctx)
    stars = StarsPass(gpu.ctx, shaders)
    target = Target(gpu.ctx, (lens.width_px, lens.height_px))
    target.use()
    stars.render(target.fbo, sprites, lens, sigma_px, threshold)
    picture = target.read().astype(np.float64)
    for thing in (stars, target, shaders):
        thing.release()
    return picture


def energy(picture: Floats, lens: Lens) -> Floats:
    y, x = np.mgrid[0.5 : lens.height_px, 0.5 : lens.width_px]
    return np.asarray((picture * lens.pixel_solid_angle_sr(x, y)[..., None]).sum(axis=(0, 1)))


@pytest.mark.parametrize("streak_px", [(0.0, 0.0), (0.3, -0.1), (2.1, 1.3), (0.0, -11.0), (14.0, 5.0)])
def test_energy(streak_px: tuple[float, float]) -> None:
    sprites = field(LENS, 300, streak_px)
    np.testing.assert_allclose(
        energy(draw(sprites, LENS, 0.6), LENS), sprites.irradiance.sum(axis=0), rtol=ONE_PER_MILLE
    )


def test_energy_is_the_same_at_every_resolution() -> None:
    """One field of stars, 320 x 180 and 1280 x 720: the same light, star for star."""
    small = Lens.from_focal(28.0, 35.9, 320, 180)
    large = small.resized(1280, 720)
    at_small = field(small, 40, (0.25, 0.1))
    at_large = StarSprites(
        4 * at_small.x_px, 4 * at_small.y_px, 4 * at_small.dx_px, 4 * at_small.dy_px,
        at_small.irradiance, at_small.index,
    )  # fmt: skip
    a = energy(draw(at_small, small, 0.5), small)
    b = energy(draw(at_large, large, 0.55), large)
    np.testing.assert_allclose(a, b, rtol=ONE_PER_MILLE)


@pytest.mark.parametrize("streak_px", [(0.0, 0.0), (0.4, 0.2), (6.0, -3.0)])
def test_picture_is_the_twins(streak_px: tuple[float, float]) -> None:
    sprites = field(LENS, 40, streak_px, seed=9)
    got = draw(sprites, LENS, 0.6, threshold=1e-3)
    y, x = np.mgrid[0.5 : LENS.height_px, 0.5 : LENS.width_px]
    twin = np.zeros_like(got)
    solid_angle = LENS.pixel_solid_angle_sr(sprites.x_px, sprites.y_px)
    for i in range(40):
        near = (np.abs(x - sprites.x_px[i]) < 12) & (np.abs(y - sprites.y_px[i]) < 12)
        share = streak_share(x[near] - sprites.x_px[i], y[near] - sprites.y_px[i], *streak_px, 0.6)
        twin[near] += share[:, None] * sprites.irradiance[i] / solid_angle[i]
    brightest = np.zeros_like(x)
    for i in range(40):  # float32 error counts against the star it belongs to
        near = (np.abs(x - sprites.x_px[i]) < 12) & (np.abs(y - sprites.y_px[i]) < 12)
        brightest[near] += sprites.irradiance[i, 1] / solid_angle[i]
    erf_and_place = 2e-4  # 1e-5 px of float32 place at slope 1 / px, erf's 1e-6, the cut beyond 3.5 sigma
    assert (np.abs(got - twin)[..., 1] <= erf_and_place * brightest + 1e-2).all()


def test_centroid_and_orientation() -> None:
    """A star 100.3 px from the left and 40.8 px from the top is there in the array that is read."""
    one = StarSprites(
        np.array([100.3]), np.array([40.8]), np.zeros(1), np.zeros(1), np.ones((1, 4)), np.arange(1)
    )  # fmt: skip
    picture = draw(one, LENS, 0.6, threshold=1e-6)[..., 0]
    y, x = np.mgrid[0.5 : LENS.height_px, 0.5 : LENS.width_px]
    hundredth_px = 0.01
    assert (picture * x).sum() / picture.sum() == pytest.approx(100.3, abs=hundredth_px)
    assert (picture * y).sum() / picture.sum() == pytest.approx(40.8, abs=hundredth_px)


def test_stars_add_to_what_is_there_and_grow_the_buffer() -> None:
    gpu = context()
    shaders = ShaderLibrary(gpu.ctx)
    stars = StarsPass(gpu.ctx, shaders)
    target = Target(gpu.ctx, (LENS.width_px, LENS.height_px))
    target.fbo.clear(1.0, 2.0, 3.0, 4.0)
    few, many = field(LENS, 10, (0.0, 0.0)), field(LENS, 9000, (0.0, 0.0))
    none = StarSprites(*(np.zeros(0) for _ in range(4)), np.zeros((0, 4)), np.zeros(0, np.int64))
    for sprites in (few, none, many, few):
        stars.render(target.fbo, sprites, LENS, 0.6, 1.0)
    got = energy(target.read().astype(np.float64) - [1.0, 2.0, 3.0, 4.0], LENS)
    wanted = 2 * few.irradiance.sum(axis=0) + many.irradiance.sum(axis=0)
    np.testing.assert_allclose(got, wanted, rtol=2 * ONE_PER_MILLE)
    for thing in (stars, target, shaders):
        thing.release()
