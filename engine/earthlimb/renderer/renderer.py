"""The renderer: builds the world of a scene, runs the passes in a chosen response, hands over a Frame."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.constants import WGS84_A_KM, WGS84_B_KM
from earthlimb.gpu import ShaderLibrary, Target, open_context
from earthlimb.gpu.frame_block import FrameBlock, upload
from earthlimb.gpu.timers import PassTimer
from earthlimb.passes.airglow import AirglowTables, LimbMapPass
from earthlimb.passes.milky_way import MilkyWayPass, SkyTables, grid_step_px
from earthlimb.passes.stars import StarsPass
from earthlimb.passes.view import ViewInputs, ViewPass
from earthlimb.physics.city_lights import TEXEL_KM
from earthlimb.physics.exposure import CameraBody, electrons_per_radiance
from earthlimb.physics.geometry import geocentric_radius_km
from earthlimb.physics.limb_map import MIN_EYE_ALTITUDE_KM, LimbMap, limb_map_for
from earthlimb.physics.psf import core_sigma_px
from earthlimb.physics.response import camera_response, cie_response
from earthlimb.renderer.detector import Detector, far_leg_transmission
from earthlimb.renderer.frame import Frame, Stage
from earthlimb.renderer.layers import geometry_layers, render_layers
from earthlimb.renderer.sidecar import describe
from earthlimb.scene import Scene, resized
from earthlimb.sensor import SensorPipeline, sensor_settings
from earthlimb.world import WorldState, build_world

PICTURE_PARTS = frozenset({"AIRGLOW", "MILKY_WAY", "LIGHTS", "SURFACE"})
_FAINT_E = 0.02
"""Electrons below which a star's wing may be left out of a photograph."""


