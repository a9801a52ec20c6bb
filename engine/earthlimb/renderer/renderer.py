"""The renderer: builds the world of a scene, runs the passes in a chosen response, hands over a Frame."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from types import TracebackType
from typing import Any, NoReturn, get_args

from earthlimb.errors import UsageError
from earthlimb.gpu import ShaderLibrary, open_context
from earthlimb.gpu.timers import PassTimer
from earthlimb.renderer.drawing import Drawing
from earthlimb.renderer.frame import Frame, Stage
from earthlimb.renderer.layers import geometry_layers, render_layers
from earthlimb.renderer.metering import metered
from earthlimb.renderer.photograph import Photographer
from earthlimb.renderer.sidecar import describe
from earthlimb.scene import Scene, check_size, resized
from earthlimb.scene.camera import AutoShutter
from earthlimb.world import WorldState, build_world


class Renderer:
    """Renders scenes on one GL context; use it in a `with` block, or call `release`.

    Threads may share one: their calls take turns. A fork of the process that opened one cannot render.

    Parameters
    ----------
    size : (width, height) in px, optional
        Renders every scene at this size, the same view.
    device : str
        `auto`, `egl:N`, `native` or `window`.

    Raises
    ------
    UsageError
        A size that no picture has, an unknown device; from the methods: no scene, an unknown stage, a frame's number
        that is none, a renderer that was released; both in a process that was forked after a renderer was made.
    WorkError
        No driver gives OpenGL 4.1, or it has no memory for the picture.
    """

    def __init__(self, size: tuple[int, int] | None = None, device: str = "auto") -> None:
        self._size = None if size is None else _checked_size(size)
        self.gpu = open_context(device)
        self.ctx = self.gpu.ctx
        self.shaders = ShaderLibrary(self.ctx)
        self.gpu.own(self.shaders.release)
        self.timer = PassTimer(self.ctx)
        self.drawing = Drawing(self.gpu, self.shaders, self.timer)
        self.photographer = Photographer(self.gpu, self.shaders, self.drawing, self.timer)
        self.gpu.belongs_to(self)
        self.gpu.let_go()

    def __enter__(self) -> Renderer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def __reduce__(self) -> NoReturn:
        raise UsageError(
            "Renderer: it cannot go to another process, nor be copied: scenes and frames can: make a renderer there"
        )

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
        _check_stage(stage)
        scene = self._ready(scene, frame)
        clock = Stopwatch()
        with clock("world"):
            world = build_world(scene, frame=frame)
        results: dict[str, Any] = {}
        with self.gpu.use():  # another renderer may have made its own context current
            world = self.photographer.metered(world)
            if layers or stage == "linear":
                with clock("linear"):
                    rgb, parts = render_layers(self.drawing, world)
                    results |= {"rgb_linear": rgb, "layers": parts | geometry_layers(world)}
            if stage != "linear":
                with clock("photograph"):
                    results |= self.photographer.take(world, frame, keep_electrons=stage != "developed")
            return self._frame(world, frame, clock, results)

    def start(self, scene: Scene, *, frame: int = 0) -> Callable[[], Frame]:
        """Begin one developed photograph and return the function that waits for it, to be called once.

        Between the two the next exposure may be started: its world is then built while the GPU draws and sends this
        one. The frame equals that of `render(scene, layers=False, stage="developed", frame=frame)`, without the
        sidecar's histogram.
        """
        scene = self._ready(scene, frame)
        clock = Stopwatch()
        with clock("world"):
            world = build_world(scene, frame=frame)
        with self.gpu.use(), clock("photograph"):
            world = self.photographer.metered(world)
            picture = self.photographer.start(world, frame)

        def finish() -> Frame:
            with self.gpu.use():
                return self._frame(world, frame, clock, {"picture": picture.finish()})

        return finish

    def with_metered_shutter(self, scene: Scene, longest_s: float) -> Scene:
        """The scene with a number for the shutter, at most so long, where it says "auto": for a whole timeline."""
        if not isinstance(scene.camera.shutter_s, AutoShutter):
            return scene
        world = build_world(scene)
        with self.gpu.use():
            shutter_s = metered(self.photographer, world, longest_s).scene.camera.shutter_s
        return scene.model_copy(update={"camera": scene.camera.model_copy(update={"shutter_s": shutter_s})})

    def _ready(self, scene: Scene, frame: int) -> Scene:
        """The scene at the renderer's size; raises UsageError for what cannot be rendered."""
        self.gpu.check()
        if not isinstance(scene, Scene):
            raise UsageError(
                f'render: {scene!r:.60}: no scene: a Scene is wanted: load it, earthlimb.load_scene("italy")'
            )
        if _whole(frame) is None or frame < 0:
            raise UsageError(f"render: frame = {frame!r:.60}: a whole number from 0 on is wanted: change it")
        return scene if self._size is None else resized(scene, *self._size)

    def _frame(self, world: WorldState, frame: int, clock: Stopwatch, results: dict[str, Any]) -> Frame:
        cie = self.drawing.detector(world, "cie")
        metadata = describe(world, self.gpu, cie.per_rayleigh, frame)
        if "exposure" in results:
            metadata["exposure"] = results.pop("exposure")
        metadata["times_s"] = clock.seconds
        return Frame(world.lens.width_px, world.lens.height_px, world, metadata=metadata, **results)


def _whole(value: object) -> int | None:
    """A whole number of Python's or numpy's, None for anything else."""
    try:
        return None if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def _checked_size(size: object) -> tuple[int, int]:
    sides = [_whole(side) for side in size] if isinstance(size, Iterable) else []
    if len(sides) != 2 or sides[0] is None or sides[1] is None:
        raise UsageError(
            f"Renderer: size = {size!r:.60}: two whole numbers of pixels, (width, height), are wanted: "
            "write size=(1280, 720)"
        )
    check_size(sides[0], sides[1])
    return sides[0], sides[1]


def _check_stage(stage: object) -> None:
    stages = get_args(Stage)
    if stage is not None and stage not in stages:
        near = get_close_matches(str(stage), stages, n=1)
        advice = f"did you mean {near[0]}?" if near else "choose one of these"
        raise UsageError(f"render: stage = {stage!r:.60}: not a stage: allowed are {', '.join(stages)}: {advice}")


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
