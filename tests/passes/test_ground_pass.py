"""City lights and surface of a rendered picture against the same light computed in float64, pixel by pixel.

The whole chain is in it: ray, ellipsoid, window, footprint, filtering, lamp colour, emission law, extinction.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from earthlimb.physics import city_lights, lights_filter, surface
from earthlimb.physics.geometry import itrs_from_geodetic, surface_normal
from earthlimb.renderer import Frame, Renderer
from earthlimb.scene import load_scene, resized
from earthlimb.world.earth_maps import lamp_shares

WIDTH, HEIGHT, TAPS = 96, 64, 2
TWO_PERCENT = 0.02


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as one:
        yield one


@pytest.fixture(scope="module")
def frame(renderer: Renderer) -> Frame:
    """The Italy view through a longer lens, where pixels are narrower than the map's texels."""
    scene = load_scene(
        "italy",
        {
            "camera.f_px": 250.0,
            "camera.cx_px": WIDTH / 2,
            "camera.cy_px": HEIGHT / 2,
            "camera.point.ground": {"lat_deg": 43.5, "lon_deg": 11.5},
            "image": {"width_px": WIDTH, "height_px": HEIGHT},
            "earth.halo": 0.0,
        },
    )
    return renderer.render(scene, stage="linear")


class Ground:
    """What each ground pixel sees, float64."""

    def __init__(self, frame: Frame) -> None:
        world = frame.world
        x, y = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
        seen = world.geometry(x, y)
        self.hit = np.isfinite(seen.range_km)
        range_km, lat, lon = seen.range_km[self.hit], seen.lat_rad[self.hit], seen.lon_rad[self.hit]
        at = itrs_from_geodetic(lat, lon, 0.0)
        view = (world.rays_gcrs(x, y) @ world.rot_itrs_from_gcrs.T)[self.hit]
        self.sin_elevation = -np.sum(view * surface_normal(at), axis=1)
        self.cos_lat = np.cos(lat)
        across = range_km / world.lens.f_px
        self.footprint_km = np.stack([across, across / np.maximum(self.sin_elevation, 1.0 / 60.0)], axis=1)
        self.along = surface.view_along_en(at, view, lat)
        self.texel = world.earth.texel(lat, lon)


def test_city_lights_match_the_float64_chain(renderer: Renderer, frame: Frame) -> None:
    """Within 2 % of the brightest tenth: half floats of the map and 8 bits of the filter's weights."""
    ground, world = Ground(frame), frame.world
    window = world.earth
    detector = renderer.drawing.detector(world, "cie")
    levels = lights_filter.mip_levels(window.radiance(), lights_filter.MAX_LEVEL)
    pattern = lights_filter.mip_levels(lights_filter.pattern(), 9)
    fine = world.alt_km / world.lens.f_px < lights_filter.TEXEL_KM
    direct = lights_filter.city_radiance(
        levels,
        pattern if fine else None,
        ground.texel,
        (window.col0, window.row0),
        ground.footprint_km,
        ground.along,
        ground.cos_lat,
        TAPS,
    )
    tint = lamp_shares(window) @ detector.lamps * (1.0 - city_lights.HALO_FRACTION)
    slant = city_lights.sample_slant(detector.slant, ground.sin_elevation, city_lights.BEAM)
    coarse = ground.texel / lights_filter.COARSE
    colour = np.stack(
        [lights_filter.sample_mips([tint[..., c]], coarse, np.zeros(len(coarse))) for c in range(3)], axis=1
    )
    want = direct[:, None] * colour * slant[:, :3]
    got = frame.layer("lights")[ground.hit]
    scale = np.quantile(want, 0.9, axis=0)
    assert (scale > 0.0).all()
    off = np.abs(got - want) / scale
    assert np.quantile(off, 0.99) < TWO_PERCENT
    assert got.sum() == pytest.approx(want.sum(), rel=5e-3)


def test_surface_matches_the_float64_chain(renderer: Renderer, frame: Frame) -> None:
    """Within 2 % of the brightest: the albedo map has 8 bits, square-root coded."""
    ground, world = Ground(frame), frame.world
    detector = renderer.drawing.detector(world, "cie")
    root = world.earth.albedo_root / 255.0
    at = ground.texel * root.shape[0] / world.earth.code.shape[0]
    albedo = np.stack([lights_filter.sample_mips([root[..., c]], at, np.zeros(len(at))) for c in range(3)], axis=1)
    slant = city_lights.sample_slant(detector.slant, ground.sin_elevation, city_lights.SURFACE)
    want = surface.surface_radiance(albedo**2, detector.irradiance(world), slant)[:, :3]
    got = frame.layer("moonlit")[ground.hit]
    assert np.abs(got - want).max() < TWO_PERCENT * want.max()
    assert want.max() > 0.0


def test_factors_scale_what_they_name_and_load_nothing(renderer: Renderer) -> None:
    """A key that dims a country costs a video's frame no new maps."""

    def lights(factor: float, halo: float) -> np.ndarray:
        scene = resized(load_scene("italy", {"earth.lights": factor, "earth.halo": halo}), WIDTH, HEIGHT)
        return np.asarray(renderer.render(scene, layers=("lights",)).layers["lights"], float)

    plain, kept = lights(1.0, 1.0), renderer.drawing.kept
    maps = {name: thing for name, (_, thing) in kept._objects.items() if name.startswith("earth ")}
    bare = lights(1.0, 0.0)
    assert 0.0 < (plain - bare).sum() < 0.5 * plain.sum()
    float32 = 1e-5 * plain.max()
    assert np.allclose(lights(3.0, 1.0), 3.0 * plain, rtol=1e-5, atol=float32)
    assert np.allclose(lights(1.0, 3.0), bare + 3.0 * (plain - bare), rtol=1e-5, atol=float32)
    assert lights(0.0, 1.0).max() == 0.0 and len(maps) > 0
    assert all(kept._objects[name][1] is thing for name, thing in maps.items())
