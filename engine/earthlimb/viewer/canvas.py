"""Draws worlds into a picture and the picture into the window."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu.shaders import set_uniforms
from earthlimb.gpu.targets import Steps, read_rgba, texture_from
from earthlimb.passes.airglow_tables import AirglowArrays
from earthlimb.passes.earth_textures import pattern_levels
from earthlimb.renderer import Renderer
from earthlimb.renderer.detector import Detector
from earthlimb.renderer.in_flight import CountInFlight
from earthlimb.scene import Scene
from earthlimb.sensor import ExposureStatistics
from earthlimb.viewer.gpu_clock import GpuClock
from earthlimb.viewer.worlds import Parts
from earthlimb.world import WorldState

_PATIENCE_S = 0.02
"""After so long a picture leaves its further programs to the next frame."""
_PIECE_S = 0.035
"""And a software rasteriser what follows the station and the limb map, or the rest of that: another 30 ms of drawing,
with panel and screen as much again."""


class Unfinished(Exception):
    """A picture takes more than a frame, for its programs or what it shows; the same world drawn once more goes on.

    Attributes
    ----------
    compiling : programs
    """

    def __init__(self, *, compiling: bool = True) -> None:
        super().__init__()
        self.compiling = compiling


class Canvas:
    """The window's renderer and the picture that it drew last."""

    def __init__(self) -> None:
        self.renderer = Renderer(device="window")
        self.ctx = self.renderer.ctx
        self.screen = self.ctx.screen
        self._program = self.renderer.shaders.program("passes/present")
        self.clock = GpuClock(self.ctx)
        self._software = self.renderer.gpu.is_software
        self._vertices = self.ctx.vertex_array(self._program, [])
        self.renderer.gpu.own(self._vertices.release)
        self._picture: moderngl.Texture | None = None
        self._print: moderngl.Texture | None = None
        self._counted: ExposureStatistics | None = None
        self._torn = False  # half of a picture is drawn: what was drawn before may be gone
        self._statistics: ExposureStatistics | None = None
        self._warm: set[str] = set()
        self._airglow: AirglowArrays | None = None
        self._photo: tuple[NDArray[np.uint8], moderngl.Texture] | None = None

    def prepare(self, world: WorldState, parts: Parts | None) -> None:
        """Compute what drawing this world needs and GL does not, or take it from `parts`; may run in another thread."""
        detector = self._detector(world, world.scene)
        name = detector.response.name
        if parts is not None:
            if parts.maps.window is world.earth:
                detector.take_earth_arrays(parts.maps)
            self._airglow = parts.airglow
        if name not in self._warm:
            self.warm(world)
        detector.irradiance(world)

    def warm(self, world: WorldState) -> None:
        """Compute what every world in this one's response needs; in the background's thread."""
        detector = self._detector(world, world.scene)
        self._warm.add(detector.response.name)
        _ = detector.slant, detector.milky_way, detector.lights(world), pattern_levels()

    def load(self, world: WorldState) -> Steps[None]:
        """Upload what a prepared world needs, a piece at a time."""
        detector = self._detector(world, world.scene)
        yield from self.renderer.drawing.load(world, detector, self._airglow)
        self._airglow = None
        detector.forget_earth_arrays()

    def has_maps(self, world: WorldState, scene: Scene) -> bool:
        """Whether this world's maps are on the card in the response of a scene."""
        return self._knows(scene) and self.renderer.drawing.has_maps(world, self._detector(world, scene))

    def has_loaded(self, world: WorldState, scene: Scene) -> bool:
        """Whether a scene in the air of this world, whose body may be another, can be drawn without loading first."""
        return self._knows(scene) and self.renderer.drawing.has_loaded(world, self._detector(world, scene))

    def _knows(self, scene: Scene) -> bool:
        name = "detector cie" if scene.eye.enabled else f"detector {scene.camera.body}"
        return self.renderer.drawing.kept.has(name, None)

    def _detector(self, world: WorldState, scene: Scene) -> Detector:
        return self.renderer.drawing.detector(world, "cie" if scene.eye.enabled else scene.camera.body)

    def draw(self, world: WorldState, frame: int, *, moving: bool = False, spent_s: float = 0.0) -> None:
        """Take the photograph of a world in the world's own size, or a moving view's.

        `Unfinished` is raised where that takes more than a frame: the first time, whose programs are compiled, and
        where a software rasteriser draws much anew; a moving view's frame has spent `spent_s` before.
        Where a card draws, its time becomes known by `clock` some pictures later; else the picture is done at the end.
        """
        self.renderer.drawing.moving = moving
        with self._by_and_by(spent_s), nullcontext() if self._software else self.clock.timed(frame):
            self._picture = self.renderer.photographer.draw(world, frame).picture.texture
        if self._software:
            self.ctx.finish()

    @contextmanager
    def _by_and_by(self, spent_s: float = 0.0) -> Iterator[None]:
        """Let what is drawn inside do as much as fits into a frame, but compile one program at least."""
        began_s, compiled = time.perf_counter(), 0

        def put_off() -> None:
            nonlocal compiled
            if compiled and time.perf_counter() - began_s > _PATIENCE_S:
                raise Unfinished(compiling=True)
            compiled += 1

        def between() -> None:
            if spent_s + time.perf_counter() - began_s > _PIECE_S:
                raise Unfinished(compiling=False)

        shaders = self.renderer.shaders
        shaders.before_compile = put_off
        self.renderer.drawing.in_pieces(between if self._software else None)
        try:
            yield
        except Unfinished:
            self._torn = True
            self.ctx.finish()
            self.ctx.disable(moderngl.BLEND)
            if self._picture is not None and isinstance(self._picture.mglo, moderngl.InvalidObject):
                self._picture = None  # its size has changed
            raise
        else:
            self._torn = False
        finally:
            shaders.before_compile = lambda: None
            self.renderer.drawing.in_pieces(None)

    def again(self, n: int) -> bool:
        """Show the mean of n exposures of the light that was drawn last, the n-th taken now; False where none is."""
        if self._torn:
            return False
        with self.ctx, self._by_and_by():
            taken = self.renderer.photographer.again(n)
        if self._software:
            self.ctx.finish()
        return taken

    def show(self, width_px: int, height_px: int, photo: NDArray[np.uint8] | None = None) -> None:
        """Lay the picture, or a photograph (h, w, 3), over the window; where the aspect differs bars stay black."""
        screen = self.screen
        screen.use()
        screen.viewport = (0, 0, width_px, height_px)
        screen.clear(0.0, 0.0, 0.0, 1.0)
        picture = self._picture if photo is None else self._uploaded(photo)
        if picture is None:
            return
        wide, high = picture.size
        fit = min(width_px / wide, height_px / high)
        if abs(wide * fit - width_px) > 2.0 or abs(high * fit - height_px) > 2.0:  # else only rounded differently
            inner = (round(wide * fit), round(high * fit))
            screen.viewport = ((width_px - inner[0]) // 2, (height_px - inner[1]) // 2, *inner)
        self._lay(picture, screen.viewport)
        screen.viewport = (0, 0, width_px, height_px)

    def _uploaded(self, photo: NDArray[np.uint8]) -> moderngl.Texture:
        if self._photo is None or self._photo[0] is not photo:
            self.forget_photo()
            self._photo = (photo, texture_from(self.ctx, photo))
        return self._photo[1]

    def forget_photo(self) -> None:
        """Free the photograph's texture."""
        if self._photo is not None:
            self._photo[1].release()
            self._photo = None

    def develop(self, picture: NDArray[np.uint8], counted: ExposureStatistics | None) -> None:
        """Show a finished picture (h, w, 3) and its histogram instead of the one drawn last, until the next `draw`."""
        if self._print is not None:
            self._print.release()
        self._print = self._picture = texture_from(self.ctx, picture)
        self._counted = counted

    def _lay(self, picture: moderngl.Texture, place: tuple[int, int, int, int]) -> None:
        picture.use(0)
        exact = picture.size == place[2:]
        picture.filter = (moderngl.NEAREST, moderngl.NEAREST) if exact else (moderngl.LINEAR, moderngl.LINEAR)
        set_uniforms(self._program, {"picture": 0, "place": tuple(float(v) for v in place)})
        self.ctx.disable(moderngl.BLEND)
        self._vertices.render(moderngl.TRIANGLES, vertices=3)

    def read_picture(self) -> NDArray[np.float32] | None:
        """The picture (h, w, 3), code values 0 to 1, in the size that it was drawn in."""
        if self._picture is None:
            return None
        if self._picture is self._print:
            width, height = self._print.size
            code = np.frombuffer(self._print.read(alignment=1), np.uint8).reshape(height, width, 3)
            return (code / np.float32(255.0)).astype(np.float32)
        return read_rgba(self._picture)[..., :3]

    def read_statistics(self) -> ExposureStatistics | None:
        """Histogram and clipped share of the exposure that is shown."""
        if self._picture is None:
            return None
        if self._picture is self._print:
            return self._counted
        if not self._torn:
            with self.ctx:
                photographer = self.renderer.photographer
                if self.renderer.drawing.moving:
                    counting = photographer.start_statistics()
                    self._statistics = None if counting is None else counting.finish()
                else:
                    self._statistics = photographer.statistics()
                self.screen.use()  # the panel is being drawn
        return self._statistics

    def start_statistics(self) -> CountInFlight | None:
        """Begin to count a moving picture that has just been drawn; `finish` it some pictures later."""
        return self.renderer.photographer.start_statistics()

    def read_screen(self, width_px: int, height_px: int) -> NDArray[np.uint8]:
        """What the window shows (h, w, 3), before the buffers are swapped."""
        flat = np.frombuffer(self.screen.read(viewport=(0, 0, width_px, height_px), alignment=1), np.uint8)
        return np.ascontiguousarray(flat.reshape(height_px, width_px, 3)[::-1])

    def release(self) -> None:
        """Free every GL object."""
        self.forget_photo()
        if self._print is not None:
            self._print.release()
        self.renderer.release()
