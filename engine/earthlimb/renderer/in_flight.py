"""What is on its way from the GPU: later draws may begin before it is taken, and nobody waits for it until then."""

from __future__ import annotations

from dataclasses import dataclass

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.sensor import ExposureStatistics, SensorSettings, exposure_statistics


@dataclass
class ArrayInFlight:
    """A texture of four float32 channels, sent to a buffer."""

    _buffer: moderngl.Buffer
    _shape: tuple[int, int]

    @classmethod
    def of(cls, ctx: moderngl.Context, texture: moderngl.Texture) -> ArrayInFlight:
        """Send a texture; what is drawn into it from now on does not travel with it."""
        width, height = texture.size
        buffer = ctx.buffer(reserve=width * height * 16)
        texture.read_into(buffer, alignment=1)
        return cls(buffer, (height, width))

    def finish(self) -> NDArray[np.float32]:
        """Wait for the first three channels (h, w, 3), and free the buffer. Once only."""
        flat = np.frombuffer(self._buffer.read(), np.float32)
        array = np.ascontiguousarray(flat.reshape(*self._shape, 4)[..., :3])
        self._buffer.release()
        return array


@dataclass
class CountInFlight:
    """Electrons of an exposure, to be counted."""

    _electrons: ArrayInFlight
    _settings: SensorSettings

    def finish(self) -> ExposureStatistics:
        """Wait for the electrons and count them. Once only."""
        return statistics_of(self._electrons.finish(), self._settings)


def statistics_of(electrons: NDArray[np.float32], settings: SensorSettings, every: int = 1) -> ExposureStatistics:
    """Statistics of electrons (h, w, 3) that were exposed with these settings, see `exposure_statistics`."""
    return exposure_statistics(
        electrons,
        saturation_e=settings.saturation_e,
        photosites_per_px=settings.photosites_per_px,
        channel_share=settings.channel_share,
        mosaic=settings.mosaic,
        every=every,
    )
