"""Frames that need no renderer, sources that hand them over, and what a video file holds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from earthlimb.output.video import Part, Recipe
from earthlimb.output.video.frames import pack
from earthlimb.renderer.frame import Frame
from earthlimb.scene import Scene, load_scene, resolved

SIZE = (96, 64)


def a_scene(**changes: object) -> Scene:
    """Twelve exposures of a tiny picture."""
    values = {
        "title": "Straße",
        "image.width_px": SIZE[0],
        "image.height_px": SIZE[1],
        "video.duration_s": 6.0,
        "video.interval_s": 0.5,
        "video.fps": 24.0,
    }
    return load_scene("italy", values | {key.replace("__", "."): value for key, value in changes.items()})


@dataclass
class Stills:
    """A timeline with nothing but the time."""

    scene: Scene
    n_frames: int = 12

    def scene_at(self, index: int) -> Scene:
        later = self.scene.time.utc + timedelta(seconds=index * self.scene.video.interval_s)
        return self.scene.model_copy(update={"time": self.scene.time.model_copy(update={"utc": later})})


def grey(index: int) -> int:
    """Code value of a made frame, different for neighbours."""
    return 40 + 37 * index % 180


def made_frame(scene: Scene, index: int) -> Frame:
    """A frame of one grey with a white corner at the upper left."""
    picture = np.full((scene.image.height_px, scene.image.width_px, 3), grey(index) / 255.0, np.float32)
    picture[:8, :8] = 1.0
    about: dict[str, Any] = {"scene": resolved(scene), "utc": scene.time.utc, "frame": index, "seed": scene.seed}
    return Frame(
        scene.image.width_px,
        scene.image.height_px,
        None,  # type: ignore[arg-type]  # the outputs do not look at it
        rgb_linear=picture,
        picture=picture,
        metadata=about | {"versions": {"earthlimb": "0.1.0"}},
    )


@dataclass
class Maker:
    """A source that counts what it makes, in any order, and may fail on the way."""

    frames: Stills
    order: Callable[[list[int]], list[int]] = list
    fail_at: int | None = None
    failure: BaseException = field(default_factory=KeyboardInterrupt)
    made: list[int] = field(default_factory=list)

    def __call__(self, recipe: Recipe, indices: Iterable[int], deliver: Callable[[Part], None]) -> None:
        for index in self.order(list(indices)):
            if index == self.fail_at:
                raise self.failure
            deliver(pack(made_frame(self.frames.scene_at(index), index), recipe, index))
            self.made.append(index)


class Heard:
    """A report that remembers."""

    def __init__(self) -> None:
        self.begun: tuple[int, int] | None = None
        self.utcs: list[str] = []
        self.notes: list[str] = []

    def begin(self, n_frames: int, n_reused: int) -> None:
        self.begun = (n_frames, n_reused)

    def frame(self, utc: str) -> None:
        self.utcs.append(utc)

    def encoded(self, n_frames: int) -> None:
        pass

    def note(self, message: str) -> None:
        self.notes.append(message)


def decoded(path: Path) -> tuple[list[NDArray[np.uint8]], dict[str, Any]]:
    """Every frame of a video as RGB, and what the file says of itself."""
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        context = stream.codec_context
        frames = list(file.decode(stream))
        assert file.duration is not None and stream.duration is not None and stream.time_base is not None
        about = {
            "title": file.metadata.get("title"),
            "comment": file.metadata.get("comment"),
            "description": file.metadata.get("description"),
            "codec": context.name,
            "pix_fmt": context.pix_fmt,
            "size": (context.width, context.height),
            # ITU-T H.273: 1 is BT.709, 13 is sRGB (IEC 61966-2-1); range 1 is limited
            "tags": (context.color_primaries, context.color_trc, context.colorspace, context.color_range),
            "rate": stream.average_rate,
            "says_frames": stream.frames,
            "file_s": file.duration / av.time_base,
            "stream_s": float(stream.duration * stream.time_base),
            "times_s": [frame.time for frame in frames],
        }
    return [frame.to_ndarray(format="rgb24") for frame in frames], about


def names(folder: Path) -> list[str]:
    """Sorted names in a folder."""
    return sorted(os.listdir(folder))
