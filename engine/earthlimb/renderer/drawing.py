"""Draws the parts of a world in one response: uploads what the passes read, marches the air, adds the stars."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu import GpuContext, ShaderLibrary, Target
from earthlimb.gpu.frame_block import FrameBlock, upload
from earthlimb.gpu.targets import Steps
from earthlimb.gpu.timers import PassTimer
from earthlimb.passes.airglow import LimbMapPass, Response
from earthlimb.passes.airglow_tables import AirglowArrays, AirglowTables
from earthlimb.passes.earth_textures import EarthTextures
from earthlimb.passes.milky_way import MilkyWayPass, SkyTables, grid_step_px
from earthlimb.passes.stars import StarsPass
from earthlimb.passes.station_image import StationImage
from earthlimb.passes.tiles import all_tiles
from earthlimb.passes.view import ViewInputs, ViewPass
from earthlimb.physics.exposure import CameraBody
from earthlimb.physics.lights_filter import TEXEL_KM
from earthlimb.physics.limb_map import MIN_EYE_ALTITUDE_KM
from earthlimb.physics.response import camera_response, cie_response
from earthlimb.physics.star_field import StarSprites
from earthlimb.renderer.detector import Detector, far_leg_transmission
from earthlimb.renderer.gear import core_width_px
from earthlimb.renderer.kept import Kept
from earthlimb.renderer.station import StationPart
from earthlimb.renderer.uniforms import frame_block, ground_tiles, limb_map_of
from earthlimb.world import WorldState

AIRGLOW_PARTS = frozenset({"AIRGLOW", "AIRGLOW_SIX"})

SMOOTH_SHARE, POINTS_SHARE = 0.25, 0.6
"""How far a picture's light is, for people who wait for it: its smooth parts are drawn, its stars have their places."""

Points = Literal["stars", "planets", "lights", "satellites"]


