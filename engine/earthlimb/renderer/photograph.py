"""The photograph: the light that the scene's camera collects, exposed and developed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu import GpuContext, ShaderLibrary, Target
from earthlimb.gpu.timers import PassTimer
from earthlimb.passes.eye import EyePass
from earthlimb.physics.fixed_pattern import sensor_pattern
from earthlimb.physics.lens_model import blur_circle_um
from earthlimb.physics.sensor_model import frame_seed
from earthlimb.renderer.drawing import Drawing
from earthlimb.renderer.exposure import Exposure
from earthlimb.renderer.eye import EyeView
from earthlimb.renderer.gear import gear_of, lens_mm_of
from earthlimb.renderer.in_flight import ArrayInFlight, CountInFlight, statistics_of
from earthlimb.renderer.metering import metered
from earthlimb.sensor import (
    ExposureStatistics,
    SensorPipeline,
    SensorSettings,
    sensor_settings,
)
from earthlimb.world import WorldState

PARTS = ("AIRGLOW", "MILKY_WAY", "LIGHTS", "SURFACE")
_FAINT_E = 0.02
"""Electrons below which a star's wing may be left out."""
_HISTOGRAM_PX = 40_000
"""Pixels that a live histogram counts: 1 % of its height, and 10 ms."""


def exposure_of(world: WorldState, frame: int) -> SensorSettings:
    """Exposure and development of the scene's camera for frame number `frame`."""
    camera, lens = world.scene.camera, world.lens
    body, lens_model = gear_of(world.scene)
    return sensor_settings(
        body,
        lens_model,
        width_px=lens.width_px,
        height_px=lens.height_px,
        lens=(lens.f_px, lens.cx_px, lens.cy_px, lens.k1),
        f_number=camera.f_number,
        shutter_s=camera.shutter_s,
        iso=camera.iso,
        white_balance_k=camera.white_balance_k,
        ev=camera.ev,
        lens_correction=camera.lens_correction,
        seed=world.scene.seed,
        frame=frame,
        bayer=camera.bayer,
        pattern=sensor_pattern(
            body,
            sensor_seed=camera.sensor_seed,
            months_in_orbit=camera.months_in_orbit,
            factor=camera.fixed_pattern,
        ),
        cosmic_rays=camera.cosmic_rays,
        blur_um=blur_circle_um(lens_mm_of(world, body), camera.f_number, camera.focus_km),
        tone=camera.tone,
        crop=lens.crop,
    )