class Renderer:
    """Renders scenes on one GL context; use it in a `with` block, or call `release`.

    Parameters
    ----------
    size : (width, height) in px, optional
        Renders every scene at this size, the same view.
    device : str
        `auto`, `egl:N`, `native` or `window`.

    Raises
    ------
    WorkError
        No driver gives OpenGL 4.1.
    """

    def __init__(self, size: tuple[int, int] | None = None, device: str = "auto") -> None:
        self._size = size
        self.gpu = open_context(device)
        self.ctx: moderngl.Context = self.gpu.ctx
        self.shaders = ShaderLibrary(self.ctx)
        self.gpu.own(self.shaders.release)
        self.timer = PassTimer(self.ctx)
        self._limb = LimbMapPass(self.ctx, self.shaders)
        self._view = ViewPass(self.ctx, self.shaders)
        self._stars = StarsPass(self.ctx, self.shaders)
        self._sky = MilkyWayPass(self.ctx, self.shaders)
        for part in (self._limb, self._view, self._stars, self._sky):
            self.gpu.own(part.release)
        self._frame_buffer = self.ctx.buffer(reserve=FrameBlock.size_bytes())
        self.gpu.own(self._frame_buffer.release)
        self._kept: dict[str, tuple[Any, Any]] = {}
        self._detectors: dict[str, Detector] = {}

    def __enter__(self) -> Renderer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Free every GL object and the context; a second call does nothing."""
        while self._kept:
            self._kept.popitem()[1][1].release()
        self.gpu.release()

    def render(self, scene: Scene, *, layers: bool = True, stage: Stage | None = None, frame: int = 0) -> Frame:
        """Render one exposure.

        Parameters
        ----------
        scene : Scene
        layers : bool
            Also render the linear picture and every layer (CIE observer, rayleighs, geometry).
        stage : "linear", "sensor" or "developed", optional
            How far the photograph goes; "linear" leaves it out. None: all of it.
        frame : int
            Number of the exposure in a video; noise draws from (seed, frame).

        Returns
        -------
        Frame
        """
        if self._size is not None:
            scene = resized(scene, *self._size)
        clock = Stopwatch()
        with clock("world"):
            world = build_world(scene)
        results: dict[str, Any] = {}
        if layers or stage == "linear":
            with clock("linear"):
                results |= self._linear(world)
        if stage != "linear":
            with clock("photograph"):
                results |= self._photograph(world, frame, with_electrons=stage != "developed")
        image = scene.image
        per_rayleigh = self.detector(world, "cie").per_rayleigh
        metadata = describe(world, self.gpu, self._body(world), per_rayleigh, frame) | {"times_s": clock.seconds}
        return Frame(image.width_px, image.height_px, world, metadata=metadata, **results)

    # -- what a photograph needs -------------------------------------------------------------------------------

    def photograph_light(self, world: WorldState) -> Target:
        """Draw the light that the scene's camera collects: RGBA32F, in the units of its response."""
        detector = self.detector(world, world.scene.camera.body)
        inputs = self.view_inputs(world, detector, detector.per_rayleigh)
        target = self.target("light", world)
        with self.timer("view"):
            self.draw_smooth(target, PICTURE_PARTS, inputs, world, detector.per_rayleigh)
        with self.timer("stars"):
            exposure = sensor_exposure(world, self._body(world))
            self.draw_stars(target, world, detector, _FAINT_E / max(exposure, 1e-30))
        return target

    def draw_photograph(self, world: WorldState, frame: int = 0, *, keep_electrons: bool = False) -> SensorPipeline:
        """Run every pass of a photograph; the pipeline that is returned can be read back."""
        self._bind_frame(world)
        light = self.photograph_light(world).texture
        pipeline, settings = self.sensor(world), self.settings(world, frame)
        if keep_electrons:
            pipeline.develop(pipeline.expose(light, settings), settings)
        else:
            pipeline.run(light, settings, self.timer)
        return pipeline

    def _photograph(self, world: WorldState, frame: int, with_electrons: bool) -> dict[str, Any]:
        pipeline = self.draw_photograph(world, frame, keep_electrons=with_electrons)
        picture = pipeline.read_picture().astype(np.float32)
        result: dict[str, Any] = {"picture": picture}
        if with_electrons:
            result["electrons"] = np.ascontiguousarray(pipeline.read_electrons())
        return result

    def sensor(self, world: WorldState) -> SensorPipeline:
        """The sensor's passes at the size of the picture."""
        size = (world.lens.width_px, world.lens.height_px)
        make = partial(SensorPipeline, self.gpu, self.shaders, size, "f4")
        pipeline = self._keep("sensor", size, make)
        assert isinstance(pipeline, SensorPipeline)
        return pipeline

    def settings(self, world: WorldState, frame: int) -> Any:
        """Exposure and development of the scene's camera."""
        camera, lens = world.scene.camera, world.lens
        return sensor_settings(
            self._body(world),
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

    # -- the linear picture and its layers ---------------------------------------------------------------------

    def _linear(self, world: WorldState) -> dict[str, Any]:
        self._bind_frame(world)
        rgb, layers = render_layers(self, world)
        layers |= geometry_layers(world)
        return {"rgb_linear": rgb, "layers": layers}

    # -- parts that layers and photograph share ------------------------------------------------------------------

    def detector(self, world: WorldState, name: str) -> Detector:
        """The detector "cie", or a camera body's by its name."""
        if name not in self._detectors:
            response = cie_response() if name == "cie" else camera_response(CameraBody.load(name))
            self._detectors[name] = Detector(response, world.low_atmosphere)
        return self._detectors[name]

    def view_inputs(
        self, world: WorldState, detector: Detector, per_rayleigh: NDArray[np.float64] | None
    ) -> ViewInputs:
        """Upload what the view pass reads and march the limb map (folded, or six apart for None)."""
        name = detector.response.name
        scene = world.scene
        with self.timer("tables"):
            tables = self.airglow_tables(world, name, per_rayleigh)
            sky_factor = scene.sky.milky_way
            sky = self._keep(f"sky {name}", sky_factor, partial(detector.sky, self.ctx, sky_factor))
            window, lights, halo = world.earth, scene.earth.lights, scene.earth.halo
            earth = self._keep(
                f"earth {name}",
                (window, lights, halo),
                partial(detector.earth, self.ctx, window, lights, halo),
            )
            irradiance = self._keep(f"irradiance {name}", world, lambda: _Value(detector.irradiance(world))).value
        limb_map, textures = None, None
        if world.alt_km >= MIN_EYE_ALTITUDE_KM:
            limb_map = self._limb_map(world)
            with self.timer("airglow"):
                textures = self._limb.run(tables, limb_map, per_rayleigh)
        with self.timer("sky"):
            assert isinstance(sky, SkyTables)
            lens = world.lens
            step_px = 1 if per_rayleigh is None else grid_step_px(lens.f_px)
            self._sky.render(sky, (lens.width_px, lens.height_px), step_px)
        fine_lights = world.alt_km / world.lens.f_px < TEXEL_KM
        return ViewInputs(tables, limb_map, textures, self._sky, earth, fine_lights, irradiance)

    def airglow_tables(self, world: WorldState, name: str, per_rayleigh: NDArray[np.float64] | None) -> AirglowTables:
        """The emission tables of a world on the GPU, with those folded into a detector's channels, or without."""

        def make() -> AirglowTables:
            transmission = self._keep("far leg", None, lambda: _Value(far_leg_transmission(world.low_atmosphere))).value
            return AirglowTables.upload(self.ctx, world.emission, transmission, per_rayleigh)

        tables = self._keep(f"airglow {name}", world.emission, make)
        assert isinstance(tables, AirglowTables)
        return tables

    def draw_smooth(
        self,
        target: Target,
        parts: frozenset[str],
        inputs: ViewInputs,
        world: WorldState,
        per_rayleigh: NDArray[np.float64] | None,
    ) -> None:
        if inputs.limb_map is not None or not parts & {"AIRGLOW", "AIRGLOW_SIX"}:
            self._view.render(target, parts, inputs)
            return
        # an eye this low sees the layers from near or inside: every pixel marches, the rest is added
        rest = parts - {"AIRGLOW", "AIRGLOW_SIX"}
        march_target = self.target("march", world, n_textures=2) if rest else target
        self._limb.direct(inputs.tables, march_target, per_rayleigh)
        if rest:
            self._view.render(target, rest, inputs)
            self._view.add(target, march_target.texture)

    def draw_stars(self, target: Target, world: WorldState, detector: Detector, threshold: float) -> None:
        """Add the stars of a world to a target."""
        if world.scene.sky.stars <= 0.0:
            return
        wide = self._body(world).photosites_per_px(world.lens.width_px, world.lens.height_px) ** 0.5
        sprites = self._keep(f"stars {detector.response.name}", world, lambda: _Value(detector.stars(world))).value
        self._stars.render(target.fbo, sprites, world.lens, core_sigma_px(wide), threshold)

    def _limb_map(self, world: WorldState) -> LimbMap:
        lens = world.lens
        x, y = np.meshgrid(np.linspace(0.0, lens.width_px, 49), np.linspace(0.0, lens.height_px, 49))
        rays = lens.rays_cam(x, y) @ world.rot_local_from_cam.T
        radius = float(np.linalg.norm(world.pos_iss_itrs_km))
        reference = float(geocentric_radius_km(world.pos_iss_itrs_km[2] / radius))
        return limb_map_for(rays, radius, reference)

    def _bind_frame(self, world: WorldState) -> None:
        upload(self.ctx, frame_block(world), self._frame_buffer)

    def target(self, name: str, world: WorldState, n_textures: int = 1) -> Target:
        size = (world.lens.width_px, world.lens.height_px)
        target = self._keep(f"target {name}", size, lambda: Target(self.ctx, size, n_textures))
        assert isinstance(target, Target)
        return target

    def _keep(self, name: str, key: Any, make: Any) -> Any:
        """The object made for this key; another key frees it and makes a new one."""
        old = self._kept.get(name)
        if old is not None:
            if old[0] == key:
                return old[1]
            old[1].release()
        self._kept[name] = (key, make())
        return self._kept[name][1]

    @staticmethod
    def _body(world: WorldState) -> CameraBody:
        return CameraBody.load(world.scene.camera.body)


class _Value:
    """A plain value among the kept objects."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def release(self) -> None:
        """Nothing to free."""


class Stopwatch:
    """Seconds by name, for the sidecar; no pixel depends on them."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 4)


def sensor_exposure(world: WorldState, body: CameraBody) -> float:
    """Electrons on the axis per unit of the camera's response."""
    camera, lens = world.scene.camera, world.lens
    return electrons_per_radiance(body, camera.f_number, camera.shutter_s, lens.width_px, lens.height_px)


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


def render(scene: Scene, *, device: str = "auto") -> Frame:
    """Render a single scene with a renderer of its own, all stages and layers."""
    with Renderer(device=device) as renderer:
        return renderer.render(scene)
