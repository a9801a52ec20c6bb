"""Stars through real lenses: softer in the corner, with all their light, at every resolution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from earthlimb.physics.exposure import electrons_per_irradiance
from earthlimb.renderer import Renderer
from earthlimb.renderer.gear import core_width_px, focal_mm_of, gear_of
from earthlimb.renderer.photograph import exposure_of
from earthlimb.scene import Scene, load_scene, resized
from earthlimb.sensor import SensorPipeline
from earthlimb.world import WorldState, build_world

PERMILLE = 1e-3
RIGEL = {"ra_deg": 78.6345, "dec_deg": -8.2016}


def one_star(lens: str) -> Scene:
    """Rigel and Sirius alone: no air, lights or Milky Way, stars brighter than 0.3."""
    return load_scene(
        {
            "time": {"utc": "2021-09-09T22:42:40.05Z"},
            "camera": {"mount": "free", "lens": lens, "shutter_s": 0.2, "iso": 800.0, "point": {"sky": RIGEL}},
            "image": {"width_px": 960, "height_px": 640},
            "sky": {"stars_to_vmag": 0.3, "milky_way": 0.0},
            "earth": {"lights": 0.0, "moonlit": 0.0},
            "airglow": dict.fromkeys(("na589", "oi558", "oi630", "oh", "o2", "continuum"), 0.0),
        }
    )


def total_electrons(renderer: Renderer, world: WorldState) -> float:
    """Green electrons of the whole picture, without noise and vignetting."""
    size = (world.lens.width_px, world.lens.height_px)
    settings = replace(
        exposure_of(world, 0), noise=False, mechanical_ev=0.0, lens=(1e9, 0.0, 0.0, 0.0), saturation_e=1e30
    )
    with renderer.ctx:
        light = renderer.photographer.light(world, settings)
        pipeline = SensorPipeline(renderer.gpu, renderer.shaders, size)
        pipeline.expose(light.texture, settings)
        total = float(pipeline.read_electrons()[..., 1].sum(dtype=float))
        pipeline.release()
    return total


@pytest.mark.parametrize("lens", ["standard", "nikkor-28-f1.4e"])
def test_a_stars_light_does_not_depend_on_resolution(lens: str) -> None:
    """All of it, core and halo, is what the aperture collects: within a thousandth of the closed form."""
    scene = one_star(lens)
    with Renderer() as renderer:
        totals = []
        for size in ((240, 160), (960, 640)):
            world = build_world(resized(scene, *size))
            totals.append(total_electrons(renderer, world))
        body, model = gear_of(scene)
        irradiance = float(renderer.drawing.detector(world, "nikon-d5").stars(world).irradiance[:, 1].sum())
    collected = electrons_per_irradiance(1.4, 0.2, focal_mm_of(world, body), model.transmission) * irradiance
    assert totals[0] == pytest.approx(totals[1], rel=PERMILLE)
    assert totals[1] == pytest.approx(collected, rel=PERMILLE)


def test_a_real_lens_is_softer_in_the_corner_and_dims_nothing() -> None:
    """At the sensor's own resolution: 3 photosites on the axis, 6 in the corner, wide open; less stopped down."""
    wide = build_world(resized(one_star("nikkor-28-f1.4e"), 5568, 3712))
    sigma = core_width_px(wide, [2784.0, 0.0], [1856.0, 0.0]) * 2.3548
    assert sigma[0] == pytest.approx(3.0, rel=0.02) and sigma[1] == pytest.approx(5.9, rel=0.03)
    camera = wide.scene.camera.model_copy(update={"f_number": 2.8})
    closed = replace(wide, scene=wide.scene.model_copy(update={"camera": camera}))
    assert core_width_px(closed, 0.0, 0.0) < 0.5 * sigma[1]
    plain = build_world(resized(one_star("standard"), 5568, 3712))
    assert np.allclose(core_width_px(plain, [2784.0, 0.0], [1856.0, 0.0]) * 2.3548, 3.0, rtol=1e-4)
