"""`earthlimb video`: the scene's timeline as a video or numbered pictures, here or on many machines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from earthlimb.cli import options
from earthlimb.cli.options import say
from earthlimb.errors import UsageError
from earthlimb.scene import Scene
from earthlimb.scene.camera import AutoShutter

if TYPE_CHECKING:
    from rich.progress import TaskID

    from earthlimb.output.video import Frames, Part, Recipe, Source


class Watching:
    """Progress on a terminal; notes on any standard error; nothing when quiet."""

    def __init__(self, quiet: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._quiet = quiet
        self.seen = sys.stderr.isatty() and not quiet
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            TextColumn("{task.fields[utc]}"),
            console=Console(stderr=True),
            transient=True,
            disable=not self.seen,
            speed_estimate_period=60.0,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Watching:
        self._bar.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._bar.stop()

    def begin(self, n_frames: int, n_reused: int) -> None:
        """Show the bar; reused frames do not count for the rate."""
        self._task = self._bar.add_task("rendering", total=n_frames, completed=n_reused, rate="", utc="")

    def frame(self, utc: str) -> None:
        """One frame more."""
        assert self._task is not None
        self._bar.advance(self._task)
        speed = self._bar.tasks[0].speed
        self._bar.update(self._task, utc=utc[:19].replace("T", " "), rate=f"{speed:.2f} frames/s" if speed else "")

    def encoded(self, n_frames: int) -> None:
        """The encoder's rest."""
        assert self._task is not None
        self._bar.update(self._task, description="encoding", completed=n_frames, rate="", utc="")

    def note(self, message: str) -> None:
        """A line above the bar."""
        if self.seen:
            self._bar.console.print(message, markup=False, highlight=False, soft_wrap=True)
        else:
            say(message, self._quiet)


def metered_once(scene: Scene, device: str) -> Scene:
    """The scene with the shutter that a meter chooses at the first frame: a timeline does not flicker."""
    from earthlimb.renderer import Renderer
    from earthlimb.world.timeline import Timeline

    still = Timeline(scene).scene_at(0)  # keyed values, and a manoeuvre that is under way or over
    with Renderer(device=device) as renderer:
        shutter_s = renderer.with_metered_shutter(still, scene.video.interval_s).camera.shutter_s
    return scene.model_copy(update={"camera": scene.camera.model_copy(update={"shutter_s": shutter_s})})


def _source(
    scene: Scene, frames: Frames, workers: int | None, scheduler: str | None, note: Callable[[str], None]
) -> Source:
    """Who renders: this process, processes of this machine, or a cluster."""
    if workers is not None and scheduler is not None:
        raise UsageError("--workers: given with --scheduler, whose workers are used: leave one of them out")
    if workers is not None and workers < 1:
        raise UsageError(f"--workers: {workers}: at least 1 is wanted: leave it out for 1")
    if scheduler is not None or (workers or 1) > 1:
        from earthlimb import cluster

        if scheduler is not None:
            return cluster.on_scheduler(scheduler, scene, note)
        return cluster.on_this_machine(workers or 1, scene, note)
    from earthlimb.output.video import render_here

    def here(recipe: Recipe, indices: Iterable[int], deliver: Callable[[Part], None]) -> None:
        render_here(frames, recipe, indices, deliver)

    return here


def video(
    scene: options.SceneName,
    out: Annotated[
        str,
        typer.Option("-o", "--out", metavar="OUT", help="OUT.mp4, OUT/ or frame_%05d.png (.jpg, .tiff, .exr, .fits)."),
    ],
    workers: Annotated[
        int | None, typer.Option("--workers", metavar="N", help="Processes of this machine; 1 without it.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", metavar="tcp://HOST:8786", help="Workers of a running Dask cluster.")
    ] = None,
    codec: Annotated[str, typer.Option("--codec", metavar="NAME", help="h264, h265 or av1.")] = "h264",
    stage: Annotated[
        str | None, typer.Option("--stage", help="Of numbered pictures: linear (EXR's default), sensor or developed.")
    ] = None,
    size: options.Size = None,
    utc: options.Utc = None,
    sets: options.Sets = None,
    seed: options.Seed = None,
    device: options.Device = "auto",
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """The timeline as a video; what an interrupted run has finished is used again."""
    options.hush(quiet)
    with options.opened(scene, sets, utc, seed, size) as loaded:
        from earthlimb.output.video import codec_named, make_video, video_target
        from earthlimb.world.timeline import Timeline

        target = video_target(out, stage)
        codec_named(codec)
        frames = Timeline(loaded)
        frames.check_pointing()
        if isinstance(loaded.camera.shutter_s, AutoShutter):
            loaded = metered_once(loaded, device)
            say(f"camera.shutter_s = {loaded.camera.shutter_s:g}: metered at the first frame", quiet)
            frames = Timeline(loaded)
        with Watching(quiet) as watching:
            source = _source(loaded, frames, workers, scheduler, watching.note)
            done = make_video(loaded, frames, target, source, watching, codec=codec, device=device)
        reused = f", {done.frames_reused} of them from before" if done.frames_reused else ""
        say(f"{out}: {done.frames} frames{reused}, {done.wall_s:.1f} s", not watching.seen)


def register(app: typer.Typer) -> None:
    """Add `video` to the command line."""
    app.command("video")(video)
