"""PNG, JPEG (8 bit) and TIFF (16 bit): the developed picture in sRGB; the same frame gives the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from earthlimb.errors import UsageError
from earthlimb.output.sidecar import plain
from earthlimb.renderer.frame import Frame, Stage

_PNG_SRGB_PERCEPTUAL = b"\x00"
_PNG_GAMMA_SRGB = (45455).to_bytes(4, "big")  # 1/2.2 x 1e5, the value that the PNG standard pairs with sRGB
_ICC_DATE = slice(24, 36)  # creation time in the header of an ICC profile
_ICC_EPOCH = bytes.fromhex("07d000010001000000000000")  # 2000-01-01 00:00:00


def picture_8bit(frame: Frame) -> NDArray[np.uint8]:
    """Return the developed picture, (h, w, 3) uint8, sRGB; UsageError when the frame was not developed."""
    if frame.picture8 is not None:
        return frame.picture8
    return (_clipped(frame) * np.float32(255.0) + np.float32(0.5)).astype(np.uint8)


def picture_16bit(frame: Frame) -> NDArray[np.uint16]:
    """Return the developed picture, (h, w, 3) uint16, sRGB; UsageError when the frame was not developed."""
    return (_clipped(frame) * np.float32(65535.0) + np.float32(0.5)).astype(np.uint16)


def describe(frame: Frame) -> dict[str, str]:
    """Return title, instant and version, as far as the frame knows them, for the picture's header."""
    scene = frame.metadata.get("scene")
    versions = frame.metadata.get("versions")
    version = versions.get("earthlimb", "") if isinstance(versions, Mapping) else ""
    found = {
        "Title": scene.get("title") if isinstance(scene, Mapping) else None,
        "UTC": frame.metadata.get("utc"),
        "Software": f"earthlimb {version}".rstrip(),
    }
    return {name: str(plain(value)) for name, value in found.items() if value}


def write_png(frame: Frame, path: Path, stage: Stage) -> None:
    """Write 8-bit sRGB with the sRGB and gAMA chunks and the texts of `describe`."""
    info = PngInfo()
    info.add(b"gAMA", _PNG_GAMMA_SRGB)
    info.add(b"sRGB", _PNG_SRGB_PERCEPTUAL)
    for name, text in describe(frame).items():
        info.add_itxt(name, text)
    _encode(Image.fromarray(picture_8bit(frame)), path, format="PNG", pnginfo=info)


def write_jpg(frame: Frame, path: Path, stage: Stage) -> None:
    """Write 8-bit sRGB at quality 95 with full colour resolution, the sRGB profile and one comment."""
    comment = "; ".join(f"{name}: {text}" for name, text in describe(frame).items())
    _encode(
        Image.fromarray(picture_8bit(frame)),
        path,
        format="JPEG",
        quality=95,
        subsampling="4:4:4",
        icc_profile=_srgb_profile(),
        comment=comment.encode(),
    )


def write_tiff(frame: Frame, path: Path, stage: Stage) -> None:
    """Write 16-bit sRGB, losslessly packed, with the sRGB profile."""
    about = describe(frame)
    tifffile.imwrite(
        path,
        picture_16bit(frame),
        photometric="rgb",
        compression="zlib",
        predictor=True,
        iccprofile=_srgb_profile(),
        software=about.get("Software", "earthlimb"),
        description=about.get("Title", "").encode("ascii", "replace").decode(),  # TIFF text is 7-bit ASCII
        metadata=None,
    )


def _encode(image: Image.Image, path: Path, **options: object) -> None:
    """Encode in memory first: Pillow's own file writing takes a short write on a full disk for success."""
    encoded = BytesIO()
    image.save(encoded, **options)  # type: ignore[arg-type]
    path.write_bytes(encoded.getbuffer())


def _clipped(frame: Frame) -> NDArray[np.float32]:
    if frame.picture is None:
        raise UsageError(
            "this frame has no developed picture: it was rendered without the developed stage: "
            "render it again with that stage, or save .exr"
        )
    # A NaN would turn into an arbitrary integer; black shows the defect without hiding it.
    return np.clip(np.nan_to_num(frame.picture, nan=0.0), 0.0, 1.0).astype(np.float32)


@cache
def _srgb_profile() -> bytes:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_ICC_DATE] = _ICC_EPOCH
    return bytes(profile)
