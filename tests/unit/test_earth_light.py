"""Emission law, slant table, halo, pattern without shimmer, and light on the dark ground."""

from __future__ import annotations

import numpy as np
import pytest

from earthlimb.physics import city_lights as cl
from earthlimb.physics import lights_filter as lf
from earthlimb.physics import surface as sf

one_percent = 0.01
two_percent = 0.02


def clear_air(elevation_rad: np.ndarray, wavelength_nm: float) -> np.ndarray:
    """Transmission of a plane Rayleigh-like air, enough to test what is built on any transmission."""
    return np.exp(-0.15 * (wavelength_nm / 550.0) ** -4 / np.maximum(np.sin(elevation_rad), 1e-3))


def test_emission_law_meets_the_photograph() -> None:
    at = cl.emission_factor(np.deg2rad([90.0, 45.0, 22.0, 20.0, 15.0, 12.0]))
    assert at[:3] == pytest.approx([1.0, 1.0, 1.0])
    assert at[3] < 1.15 and 1.8 <= at[4] <= 2.0 and at[5] == pytest.approx(2.5, rel=0.1)
    assert np.all(np.diff(cl.emission_factor(np.linspace(0.0, np.pi / 2, 500))) <= 1e-12)


def test_slant_table_of_a_single_wavelength_is_exact() -> None:
    table = cl.slant_table(clear_air, [550.0], np.ones((4, 1)))
    elevation = cl.slant_elevation_rad()
    want = clear_air(elevation, 550.0)
    np.testing.assert_allclose(table[cl.SURFACE, :, 0], want, rtol=1e-6, atol=1e-30)
    beam = want / want[-1] * cl.emission_factor(elevation)
    np.testing.assert_allclose(table[cl.BEAM, :, 2], beam, rtol=1e-6, atol=1e-30)
    scattered = cl.halo_gain(want) / cl.halo_gain(want[-1])
    np.testing.assert_allclose(table[cl.HALO, :, 1], scattered, rtol=1e-5, atol=1e-9)
    for row in (cl.BEAM, cl.HALO):
        assert cl.sample_slant(table, [1.0], row)[0] == pytest.approx(np.ones(4))


def test_slant_table_is_fine_enough() -> None:
    table = cl.slant_table(clear_air, [550.0], np.ones((4, 1)))
    elevation = np.random.default_rng(5).uniform(np.deg2rad(5.0), np.pi / 2, 5000)
    got = cl.sample_slant(table, np.sin(elevation), cl.SURFACE)[:, 0]
    np.testing.assert_allclose(got, clear_air(elevation, 550.0), rtol=one_percent)


def test_low_cities_redden_and_an_empty_channel_follows_the_others() -> None:
    weights = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0], [0, 0, 0]], float)
    table = cl.slant_table(clear_air, [450.0, 550.0, 650.0], weights)
    low = cl.sample_slant(table, [np.sin(np.deg2rad(8.0))], cl.SURFACE)[0]
    assert low[0] > low[1] > low[2]
    assert low[2] < low[3] < low[0]


def test_halo_keeps_its_share_of_the_flux() -> None:
    field = np.zeros((120, 160, 2))
    field[60, 80] = 100.0, 50.0
    cos = np.cos(np.deg2rad(np.linspace(52, 38, 120)))
    out = cl.halo(field, cos)
    for channel in (0, 1):
        share = (out[..., channel] * cos[:, None]).sum() / (field[..., channel] * cos[:, None]).sum()
        assert share == pytest.approx(cl.HALO_FRACTION, rel=one_percent)
    cell = lf.COARSE * lf.TEXEL_KM
    # down by e over HALO_SCALE_KM, in both directions on the ground
    assert out[62, 80, 0] / out[61, 80, 0] == pytest.approx(np.exp(-cell / cl.HALO_SCALE_KM), rel=two_percent)
    east = cell * cos[60]
    assert out[60, 83, 0] / out[60, 82, 0] == pytest.approx(np.exp(-east / cl.HALO_SCALE_KM), rel=two_percent)


def test_halo_is_strongest_where_the_air_is_half_opaque() -> None:
    depth = np.array([1e-2, 0.2, 1.0, 1.79, 4.0, 30.0])
    gain = cl.halo_gain(np.exp(-depth))
    assert gain[0] == pytest.approx(0.5e-2, rel=one_percent)  # thin air: half the depth
    assert gain[3] == gain.max() == pytest.approx(0.298, abs=0.002)
    assert gain[5] == pytest.approx(1.0 / 30.0, rel=one_percent)


def test_pattern_has_mean_one_at_every_level_and_repeats() -> None:
    field = lf.pattern()
    assert field.min() > 0.0 and field.std() > 0.5
    for level in lf.mip_levels(field, 9):
        assert level.mean() == pytest.approx(1.0, abs=1e-6)
    step = np.abs(np.diff(field, axis=0)).mean()
    assert np.abs(field[0] - field[-1]).mean() < 2.0 * step  # no seam


