"""OpenEXR: one part, float32, rows from the top, the picture in R,G,B and every layer under its own name."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, Final

import numpy as np
import OpenEXR
from numpy.typing import NDArray

from earthlimb.errors import UsageError
from earthlimb.output.about import describe
from earthlimb.output.atomic import DISK_FULL
from earthlimb.renderer.frame import Frame, Stage

REC709_CHROMATICITIES: Final = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
"""x, y of red, green, blue and the white D65 (ITU-R BT.709-6, table 1)."""

_ALL_CORES: Final = -1


def write_exr(frame: Frame, path: Path, stage: Stage) -> None:
    """Write one stage of the frame.

    Parameters
    ----------
    frame : Frame
        The rendered picture.
    path : Path
        The file to write.
    stage : "linear", "sensor" or "developed"
        linear: R,G,B in cd m-2, and the layers, a colour layer as NAME.R, NAME.G, NAME.B.
        sensor: R,G,B in electrons per image pixel.
        developed: R,G,B of the developed picture with the sRGB curve undone: a viewer, which takes EXR for
        linear light, then shows what the PNG shows.

    Raises
    ------
    UsageError
        When the frame was rendered without this stage.
    OSError
        When the library could not write the file.
    """
    header: dict[str, Any] = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    header |= {f"earthlimb.{name.lower()}": text for name, text in describe(frame).items()}
    header["earthlimb.stage"] = stage
    if stage != "sensor":
        header["chromaticities"] = REC709_CHROMATICITIES
    if stage == "linear":
        header["whiteLuminance"] = 1.0  # cd m-2 of R = G = B = 1
    pixels = stage_pixels(frame, stage)
    channels = {name: np.ascontiguousarray(pixels[..., i]) for i, name in enumerate("RGB")}
    if stage == "linear":
        channels |= _layer_channels(frame)
    try:
        OpenEXR.File(header, channels, num_threads=_ALL_CORES).write(str(path))
    except RuntimeError as error:
        raise _system_error(error) from error


def linearised_srgb(encoded: NDArray[np.float32]) -> NDArray[np.float32]:
    """Undo the sRGB curve (IEC 61966-2-1), 0 to 1 in and out, any shape.

    Examples
    --------
    >>> round(float(linearised_srgb(np.float32([0.5]))[0]), 4)
    0.214
    """
    # The power branch is evaluated everywhere; the clip keeps its base positive.
    curved = ((np.clip(encoded, 0.04045, None) + 0.055) / 1.055) ** 2.4
    return np.where(encoded <= 0.04045, encoded / 12.92, curved).astype(np.float32)


def stage_pixels(frame: Frame, stage: Stage) -> NDArray[np.float32]:
    """What float formats hold of a stage, (h, w, 3); see `write_exr`. UsageError when the frame lacks it."""
    pixels = {"linear": frame.rgb_linear, "sensor": frame.electrons, "developed": frame.picture}[stage]
    if pixels is None:
        raise UsageError(
            f"this frame has no {stage} picture: it was rendered without that stage: "
            f"render it again with stage {stage}"
        )
    return linearised_srgb(pixels) if stage == "developed" else pixels


def _system_error(error: RuntimeError) -> OSError:
    """Recover the system's error, which the library has wrapped in a text of its own."""
    for number in (*DISK_FULL, errno.EACCES):
        if os.strerror(number) in str(error):
            return OSError(number, os.strerror(number))
    return OSError(errno.EIO, f"OpenEXR: {error}")


def _layer_channels(frame: Frame) -> dict[str, NDArray[np.float32]]:
    channels: dict[str, NDArray[np.float32]] = {}
    for name, layer in frame.layers.items():
        if layer.ndim == 2:
            channels[name] = np.ascontiguousarray(layer)
        else:
            for i, letter in enumerate("RGB"):
                channels[f"{name}.{letter}"] = np.ascontiguousarray(layer[..., i])
    return channels
