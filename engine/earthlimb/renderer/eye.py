"""The eye at the window: the world that the camera photographs, seen without shutter, lens and sensor."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from earthlimb.gpu import GpuContext, ShaderLibrary, Target
from earthlimb.gpu.timers import PassTimer
from earthlimb.passes.eye import EyePass, EyeSettings
from earthlimb.physics.eye import eye_state
from earthlimb.physics.sensor_model import frame_seed
from earthlimb.physics.star_field import StarSprites
from earthlimb.renderer.detector import Detector
from earthlimb.renderer.drawing import Drawing
from earthlimb.scene import Scene
from earthlimb.world import WorldState

_PARTS = frozenset({"AIRGLOW", "MILKY_WAY", "LIGHTS", "SURFACE"})
_GLANCE_S = 1e-6
"""The eye follows what it looks at: nothing streaks."""


def eye_settings(scene: Scene, frame: int) -> EyeSettings:
    """The scene's eye in exposure number `frame`; only its noise depends on that."""
    eye = scene.eye
    state = eye_state(eye.cabin_cd_m2, eye.dark_min, eye.white_cd_m2, eye.acuity)
    return EyeSettings(state, eye.noise, frame_seed(scene.seed, frame))


def still(world: WorldState) -> WorldState:
    """The same world at the same instant, looked at for a moment instead of photographed."""
    camera = world.scene.camera.model_copy(update={"shutter_s": _GLANCE_S})
    motion = replace(world.motion, shutter_s=_GLANCE_S)
    return replace(world, scene=world.scene.model_copy(update={"camera": camera}), motion=motion)


def points(detector: Detector, world: WorldState) -> StarSprites:
    """Stars, planets and other satellites of the picture."""
    both = [detector.lights(world)]
    if world.satellites is not None:
        both.append(detector.satellites(world, world.satellites))
    columns = {field.name: [getattr(part, field.name) for part in both] for field in fields(StarSprites)}
    return StarSprites(**{name: np.concatenate(values) for name, values in columns.items()})


class EyeView:
    """Shows worlds as a person sees them, with the passes of one context."""

    def __init__(self, gpu: GpuContext, shaders: ShaderLibrary, drawing: Drawing, timer: PassTimer) -> None:
        self._ctx = gpu.ctx
        self._shaders = shaders
        self._drawing = drawing
        self._timer = timer

    def draw(self, world: WorldState, frame: int = 0) -> EyePass:
        """Run every pass; the result can be read back."""
        drawing, scene, lens = self._drawing, world.scene, world.lens
        seen = drawing.kept.get("eye world", world, lambda: still(world))
        detector = drawing.detector(seen, "cie")
        station = drawing.station(seen, detector)  # first: a moving view may pause behind it
        inputs = drawing.inputs(seen, detector, detector.per_rayleigh)
        target = drawing.target("light", seen)
        with self._timer("view"):
            drawing.smooth(target, _PARTS, inputs, seen, detector.per_rayleigh)
        drawing.cover(target, station, seen, light=True)

        def cover(stars: Target) -> None:
            drawing.cover(stars, station, seen, light=False)

        sprites = drawing.kept.get("eye stars", seen, lambda: points(detector, seen))
        key = (lens, scene.eye.acuity)
        view = drawing.kept.get("eye", key, lambda: EyePass(self._ctx, self._shaders, lens, scene.eye.acuity))
        with self._timer("eye"):
            view.run(target.texture, sprites, eye_settings(scene, frame), cover)
        return view
