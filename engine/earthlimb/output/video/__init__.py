"""A timeline to a video file or numbered pictures: rendered, kept frame by frame, encoded beside it, resumable."""

from earthlimb.output.video.encoder import CODECS, Codec, codec_named
from earthlimb.output.video.frames import Frames, Part, Recipe, render_here, render_part
from earthlimb.output.video.job import Report, Source, make_video
from earthlimb.output.video.target import Target, video_target

__all__ = [
    "CODECS",
    "Codec",
    "Frames",
    "Part",
    "Recipe",
    "Report",
    "Source",
    "Target",
    "codec_named",
    "make_video",
    "render_here",
    "render_part",
    "video_target",
]
