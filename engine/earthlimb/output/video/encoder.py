"""Planes to a video file: codecs, colour tags, metadata; and the thread that encodes while frames are rendered."""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

import av
import numpy as np

from earthlimb.errors import EarthlimbError, UsageError, WorkError

av.logging.set_level(av.logging.PANIC)  # what matters comes as an exception and becomes one message
os.environ.setdefault("SVT_LOG", "0")  # SVT-AV1 writes to standard error by itself

_THREADS = 8
"""A fixed number: x264's result depends on it, and a resumed video must equal an undisturbed one on any machine."""
_COLOUR_TAGS: Final = {
    "color_primaries": "bt709",
    "color_trc": "iec61966-2-1",
    "colorspace": "bt709",
    "color_range": "tv",
}
_LARGEST_RATE_TERM = 1001  # 29.97 is meant as 30000/1001


@dataclass(frozen=True)
class Codec:
    """An encoder of the library and how it is used.

    Attributes
    ----------
    encoder : str
        The library's name of it.
    pix_fmt : str
        Its planes.
    options : mapping
        Its settings: quality where the noise of the night stays without blocks.
    tag : str
        The track's four letters where the default does not play everywhere.
    least_px : int
        Shortest side that it encodes; x265 destroys memory below one coding block of 64 px.
    """

    encoder: str
    pix_fmt: str
    options: Mapping[str, str] = field(default_factory=dict)
    tag: str = ""
    least_px: int = 2


CODECS: Final[Mapping[str, Codec]] = {
    "h264": Codec("libx264", "yuv420p", {"preset": "medium", "crf": "18"}),
    "h265": Codec(
        "libx265",
        "yuv420p10le",
        {"preset": "medium", "crf": "20", "x265-params": "log-level=none"},
        tag="hvc1",
        least_px=64,
    ),
    "av1": Codec("libsvtav1", "yuv420p10le", {"preset": "8", "crf": "28"}, least_px=64),
}


def codec_named(name: str) -> Codec:
    """The codec of a name, if this machine can encode it.

    Raises
    ------
    UsageError
        No codec has this name.
    WorkError
        The installed library was built without it.
    """
    if name not in CODECS:
        raise UsageError(f"--codec: {name}: {', '.join(CODECS)} are known: leave it out for h264")
    codec = CODECS[name]
    try:
        av.codec.Codec(codec.encoder, "w")
    except (av.error.FFmpegError, av.codec.codec.UnknownCodecError):
        raise WorkError(
            f"--codec {name}: the installed PyAV {av.__version__} has no encoder {codec.encoder}: a PyAV with it is "
            "wanted: install PyAV from its wheels (pip install --force-reinstall --only-binary :all: av), or write "
            "numbered pictures, OUT/"
        ) from None
    return codec


def frame_rate(fps: float) -> Fraction:
    """The rate as the file counts it; below 1 a frame's duration is what is rounded, so that none becomes 0.

    Examples
    --------
    >>> frame_rate(25.0), frame_rate(29.97), frame_rate(23.976)
    (Fraction(25, 1), Fraction(30000, 1001), Fraction(24000, 1001))
    >>> frame_rate(0.004)
    Fraction(1, 250)
    """
    ntsc = Fraction(round(fps) * 1000, 1001)
    if ntsc and abs(float(ntsc) - fps) < 5e-4:
        return ntsc
    if fps < 1.0:
        return 1 / Fraction(1.0 / fps).limit_denominator(_LARGEST_RATE_TERM)
    return Fraction(fps).limit_denominator(_LARGEST_RATE_TERM)


class Encoder:
    """A video file that grows frame by frame.

    The pictures hold sRGB code values, so the transfer tag is that of sRGB (IEC 61966-2-1): a player that looks at
    tags shows what the PNG of the frame shows. Primaries and matrix are those of BT.709, the range is limited.
    """

    def __init__(
        self, path: Path, codec: Codec, size: tuple[int, int], fps: float, metadata: Mapping[str, str]
    ) -> None:
        self._rate = frame_rate(fps)
        self._pix_fmt = codec.pix_fmt
        self.dtype = np.dtype(np.uint8 if codec.pix_fmt == "yuv420p" else "<u2")
        """Of the planes."""
        try:
            # the index in front: a video on a web page starts before it is loaded
            self._file = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
            self._file.metadata.update(metadata)
            options = dict(codec.options) | _COLOUR_TAGS
            # the library types it as any kind of stream
            self._stream = cast(Any, self._file.add_stream(codec.encoder, rate=self._rate, options=options))
            self._stream.width, self._stream.height = size
            self._stream.pix_fmt = codec.pix_fmt
            context = self._stream.codec_context
            self._stream.time_base = context.time_base = 1 / self._rate
            context.thread_count = _THREADS
            if codec.tag:
                context.codec_tag = codec.tag
            context.open()
        except av.error.FFmpegError as error:
            self.abandon()
            raise WorkError(
                f"{codec.encoder}: {size[0]} x {size[1]} px at {fps:g} frames a second: {error.strerror}: "
                "the encoder does not take this: choose another size, rate or --codec"
            ) from error
        self._next = 0

    def add(self, planes: np.ndarray[Any, Any]) -> None:
        """Encode the next frame."""
        frame = av.VideoFrame.from_ndarray(planes, format=self._pix_fmt)
        frame.pts, frame.time_base = self._next, 1 / self._rate
        self._next += 1
        self._file.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Encode what the encoder holds back, and finish the file."""
        self._file.mux(self._stream.encode(None))
        self._file.close()

    def abandon(self) -> None:
        """Let go of the file as it is."""
        try:
            self._file.close()
        except (AttributeError, av.error.FFmpegError):  # never opened, or the error that is being reported
            pass


class EncodingThread:
    """Encodes the frames in their order as they become ready, beside the rendering.

    What waits lies on disk, so memory does not depend on who is ahead.

    Parameters
    ----------
    encoder : Encoder
    n_frames : int
    fetch : callable
        The packed planes and their shape of a frame that is ready.
    """

    def __init__(self, encoder: Encoder, n_frames: int, fetch: Callable[[int], tuple[bytes, tuple[int, ...]]]) -> None:
        self._encoder = encoder
        self._n = n_frames
        self._fetch = fetch
        self._ready: set[int] = set()
        self._changed = threading.Condition()
        self._stopped = False
        self.encoded = 0
        self.failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="earthlimb-encoder", daemon=True)
        self._thread.start()

    def ready(self, index: int) -> None:
        """Tell that a frame is there."""
        with self._changed:
            self._ready.add(index)
            self._changed.notify()

    def join(self, timeout_s: float) -> bool:
        """Wait; whether the file is complete. Raises what the encoding raised."""
        self._thread.join(timeout_s)
        if self.failure is not None:
            raise self.failure
        return not self._thread.is_alive()

    def stop(self) -> None:
        """End after the frame that is being encoded; the file stays incomplete."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        try:
            for index in range(self._n):
                with self._changed:
                    self._changed.wait_for(lambda i=index: self._stopped or i in self._ready)  # type: ignore[misc]
                    self._ready.discard(index)
                if self._stopped:
                    self._encoder.abandon()
                    return
                payload, shape = self._fetch(index)
                self._encoder.add(np.frombuffer(zlib.decompress(payload), self._encoder.dtype).reshape(shape))
                self.encoded = index + 1
            self._encoder.close()
        except (EarthlimbError, OSError, av.error.FFmpegError, ValueError, MemoryError) as error:
            self.failure = error
            self._encoder.abandon()
