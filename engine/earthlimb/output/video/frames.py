"""One frame of a timeline: rendered, then packed as the bytes that are kept and travel."""

from __future__ import annotations

import tempfile
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from earthlimb.errors import EarthlimbError
from earthlimb.output.integer import picture_8bit, picture_16bit
from earthlimb.output.sidecar import sidecar_json
from earthlimb.output.still import FORMATS
from earthlimb.output.video.planes import planes_of
from earthlimb.renderer import Frame, Renderer
from earthlimb.renderer.frame import Stage
from earthlimb.scene import Scene, utc_text

_FAST = 1  # zlib's quickest: noise packs little better with more work
_IN_FLIGHT = 1  # pictures on their way from the GPU while the next one is begun
_AHEAD = 2  # frames that wait to be packed while the next one is rendered


class Frames(Protocol):
    """A timeline as the output needs it; `earthlimb.world.timeline.Timeline` is one."""

    @property
    def n_frames(self) -> int:
        """How many exposures."""

    def scene_at(self, index: int) -> Scene:
        """The still scene of an exposure."""


@dataclass(frozen=True)
class Recipe:
    """How a frame becomes bytes.

    Attributes
    ----------
    stage : "linear", "sensor" or "developed"
    ending : str
        Of a picture file; "" for the planes of a video.
    pix_fmt : str
        Of the planes: "yuv420p" or "yuv420p10le".
    device : str
        Where it is rendered.
    """

    stage: Stage
    ending: str = ""
    pix_fmt: str = "yuv420p"
    device: str = "auto"


@dataclass(frozen=True)
class Part:
    """A finished frame.

    Attributes
    ----------
    index : int
    utc : str
        Middle of the exposure.
    payload : bytes
        A picture file, or the packed planes.
    shape : tuple of int
        (rows, columns) of the planes; empty for a file.
    sidecar : str
        JSON as beside a single picture.
    warnings : tuple of str
        What the user should know about this frame.
    """

    index: int
    utc: str
    payload: bytes
    shape: tuple[int, ...]
    sidecar: str
    warnings: tuple[str, ...] = ()


def pack(frame: Frame, recipe: Recipe, index: int) -> Part:
    """Turn a rendered frame into the bytes that its recipe asks for; the same frame gives the same bytes."""
    shape: tuple[int, ...] = ()
    if recipe.ending:
        payload = _file_bytes(frame, recipe)
    else:
        rgb = picture_8bit(frame) if recipe.pix_fmt == "yuv420p" else picture_16bit(frame)
        planes = planes_of(rgb, recipe.pix_fmt)
        shape = planes.shape
        payload = zlib.compress(planes.tobytes(), _FAST)
    utc = str(frame.metadata.get("utc", ""))
    warnings = tuple(getattr(frame.world, "warnings", ()))
    return Part(index, utc, payload, shape, sidecar_json(frame.metadata), warnings)


def _file_bytes(frame: Frame, recipe: Recipe) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"picture{recipe.ending}"
        FORMATS[recipe.ending](frame, path, recipe.stage)
        return path.read_bytes()


def render_frame(renderer: Renderer, frames: Frames, recipe: Recipe, index: int) -> Frame:
    """Render one exposure as far as its recipe wants."""
    return renderer.render(frames.scene_at(index), layers=recipe.stage == "linear", stage=recipe.stage, frame=index)


def start_frame(renderer: Renderer, frames: Frames, recipe: Recipe, index: int) -> Callable[[], Frame]:
    """Begin one exposure; the function that is returned waits for it. Only photographs travel meanwhile."""
    if recipe.stage == "developed":
        return renderer.start(frames.scene_at(index), frame=index)
    frame = render_frame(renderer, frames, recipe, index)
    return lambda: frame


def render_part(renderer: Renderer, frames: Frames, recipe: Recipe, index: int) -> Part:
    """Render and pack one exposure."""
    with of_exposure(frames, index):
        return pack(render_frame(renderer, frames, recipe, index), recipe, index)


@contextmanager
def of_exposure(frames: Frames, index: int) -> Iterator[None]:
    """Errors of the body say which exposure failed, and when it is: ours in the message, others in a note."""
    try:
        yield
    except Exception as error:
        try:
            which = f"(exposure {index}, {utc_text(frames.scene_at(index).time.utc)})"
        except Exception:  # the same again: the timeline cannot say it
            which = f"(exposure {index})"
        if isinstance(error, EarthlimbError):
            raise type(error)(f"{error} {which}") from error
        error.add_note(which)
        raise


def render_here(frames: Frames, recipe: Recipe, indices: Iterable[int], deliver: Callable[[Part], None]) -> None:
    """Render exposures in this process, one after the other; a thread packs and delivers them meanwhile.

    Whatever ends it, frames that were rendered are delivered first.
    """

    def hand_over(frame: Frame, index: int) -> None:
        with of_exposure(frames, index):
            part = pack(frame, recipe, index)
        deliver(part)

    packing: deque[Future[None]] = deque()
    in_flight: deque[tuple[Callable[[], Frame], int]] = deque()
    with Renderer(device=recipe.device) as renderer, ThreadPoolExecutor(1) as packer:

        def land() -> None:
            finish, index = in_flight.popleft()
            with of_exposure(frames, index):
                frame = finish()
            packing.append(packer.submit(hand_over, frame, index))

        try:
            for index in indices:
                with of_exposure(frames, index):
                    in_flight.append((start_frame(renderer, frames, recipe, index), index))
                if len(in_flight) > _IN_FLIGHT:
                    land()
                while len(packing) > _AHEAD:
                    packing.popleft().result()
        finally:
            while in_flight:
                land()
            while packing:
                packing.popleft().result()
