"""Prints what a video costs: rendering alone, the encoder's processor time alone, and both together; JSON."""

from __future__ import annotations

import json
import sys
import time
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from earthlimb.output.video import CODECS, Part, Recipe, make_video, render_here, video_target
from earthlimb.output.video.encoder import Encoder
from earthlimb.renderer import Renderer
from earthlimb.scene import load_scene, resized
from earthlimb.world.timeline import Timeline

SIZE = (640, 360)
N_FRAMES = 40


class Silent:
    """A report to nobody."""

    def begin(self, n_frames: int, n_reused: int) -> None: ...
    def frame(self, utc: str) -> None: ...
    def encoded(self, n_frames: int) -> None: ...
    def note(self, message: str) -> None: ...


def main(folder: Path) -> None:
    scene = resized(load_scene("italy", {"video.duration_s": N_FRAMES * 0.5, "video.interval_s": 0.5}), *SIZE)
    timeline = Timeline(scene)
    parts: dict[int, Part] = {}

    def here(recipe: Recipe, indices: Iterable[int], deliver: Callable[[Part], None]) -> None:
        def both(part: Part) -> None:
            parts[part.index] = part
            deliver(part)

        render_here(timeline, recipe, indices, both)

    def rendering_s() -> float:
        begun = time.perf_counter()
        with Renderer() as renderer:
            for i in range(N_FRAMES):
                renderer.render(timeline.scene_at(i), layers=False, stage="developed", frame=i)
        return time.perf_counter() - begun

    rendering_s()  # catalogues and compiled shaders are in the page cache from here on
    before_s = rendering_s()
    begun = time.perf_counter()
    make_video(scene, timeline, video_target(str(folder / "x.mp4")), here, Silent())
    wall_s = time.perf_counter() - begun
    after_s = rendering_s()
    begun = time.process_time()
    encoder = Encoder(folder / "alone.mp4", CODECS["h264"], SIZE, scene.video.fps, {})
    for i in range(N_FRAMES):
        encoder.add(np.frombuffer(zlib.decompress(parts[i].payload), np.uint8).reshape(parts[i].shape))
    encoder.close()
    encoder_cpu_s = time.process_time() - begun
    print(json.dumps({"render_s": 0.5 * (before_s + after_s), "encoder_cpu_s": encoder_cpu_s, "wall_s": wall_s}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