class Photographer:
    """Takes photographs of worlds with the passes of one context."""

    def __init__(self, gpu: GpuContext, shaders: ShaderLibrary, drawing: Drawing, timer: PassTimer) -> None:
        self._gpu = gpu
        self._shaders = shaders
        self._drawing = drawing
        self._timer = timer
        self._last: tuple[SensorPipeline, moderngl.Texture, SensorSettings] | None = None
        self._metered: tuple[WorldState | None, WorldState | None] = (None, None)
        self._eye = EyeView(gpu, shaders, drawing, timer)

    def light(self, world: WorldState, settings: SensorSettings) -> Target:
        """Draw the light that the camera collects: RGBA32F, in the units of its response."""
        drawing = self._drawing
        detector = drawing.detector(world, world.scene.camera.body)
        target = drawing.target("light", world)
        station = drawing.station(world, detector)  # turns with the camera: the same at every instant
        Exposure(drawing, world, detector, detector.per_rayleigh, station=station).average([(target, frozenset(PARTS))])
        with self._timer("stars"):
            faint = _FAINT_E / settings.electrons_per_radiance
            drawing.points("lights", target, world, detector, faint, station)
            drawing.points("satellites", target, world, detector, faint, station)
        return target

    def metered(self, world: WorldState) -> WorldState:
        """The world with a meter's choice of time where its scene says "auto", else the same one."""
        last, found = self._metered
        if last is not world:
            found = metered(self, world)
            self._metered = (world, found)
        assert found is not None
        return found

    def fill_per_s(self, world: WorldState) -> NDArray[np.float64]:
        """(height, width) share of a photosite's capacity that the brightest channel collects in a second."""
        settings = exposure_of(world, 0)
        light = self.light(world, settings).read()[..., :3].astype(np.float64)
        per_s = settings.electrons_per_radiance / settings.saturation_e / settings.shutter_s
        return np.asarray(light.max(axis=-1) * per_s)

    def draw(self, world: WorldState, frame: int = 0) -> SensorPipeline | EyePass:
        """Run every pass of the photograph, or of the eye's view; what is returned can be read back."""
        if world.scene.eye.enabled:
            self._last = None  # no electrons
            return self._eye.draw(world, frame)
        return self.photograph(world, frame)

    def photograph(self, world: WorldState, frame: int = 0) -> SensorPipeline:
        """Run every pass of the photograph; the pipeline that is returned can be read back."""
        self._last = pipeline, light, settings = self._lit(world, frame)
        pipeline.run(light, settings, self._timer)
        return pipeline

    def _lit(self, world: WorldState, frame: int) -> tuple[SensorPipeline, moderngl.Texture, SensorSettings]:
        """The sensor, the light that falls on it, and its settings."""
        world = self.metered(world)
        settings = exposure_of(world, frame)
        light = self.light(world, settings).texture
        size = (world.lens.width_px, world.lens.height_px)
        pipeline = self._drawing.kept.get("sensor", size, lambda: SensorPipeline(self._gpu, self._shaders, size, "f4"))
        return pipeline, light, settings

    def again(self, n: int) -> bool:
        """Expose the light that was drawn last once more, as number n of a stack; develop the mean. False: no light.

        The mean of n frames has the noise of an exposure that is n times as long.
        """
        if self._last is None:
            return False
        pipeline, light, settings = self._last
        pipeline.stack(light, replace(settings, seed=frame_seed(settings.seed, n)), n)
        return True

    def statistics(self) -> ExposureStatistics | None:
        """Histogram and clipped share of the picture that was drawn last; None before the first.

        Its electrons are exposed once more from the light that is still there: the same noise, so the same numbers.
        The histogram takes every n-th pixel of a large picture; clipping counts all.
        """
        if self._last is None:
            return None
        pipeline, light, settings = self._last
        pipeline.expose(light, settings)
        return statistics_of(pipeline.read_electrons(), settings, _histogram_step(pipeline))

    def start_statistics(self) -> CountInFlight | None:
        """As `statistics`, for a moving view: of no more than the pixels that the histogram takes, without waiting."""
        if self._last is None:
            return None
        pipeline, light, settings = self._last
        pipeline.expose(light, settings)
        step = _histogram_step(pipeline)
        few = pipeline.thinned_electrons(step + 1 - step % 2)  # odd: a mosaic's photosites are met in turn
        return CountInFlight(ArrayInFlight.of(self._gpu.ctx, few), settings)

    def start(self, world: WorldState, frame: int) -> ArrayInFlight:
        """Run every pass and let the picture travel to a buffer, without waiting for either."""
        return ArrayInFlight.of(self._gpu.ctx, self.draw(world, frame).picture.texture)

    def take(self, world: WorldState, frame: int, *, keep_electrons: bool) -> dict[str, Any]:
        """Picture, and electrons when asked for, as the arrays of a Frame; `exposure` is for the sidecar."""
        if world.scene.eye.enabled and not keep_electrons:
            return {"picture": self._eye.draw(world, frame).read_picture().astype(np.float32)}
        pipeline, light, settings = self._lit(world, frame)
        pipeline.develop(pipeline.expose(light, settings), settings)
        electrons = np.ascontiguousarray(pipeline.read_electrons())
        result: dict[str, Any] = {
            "picture": pipeline.read_picture().astype(np.float32),
            "exposure": statistics_of(electrons, settings).for_sidecar(),
        }
        if keep_electrons:
            result["electrons"] = electrons
        if world.scene.eye.enabled:  # the electrons are the camera's also beside the eye
            result["picture"] = self._eye.draw(world, frame).read_picture().astype(np.float32)
        return result


def _histogram_step(pipeline: SensorPipeline) -> int:
    width, height = pipeline.size
    return max(round((width * height / _HISTOGRAM_PX) ** 0.5), 1)