def footprints(width_km: float, slant: float, n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.tile([width_km, width_km * slant], (n, 1)), np.tile([0.6, 0.8], (n, 1))


@pytest.mark.parametrize(("width_km", "slant"), [(0.1, 1.0), (0.5, 1.5), (2.0, 3.0), (6.0, 6.0)])
def test_pattern_keeps_the_mean_of_the_map(width_km: float, slant: float) -> None:
    image = np.random.default_rng(0).lognormal(0.0, 1.0, (256, 256))
    grid = np.stack(np.meshgrid(np.linspace(64, 192, 400), np.linspace(64, 192, 400)), -1).reshape(-1, 2)
    size, along = footprints(width_km, slant, len(grid))
    cos = np.full(len(grid), 0.75)
    levels, grain = lf.mip_levels(image, lf.MAX_LEVEL), lf.mip_levels(lf.pattern(), 9)
    plain = lf.city_radiance(levels, None, grid, (0, 0), size, along, cos, 2)
    with_grain = lf.city_radiance(levels, grain, grid, (0, 0), size, along, cos, 2)
    # one period of the pattern is 32 texels: 16 periods; map and pattern are independent, so 3 % of chance
    # is left
    assert with_grain.mean() == pytest.approx(plain.mean(), rel=0.03)
    flat = [np.ones_like(level) for level in levels]
    exact = lf.city_radiance(flat, grain, grid, (0, 0), size, along, cos, 2)
    assert exact.mean() == pytest.approx(1.0, rel=two_percent)


def exact_average(
    field: np.ndarray, at: np.ndarray, size: np.ndarray, along: np.ndarray, cos: np.ndarray
) -> np.ndarray:
    """The pattern's mean over footprints by 20 x 20 samples."""
    n = 20
    steps = (np.arange(n) + 0.5) / n - 0.5
    side, length = lf.footprint_texels(size, along, cos)
    total = np.zeros(len(at))
    for i in steps:
        for j in steps:
            fine = (at + i * side + j * length) * lf.PATTERN_PER_TEXEL
            total += lf.sample_mips([field], fine, np.zeros(len(at)), wrap=True)
    return total / n**2


@pytest.mark.parametrize(("width_km", "slant"), [(0.5, 1.3), (1.0, 2.0), (2.0, 3.0), (2.0, 6.0)])
def test_nothing_shimmers_when_the_view_moves_by_a_fraction_of_a_pixel(width_km: float, slant: float) -> None:
    """Aliasing would make a pixel change more than the exact mean over its footprint does."""
    field = lf.pattern().astype(float)
    levels = [np.ones((256 >> k, 256 >> k)) for k in range(lf.MAX_LEVEL + 1)]
    grain = lf.mip_levels(field, 9)
    at = np.random.default_rng(1).uniform(80, 160, (600, 2))
    move = 0.1 * width_km / lf.TEXEL_KM
    size, along = footprints(width_km, slant, len(at))
    cos = np.full(len(at), 0.75)
    ours = [lf.city_radiance(levels, grain, at + d, (0, 0), size, along, cos, 2) for d in (0.0, move)]
    exact = [exact_average(field, at + d, size, along, cos) for d in (0.0, move)]
    assert (ours[1] - ours[0]).std() <= 1.05 * (exact[1] - exact[0]).std()  # 5 %: 600 places
    assert np.corrcoef(ours[0], exact[0])[0, 1] > (0.9 if slant < 6 else 0.6)  # two taps along six widths


def test_moving_the_window_moves_nothing() -> None:
    grain = lf.mip_levels(lf.pattern(), 9)
    levels = [np.ones((128 >> k, 128 >> k)) for k in range(lf.MAX_LEVEL + 1)]
    at = np.random.default_rng(2).uniform(40, 80, (500, 2))
    size, along = footprints(0.2, 1.2, len(at))
    cos = np.full(len(at), 0.75)
    here = lf.city_radiance(levels, grain, at, (3200, 640), size, along, cos, 2)
    there = lf.city_radiance(levels, grain, at - 32.0, (3232, 672), size, along, cos, 2)
    np.testing.assert_allclose(here, there, rtol=1e-9)


def test_hemisphere_of_a_shell() -> None:
    vacuum = np.ones_like
    flat = sf.hemisphere_factor(lambda e, _: vacuum(e), 550.0, None)
    assert flat == pytest.approx(np.pi, rel=1e-9)
    ratio = (6371.0 / 6461.0) ** 2
    # closed form of 2 pi int mu dmu / sqrt(1 - q (1 - mu^2)) = 2 pi (1 - sqrt(1 - q)) / q
    exact = 2.0 * np.pi * (1.0 - np.sqrt(1.0 - ratio)) / ratio
    assert sf.hemisphere_factor(lambda e, _: vacuum(e), 550.0, 90.0) == pytest.approx(exact, rel=1e-4)
    assert sf.hemisphere_factor(clear_air, 550.0, 90.0) < exact


def test_ground_light_is_linear_and_faint() -> None:
    columns = np.array([45.0, 180.0, 90.0, 400.0, 60.0, 900.0])
    per_rayleigh = np.full((6, 4), 1e-7)
    star, reach = np.ones(4), sf.night_reach(clear_air)
    dark = sf.night_irradiance(0 * columns, per_rayleigh, star, reach)
    once = sf.night_irradiance(columns, per_rayleigh, star, reach)
    twice = sf.night_irradiance(2 * columns, per_rayleigh, star, reach)
    np.testing.assert_allclose(twice - dark, 2 * (once - dark), rtol=1e-12)
    # starlight alone: a few 1e-4 lux, as on a moonless night without airglow
    assert 3e-4 < dark[1] < 1e-3
    up = sf.surface_radiance([[0.1, 0.2, 0.3]], once, np.full((1, 4), 0.8))
    np.testing.assert_allclose(up[0], np.array([0.1, 0.2, 0.3, 0.2]) * once / np.pi * 0.8, rtol=1e-12)
