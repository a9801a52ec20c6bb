"""The making of one video: what is finished already, the rest from a source, the encoding beside it, the end."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Protocol

from earthlimb.errors import EarthlimbError, UsageError, WorkError
from earthlimb.output.sidecar import sidecar_json
from earthlimb.output.video.encoder import CODECS, Encoder, EncodingThread, codec_named
from earthlimb.output.video.frames import Frames, Part, Recipe
from earthlimb.output.video.store import Store
from earthlimb.output.video.target import Target
from earthlimb.scene import Scene, own_files, resolved

Source = Callable[[Recipe, Iterable[int], Callable[[Part], None]], None]
"""Renders the frames of these indices, in any order, and hands over each; may do so from other threads."""

_WAIT_S = 0.2


class Interrupted(WorkError):
    """The user or the system ended the work; `exit_status` is what shells expect."""

    def __init__(self, message: str, exit_status: int) -> None:
        super().__init__(message)
        self.exit_status = exit_status


class Report(Protocol):
    """What watches the work, for a person."""

    def begin(self, n_frames: int, n_reused: int) -> None:
        """Before the first frame."""

    def frame(self, utc: str) -> None:
        """A frame is finished."""

    def encoded(self, n_frames: int) -> None:
        """So many frames are in the file, while only the encoder works."""

    def note(self, message: str) -> None:
        """Something to know."""


@dataclass(frozen=True)
class Done:
    """How it went."""

    frames: int
    frames_reused: int
    wall_s: float


def fingerprint(scene: Scene, recipe: Recipe, version: str) -> str:
    """Hash of all that decides how frames look; another end or rate keeps them, and a title that is not in each."""
    values = resolved(scene)
    if not recipe.ending:
        values.pop("title", None)
    for of_the_whole in ("fps", "duration_s"):
        values.get("video", {}).pop(of_the_whole, None)
    try:
        contents = [hashlib.sha256(path.read_bytes()).hexdigest() for path in own_files(scene).values()]
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}: a readable file is wanted: check the path") from error
    whole = [values, contents, recipe.stage, recipe.ending, recipe.pix_fmt, version]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def make_video(
    scene: Scene,
    frames: Frames,
    target: Target,
    source: Source,
    report: Report,
    *,
    codec: str = "h264",
    device: str = "auto",
) -> Done:
    """Make a video or numbered pictures, reusing the frames that an interrupted run has finished.

    Parameters
    ----------
    scene : Scene
        With its `[video]`.
    frames : Frames
        Its timeline.
    target : Target
        From `video_target`.
    source : Source
        Renders frames: `render_here` or a cluster.
    report : Report
    codec : str
        A key of `CODECS`; numbered pictures do not use it.
    device : str

    Raises
    ------
    UsageError
        The scene or an option is wrong.
    WorkError
        The work failed or was interrupted; the message says what is kept and how to continue.
    """
    import earthlimb

    start = time.perf_counter()
    pix_fmt = "" if target.numbered else codec_named(codec).pix_fmt
    recipe = Recipe(target.stage, target.ending, pix_fmt, device)
    size = (scene.image.width_px, scene.image.height_px)
    if not target.numbered:
        size = _fitting(size, codec, target, report)
    n = frames.n_frames
    store = Store(target, fingerprint(scene, recipe, earthlimb.__version__), n)
    try:
        for note in store.notes:
            report.note(note)
        reused = store.n_done
        report.begin(n, reused)
        encoding = None
        with ExitStack() as ending:
            if not target.numbered:
                about = _about(scene, frames, earthlimb.__version__)
                encoder = Encoder(store.encoding, CODECS[codec], size, scene.video.fps, about)
                encoding = EncodingThread(encoder, n, store.get)
                ending.callback(encoding.stop)
            _render(store, encoding, source, recipe, n, report)
            while encoding is not None and not encoding.join(_WAIT_S):
                report.encoded(encoding.encoded)
        done = Done(n, reused, time.perf_counter() - start)
        for note in store.finish(sidecar_json(_sidecar(scene, frames, store, target, codec, size, done))):
            report.note(note)
        return done
    except BaseException as error:
        raise _kept(error, store, target, n) from error
    finally:
        store.close()


def _render(
    store: Store, encoding: EncodingThread | None, source: Source, recipe: Recipe, n: int, report: Report
) -> None:
    """Let the source make what is missing."""
    said: set[str] = set()
    one_at_a_time = threading.Lock()

    def deliver(part: Part) -> None:
        store.put(part)
        with one_at_a_time:
            for warning in part.warnings:
                if warning not in said:
                    said.add(warning)
                    report.note(f"warning: {warning}")
            report.frame(part.utc)
        if encoding is not None:
            encoding.ready(part.index)
            if encoding.failure is not None:
                raise encoding.failure

    if encoding is not None:
        for index in store.done:
            encoding.ready(index)
    missing = [index for index in range(n) if index not in store.done]
    if missing:
        source(recipe, missing, deliver)


def _fitting(size: tuple[int, int], codec: str, target: Target, report: Report) -> tuple[int, int]:
    """The size that the codec takes: even sides."""
    width, height = (side - side % 2 for side in size)
    least = CODECS[codec].least_px
    if min(width, height) < least:
        raise UsageError(
            f"size: {size[0]}x{size[1]}: {codec} video has at least {least}x{least} pixels: choose a larger --size"
        )
    if (width, height) != size:
        report.note(
            f"{target.named}: {size[0]} x {size[1]} px is odd, the codec needs even sides: "
            f"{width} x {height} px are kept, the last row or column is left out"
        )
    return width, height


def _about(scene: Scene, frames: Frames, version: str) -> dict[str, str]:
    """Title, scene and version for the file's own metadata."""
    begin = resolved(frames.scene_at(0))["time"]["utc"]
    return {
        "title": scene.title or f"earthlimb, {begin}",
        "comment": f"earthlimb {version}; {frames.n_frames} frames every {scene.video.interval_s:g} s from {begin}",
        "description": json.dumps(resolved(scene), ensure_ascii=False),
    }


