"""PNG, JPEG (8 bit) and TIFF (16 bit): the developed picture in sRGB; the same frame gives the same bytes."""

from __future__ import annotations

import struct
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from earthlimb.errors import UsageError
from earthlimb.output.about import describe
from earthlimb.output.exif import EXIF_IFD, GPS_IFD, directory_bytes, exif_tags, pillow_exif
from earthlimb.renderer.frame import Frame, Stage

_PNG_SRGB_PERCEPTUAL = b"\x00"
_PNG_GAMMA_SRGB = (45455).to_bytes(4, "big")  # 1/2.2 x 1e5, the value that the PNG standard pairs with sRGB
_ICC_DATE = slice(24, 36)  # creation time in the header of an ICC profile
_BODY_TAGS = (0x010F, 0x0110)  # Make, Model
_DATETIME = 0x0132
_TIFF_LONG = 4
_ICC_EPOCH = bytes.fromhex("07d000010001000000000000")  # 2000-01-01 00:00:00


def picture_8bit(frame: Frame) -> NDArray[np.uint8]:
    """Return the developed picture, (h, w, 3) uint8, sRGB; UsageError when the frame was not developed."""
    if frame.picture8 is not None:
        return frame.picture8
    return (_clipped(frame) * np.float32(255.0) + np.float32(0.5)).astype(np.uint8)


def picture_16bit(frame: Frame) -> NDArray[np.uint16]:
    """Return the developed picture, (h, w, 3) uint16, sRGB; UsageError when the frame was not developed."""
    return (_clipped(frame) * np.float32(65535.0) + np.float32(0.5)).astype(np.uint16)


def write_png(frame: Frame, path: Path, stage: Stage) -> None:
    """Write 8-bit sRGB with the sRGB and gAMA chunks, the texts of `describe` and EXIF."""
    info = PngInfo()
    info.add(b"gAMA", _PNG_GAMMA_SRGB)
    info.add(b"sRGB", _PNG_SRGB_PERCEPTUAL)
    for name, text in describe(frame).items():
        info.add_itxt(name, text)
    _encode(Image.fromarray(picture_8bit(frame)), path, format="PNG", pnginfo=info, exif=pillow_exif(frame))


def write_jpg(frame: Frame, path: Path, stage: Stage) -> None:
    """Write 8-bit sRGB at quality 95 with full colour resolution, the sRGB profile, one comment and EXIF."""
    comment = "; ".join(f"{name}: {text}" for name, text in describe(frame).items())
    _encode(
        Image.fromarray(picture_8bit(frame)),
        path,
        format="JPEG",
        quality=95,
        subsampling="4:4:4",
        icc_profile=_srgb_profile(),
        comment=comment.encode(),
        exif=pillow_exif(frame),
    )


def write_tiff(frame: Frame, path: Path, stage: Stage) -> None:
    """Write 16-bit sRGB, losslessly packed, with the sRGB profile and EXIF."""
    texts = describe(frame)
    main, exposure, gps = exif_tags(frame)
    directories = {EXIF_IFD: exposure} | ({GPS_IFD: gps} if gps else {})
    extra = [(tag, "s", 0, main[tag], True) for tag in _BODY_TAGS if tag in main]
    encoded = BytesIO()
    tifffile.imwrite(
        encoded,
        picture_16bit(frame),
        photometric="rgb",
        compression="zlib",
        predictor=True,
        iccprofile=_srgb_profile(),
        software=texts.get("Software", "earthlimb"),
        datetime=main.get(_DATETIME),
        description=texts.get("Title", "").encode("ascii", "replace").decode(),  # TIFF text is 7-bit ASCII
        metadata=None,
        byteorder="<",
        extratags=extra,
    )
    path.write_bytes(_with_directories(encoded.getvalue(), directories))


def _with_directories(tiff: bytes, directories: dict[int, dict[int, object]]) -> bytes:
    """Append directories to a little-endian TIFF of one picture, and its first one again with their places in it."""
    whole = bytearray(tiff)
    (first,) = struct.unpack_from("<I", whole, 4)
    (count,) = struct.unpack_from("<H", whole, first)
    entries = [bytes(whole[first + 2 + 12 * i : first + 14 + 12 * i]) for i in range(count)]
    for group, tags in directories.items():
        whole += b"\0" * (len(whole) % 2)  # directories begin on even bytes
        entries.append(struct.pack("<HHII", group, _TIFF_LONG, 1, len(whole)))
        whole += directory_bytes(tags, group, len(whole))
    whole += b"\0" * (len(whole) % 2)
    struct.pack_into("<I", whole, 4, len(whole))
    entries.sort(key=lambda entry: struct.unpack_from("<H", entry))
    whole += struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4)
    return bytes(whole)


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