class Drawing:
    """The passes of one context with everything they read, kept from frame to frame while it stays the same.

    Attributes
    ----------
    moving : the picture is for a moment only: the limb map of a moment ago may serve (see `LimbMapPass.run_lasting`)
    tell : is called with the share, 0 to 1, of a picture's light that has been sent to the card; it may begin anew
    """

    def __init__(self, gpu: GpuContext, shaders: ShaderLibrary, timer: PassTimer) -> None:
        self._ctx, self._software = gpu.ctx, gpu.is_software
        self.timer = timer
        self._limb = LimbMapPass(gpu.ctx, shaders)
        self._view = ViewPass(gpu.ctx, shaders)
        self._stars = StarsPass(gpu.ctx, shaders)
        self._sky = MilkyWayPass(gpu.ctx, shaders)
        self._station = StationPart(gpu.ctx, shaders)
        self._block = gpu.ctx.buffer(reserve=FrameBlock.size_bytes())
        self.kept = Kept()
        self.moving = False
        self._between: Callable[[], None] | None = None
        self.tell: Callable[[float], None] = lambda share: None
        for part in (self._block, self._limb, self._view, self._stars, self._sky, self._station, self.kept):
            gpu.own(part.release)

    @property
    def whole(self) -> bool:
        """Whether pictures are drawn without looking for tiles that lack ground or show nothing but the station.

        A software rasteriser needs its time for pixels. A card's shaders leave out by themselves what a pixel does
        not see, and in a moving view it would wait for the processor that divides every picture anew.
        """
        return self.moving and not self._software

    def in_pieces(self, between: Callable[[], None] | None) -> None:
        """Call this in a moving view's picture between pieces of work; where it raises, the next drawing of the same
        world finds done what was done. None: never.
        """
        self._between = self._limb.between = between

    def bind(self, world: WorldState) -> None:
        """Make this world's frame block the one that every pass reads."""
        upload(self._ctx, frame_block(world), self._block)

    def detector(self, world: WorldState, name: str) -> Detector:
        """The detector "cie", or a camera body's by its name."""

        def make() -> Detector:
            response = cie_response() if name == "cie" else camera_response(CameraBody.load(name))
            return Detector(response, world.low_atmosphere)

        return self.kept.get(f"detector {name}", None, make)  # the lower air is the same in every scene

    def target(self, name: str, world: WorldState, n_textures: int = 1) -> Target:
        """A float target of the picture's size, kept under its name."""
        size = (world.lens.width_px, world.lens.height_px)
        return self.kept.get(f"target {name}", size, lambda: Target(self._ctx, size, n_textures))

    def inputs(
        self,
        world: WorldState,
        detector: Detector,
        per_rayleigh: Response,
        also: Sequence[WorldState] = (),
        station: Sequence[StationImage] = (),
    ) -> ViewInputs:
        """Upload what the view pass reads, march the limb map and draw the sky's grid.

        The map and the tiles cover `also` too: the same world at other instants of its exposure.
        """
        self.bind(world)
        name, scene, lens = detector.response.name, world.scene, world.lens
        with self.timer("tables"):
            tables = self._tables(world, name, per_rayleigh)
            earth = self.kept.get(f"earth {name}", world.earth, partial(detector.earth, self._ctx, world.earth))
            irradiance = detector.irradiance(world)
        limb_map, textures = None, None
        if world.alt_km >= MIN_EYE_ALTITUDE_KM:
            limb_map = limb_map_of(world, also)
            with self.timer("airglow"):
                if self.moving:
                    limb_map, textures = self._limb.run_lasting(tables, limb_map, per_rayleigh)
                else:
                    textures = self._limb.run(tables, limb_map, per_rayleigh)
        with self.timer("sky"):
            self.sky_grid(world, detector, per_rayleigh)
        fine_lights = world.alt_km / lens.f_px < TEXEL_KM
        size_px = lens.width_px, lens.height_px
        tiles = partial(all_tiles, size_px) if self.whole else partial(ground_tiles, world, also)
        # moments are made anew each time; their number tells one division of an exposure from another
        ground = self.kept.get("ground", (world, len(also), self.whole), tiles)
        factors = scene.earth.lights, scene.earth.lights * scene.earth.halo
        return ViewInputs(
            tables, limb_map, textures, self._sky, earth, ground, fine_lights, irradiance, factors, station=station
        )

    def airglow_arrays(self, world: WorldState, per_rayleigh: Response) -> AirglowArrays:
        """A world's emission tables, ready for `load`; needs no GL, so a thread may make them."""
        transmission = self.kept.get("far leg", None, partial(far_leg_transmission, world.low_atmosphere))
        return AirglowArrays.of(world.emission, transmission, per_rayleigh, world.scene.airglow.factors)

    def load(self, world: WorldState, detector: Detector, airglow: AirglowArrays | None = None) -> Steps[None]:
        """Upload a world's folded emissions and its maps a piece at a time; they replace the former at the end.

        Emissions are computed here where `airglow` holds none of this world's.
        """
        name = detector.response.name
        made: list[tuple[str, object, object]] = []
        put: Callable[[], None] = lambda: None  # noqa: E731
        if not self.kept.has(f"airglow {name} folded", world.emission):
            if airglow is None or airglow.field is not world.emission:
                airglow = self.airglow_arrays(world, detector.per_rayleigh)
            tables = yield from AirglowTables.steps(self._ctx, airglow)
            made.append((f"airglow {name} folded", world.emission, tables))
            if world.alt_km >= MIN_EYE_ALTITUDE_KM:
                bind = partial(self.bind, world)
                tables_of = tables.at(tables.factors, world.raised_km)
                put = yield from self._limb.steps(tables_of, limb_map_of(world, ()), detector.per_rayleigh, bind)
        if not self.kept.has(f"earth {name}", world.earth):
            arrays = detector.earth_arrays(world.earth)
            maps = yield from EarthTextures.steps(self._ctx, arrays, detector.slant)
            made.append((f"earth {name}", world.earth, maps))
        self._sky_tables(detector)
        yield
        for one in made:  # nothing may be drawn between this and the end
            self.kept.put(*one)
        put()

    def has_maps(self, world: WorldState, detector: Detector) -> bool:
        """Whether `load` would upload no maps of the Earth for this world."""
        return self.kept.has(f"earth {detector.response.name}", world.earth)

    def has_loaded(self, world: WorldState, detector: Detector) -> bool:
        """Whether `load` would upload nothing for this world."""
        airglow = self.kept.has(f"airglow {detector.response.name} folded", world.emission)
        return airglow and self.has_maps(world, detector)

    def sky_grid(self, world: WorldState, detector: Detector, per_rayleigh: Response) -> None:
        """Draw the Milky Way's grid for the frame block that is bound."""
        lens, sky = world.lens, self._sky_tables(detector)
        step_px = 1 if per_rayleigh is None else grid_step_px(lens.f_px)  # layers are exact, photographs quick
        self._sky.render(sky, (lens.width_px, lens.height_px), step_px, world.scene.sky.milky_way)

    def _sky_tables(self, detector: Detector) -> SkyTables:
        return self.kept.get(f"sky {detector.response.name}", None, partial(detector.sky, self._ctx))

    def _tables(self, world: WorldState, name: str, per_rayleigh: Response) -> AirglowTables:
        def make() -> AirglowTables:
            transmission = self.kept.get("far leg", None, partial(far_leg_transmission, world.low_atmosphere))
            return AirglowTables.upload(self._ctx, world.emission, transmission, per_rayleigh, factors)

        factors = world.scene.airglow.factors
        kind = "apart" if per_rayleigh is None else "folded"  # the eye folds what layers keep apart
        tables = self.kept.get(f"airglow {name} {kind}", world.emission, make)
        if per_rayleigh is not None and not self.moving and tables.folded_factors != factors:
            tables.fold(per_rayleigh, factors)  # an exact picture is the same whatever was drawn before
        return tables.at(factors, world.raised_km)

    def smooth(
        self,
        target: Target,
        parts: Collection[str],
        inputs: ViewInputs,
        world: WorldState,
        per_rayleigh: Response,
        tiles: NDArray[np.bool_] | None = None,
        *,
        share: float = 1.0,
        add: bool = False,
    ) -> None:
        """Write, or add, the chosen parts of passes/view.frag times a share into a target; see ViewPass.render."""
        if inputs.limb_map is not None or not AIRGLOW_PARTS & set(parts):
            self._view.render(target, parts, inputs, tiles, share=share, add=add)
            return
        # an eye this low sees the layers from near or inside: every pixel marches, the rest is added
        rest = set(parts) - AIRGLOW_PARTS
        if not rest and not add and share == 1.0:
            self._limb.direct(inputs.tables, target, per_rayleigh)
            return
        marched = self.target("march", world, n_textures=2)
        self._limb.direct(inputs.tables, marched, per_rayleigh)
        if rest:
            self._view.render(target, rest, inputs, share=share, add=add)
        self._view.copy(target, marched, share, add=add or bool(rest))

    def points(
        self,
        kind: Points,
        target: Target,
        world: WorldState,
        detector: Detector,
        threshold: float,
        station: Sequence[StationImage] = (),
    ) -> None:
        """Add points of light of a world behind `station`; light below `threshold`, in the response's unit, may miss.

        "lights" are stars and planets at once.
        """
        sky, satellites = world.scene.sky, world.satellites
        placed = partial(self._tell_part, SMOOTH_SHARE, POINTS_SHARE)
        makes: dict[Points, tuple[float, Callable[[], StarSprites]]] = {
            "stars": (sky.stars, partial(detector.stars, world)),
            "planets": (sky.planets, partial(detector.planets, world)),
            "lights": (max(sky.stars, sky.planets), partial(detector.lights, world, placed)),
        }
        if satellites is not None:
            makes["satellites"] = len(satellites.sets), partial(detector.satellites, world, satellites)
        if kind in makes and makes[kind][0] > 0:
            sprites = self.kept.get(f"{kind} {detector.response.name}", world, makes[kind][1])
            sigma_px = core_width_px(world, sprites.x_px, sprites.y_px)
            tell = partial(self._tell_part, POINTS_SHARE, 1.0)
            self._stars.render(target.fbo, sprites, world.lens, sigma_px, threshold, station, tell)

    def _tell_part(self, begin: float, end: float, share: float) -> None:
        self.tell(begin + share * (end - begin))

    def station(self, world: WorldState, detector: Detector) -> tuple[StationImage, ...]:
        """Pictures of what of the station stands before the lens, the farther first; none where there is none."""
        if world.station is None:
            return ()
        with self.timer("station"):
            images = self._station.images(world, detector, moving=self.moving, whole=self.whole)
        if self.moving and self._between is not None:
            self._between()
        return images

    def cover(self, target: Target, images: Sequence[StationImage], world: WorldState, *, light: bool) -> None:
        """Take from a target the light that the station stops, and add the station's own where `light`."""
        if images:
            self.bind(world)
            with self.timer("cover"):
                self._station.cover(target, images, light=light)