def _sidecar(
    scene: Scene, frames: Frames, store: Store, target: Target, codec: str, size: tuple[int, int], done: Done
) -> dict[str, Any]:
    """The first frame's sidecar, with what belongs to the whole."""
    first = store.sidecar(0)
    first.pop("frame", None)
    last = resolved(frames.scene_at(frames.n_frames - 1))["time"]["utc"]
    whole: dict[str, Any] = {
        "scene": resolved(scene),
        "frames": done.frames,
        "frames_reused": done.frames_reused,
        "last_utc": last,
        "width_px": size[0],
        "height_px": size[1],
        "times_s": {"wall": round(done.wall_s, 3)},
    }
    if not target.numbered:
        used = CODECS[codec]
        whole |= {
            "fps": scene.video.fps,
            "duration_s": done.frames / scene.video.fps,
            "codec": codec,
            "encoder": used.encoder,
            "pix_fmt": used.pix_fmt,
        }
    return first | whole


def _kept(error: BaseException, store: Store, target: Target, n: int) -> BaseException:
    """The error with what is kept and how to go on."""
    kept = f"; {store.n_done} of {n} frames are kept in {target.parts}" if store.n_done else ""
    more = f"{kept}: the same command continues" if kept else ""
    if isinstance(error, KeyboardInterrupt):
        return Interrupted(f"{target.named}: interrupted{more}", 130)
    if isinstance(error, SystemExit):
        return Interrupted(
            f"{target.named}: ended from outside{more}", error.code if isinstance(error.code, int) else 1
        )
    if isinstance(error, OSError):
        error = store.failure(error)
    if isinstance(error, WorkError) and more:
        return WorkError(f"{error}{more}")
    if isinstance(error, UsageError) and kept:  # the same command would fail again
        return UsageError(f"{error}{kept}: a video.duration_s that ends before continues with them")
    if more and not isinstance(error, EarthlimbError):
        error.add_note(more)
    return error
