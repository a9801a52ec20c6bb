"""The renderer: builds the world of a scene, runs the passes in a chosen response, hands over a Frame."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from earthlimb.gpu import ShaderLibrary, open_context
from earthlimb.gpu.timers import PassTimer
from earthlimb.renderer.drawing import Drawing
from earthlimb.renderer.frame import Frame, Stage
from earthlimb.renderer.layers import geometry_layers, render_layers
from earthlimb.renderer.metering import metered
from earthlimb.renderer.photograph import Photographer
from earthlimb.renderer.sidecar import describe
from earthlimb.scene import Scene, resized
from earthlimb.scene.camera import AutoShutter
from earthlimb.world import WorldState, build_world


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
        self.ctx = self.gpu.ctx
        self.shaders = ShaderLibrary(self.ctx)
        self.gpu.own(self.shaders.release)
        self.timer = PassTimer(self.ctx)
        self.drawing = Drawing(self.gpu, self.shaders, self.timer)
        self.photographer = Photographer(self.gpu, self.shaders, self.drawing, self.timer)

    def __enter__(self) -> Renderer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Free every GL object and the context; a second call does nothing."""
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
            world = build_world(scene, frame=frame)
        with self.ctx:
            world = self.photographer.metered(world)
        results: dict[str, Any] = {}
        if layers or stage == "linear":
            with self.ctx, clock("linear"):  # another renderer may have made its own context current
                rgb, parts = render_layers(self.drawing, world)
                results |= {"rgb_linear": rgb, "layers": parts | geometry_layers(world)}
        if stage != "linear":
            with self.ctx, clock("photograph"):
                results |= self.photographer.take(world, frame, keep_electrons=stage != "developed")
        return self._frame(world, frame, clock, results)

    def start(self, scene: Scene, *, frame: int = 0) -> Callable[[], Frame]:
        """Begin one developed photograph and return the function that waits for it, to be called once.

        Between the two the next exposure may be started: its world is then built while the GPU draws and sends this
        one. The frame equals that of `render(scene, layers=False, stage="developed", frame=frame)`, without the
        sidecar's histogram.
        """
        if self._size is not None:
            scene = resized(scene, *self._size)
        clock = Stopwatch()
        with clock("world"):
            world = build_world(scene, frame=frame)
        with self.ctx, clock("photograph"):
            world = self.photographer.metered(world)
            picture = self.photographer.start(world, frame)

        def finish() -> Frame:
            with self.ctx:
                return self._frame(world, frame, clock, {"picture": picture.finish()})

        return finish

    def with_metered_shutter(self, scene: Scene, longest_s: float) -> Scene:
        """The scene with a number for the shutter, at most so long, where it says "auto": for a whole timeline."""
        if not isinstance(scene.camera.shutter_s, AutoShutter):
            return scene
        with self.ctx:
            shutter_s = metered(self.photographer, build_world(scene), longest_s).scene.camera.shutter_s
        return scene.model_copy(update={"camera": scene.camera.model_copy(update={"shutter_s": shutter_s})})

    def _frame(self, world: WorldState, frame: int, clock: Stopwatch, results: dict[str, Any]) -> Frame:
        cie = self.drawing.detector(world, "cie")
        metadata = describe(world, self.gpu, cie.per_rayleigh, frame)
        if "exposure" in results:
            metadata["exposure"] = results.pop("exposure")
        metadata["times_s"] = clock.seconds
        return Frame(world.lens.width_px, world.lens.height_px, world, metadata=metadata, **results)


class Stopwatch:
    """Seconds by name, for the sidecar; no pixel depends on them."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 4)


def render(scene: Scene, *, device: str = "auto") -> Frame:
    """Render a single scene with a renderer of its own, all stages and layers."""
    with Renderer(device=device) as renderer:
        return renderer.render(scene)
