"""The photograph: the light that the scene's camera collects, exposed and developed."""

from __future__ import annotations

from typing import Any

import numpy as np

from earthlimb.gpu import GpuContext, ShaderLibrary, Target
from earthlimb.gpu.timers import PassTimer
from earthlimb.physics.exposure import CameraBody
from earthlimb.renderer.drawing import Drawing
from earthlimb.sensor import SensorPipeline, SensorSettings, sensor_settings
from earthlimb.world import WorldState

PARTS = ("AIRGLOW", "MILKY_WAY", "LIGHTS", "SURFACE")
_FAINT_E = 0.02
"""Electrons below which a star's wing may be left out."""


def exposure_of(world: WorldState, frame: int) -> SensorSettings:
    """Exposure and development of the scene's camera for frame number `frame`."""
    camera, lens = world.scene.camera, world.lens
    return sensor_settings(
        CameraBody.load(camera.body),
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
    )


class Photographer:
    """Takes photographs of worlds with the passes of one context."""

    def __init__(self, gpu: GpuContext, shaders: ShaderLibrary, drawing: Drawing, timer: PassTimer) -> None:
        self._gpu = gpu
        self._shaders = shaders
        self._drawing = drawing
        self._timer = timer

    def light(self, world: WorldState, settings: SensorSettings) -> Target:
        """Draw the light that the camera collects: RGBA32F, in the units of its response."""
        drawing = self._drawing
        drawing.bind(world)
        detector = drawing.detector(world, world.scene.camera.body)
        inputs = drawing.inputs(world, detector, detector.per_rayleigh)
        target = drawing.target("light", world)
        with self._timer("view"):
            drawing.smooth(target, PARTS, inputs, world, detector.per_rayleigh)
        with self._timer("stars"):
            drawing.stars(target, world, detector, _FAINT_E / settings.electrons_per_radiance)
        return target

    def draw(self, world: WorldState, frame: int = 0, *, keep_electrons: bool = False) -> SensorPipeline:
        """Run every pass; the pipeline that is returned can be read back."""
        settings = exposure_of(world, frame)
        light = self.light(world, settings).texture
        size = (world.lens.width_px, world.lens.height_px)
        pipeline = self._drawing.kept.get("sensor", size, lambda: SensorPipeline(self._gpu, self._shaders, size, "f4"))
        if keep_electrons:
            pipeline.develop(pipeline.expose(light, settings), settings)
        else:
            pipeline.run(light, settings, self._timer)
        return pipeline

    def take(self, world: WorldState, frame: int, *, keep_electrons: bool) -> dict[str, Any]:
        """Picture, and electrons when asked for, as the arrays of a Frame."""
        pipeline = self.draw(world, frame, keep_electrons=keep_electrons)
        result: dict[str, Any] = {"picture": pipeline.read_picture().astype(np.float32)}
        if keep_electrons:
            result["electrons"] = np.ascontiguousarray(pipeline.read_electrons())
        return result
