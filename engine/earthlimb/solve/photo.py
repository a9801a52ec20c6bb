"""A photograph from a file: its pixels and what the camera wrote beside them."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from earthlimb.astro.timescale import Instant
from earthlimb.errors import UsageError
from earthlimb.scene.camera import MAX_PICTURE_PX

WORKING_PX = 1600
"""Long side at which a photograph is solved; a larger one is averaged down: its stars lose nothing."""
_SMALLEST_PX = 100
_FORMATS = ("JPEG", "PNG", "TIFF")
"""What is read, of all that Pillow knows: others hold radiance, drawings or many pictures."""


@dataclass(frozen=True, eq=False)
class Photo:
    """Pixels and exposure of a photograph.

    Attributes
    ----------
    rgb : (h, w, 3) float32
        Display values 0 to 1 at the working size.
    width_px, height_px : int
        Size of the file's picture.
    instant : Instant or None
        The camera's time of the exposure's start.
    model : str
        The camera's name, may be empty.
    focal_mm : float or None
        Focal length, of full frame where the camera says so [mm].
    lens_mm : float or None
        Of the lens itself [mm]; shorter than that where the picture is a crop, or the sensor smaller.
    f_number, shutter_s, iso : float or None
    """

    rgb: NDArray[np.float32]
    width_px: int
    height_px: int
    instant: Instant | None
    model: str
    focal_mm: float | None
    f_number: float | None
    shutter_s: float | None
    iso: float | None
    lens_mm: float | None = None


def read_photo(path: Path) -> Photo:
    """Read a photograph.

    Raises
    ------
    UsageError
        No such file, no JPEG, PNG or TIFF, or one that is too large or too small.
    """
    wanted = "a JPEG, PNG or TIFF photograph is wanted"
    if path.is_dir():
        raise UsageError(f"{path}: a folder: {wanted}: name the file in it")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a large picture: refused below
            with Image.open(path, formats=_FORMATS) as picture:
                width, height = picture.size
                if width * height > MAX_PICTURE_PX:
                    raise UsageError(
                        f"{path}: {width}x{height} pixels: at most {MAX_PICTURE_PX // 1_000_000} megapixels are "
                        "allowed: give a smaller copy of the photograph"
                    )
                if min(width, height) < _SMALLEST_PX:
                    raise UsageError(
                        f"{path}: {width}x{height} pixels: {_SMALLEST_PX} a side are needed to tell stars apart: "
                        "give the photograph at a larger size"
                    )
                exif = picture.getexif()
                upright = ImageOps.exif_transpose(picture)
                values = _values(upright)
    except Image.DecompressionBombError:
        raise UsageError(
            f"{path}: far more than {MAX_PICTURE_PX // 1_000_000} megapixels: at most that many are allowed: "
            "give a smaller copy of the photograph"
        ) from None
    except UnidentifiedImageError:
        raise UsageError(f"{path}: no JPEG, PNG or TIFF that can be read: {wanted}: convert it first") from None
    except OSError as error:
        reason = error.strerror or "the picture is damaged or cut off"
        raise UsageError(f"{path}: {reason}: {wanted}: check the path and the file") from None
    except (ValueError, SyntaxError) as error:
        raise UsageError(f"{path}: {error}: {wanted}: convert it first") from None
    height, width = values.shape[:2]
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    lens_mm = _number(inner.get(ExifTags.Base.FocalLength))
    focal = _number(inner.get(ExifTags.Base.FocalLengthIn35mmFilm)) or lens_mm
    iso = inner.get(ExifTags.Base.ISOSpeedRatings)
    return Photo(
        _averaged(values),
        width,
        height,
        _instant(inner, path),
        str(exif.get(ExifTags.Base.Model, "")).strip("\x00 "),
        focal,
        _number(inner.get(ExifTags.Base.FNumber)),
        _number(inner.get(ExifTags.Base.ExposureTime)),
        _number(iso[0] if isinstance(iso, tuple) else iso),
        lens_mm,
    )


def _values(picture: Image.Image) -> NDArray[np.float32]:
    """Display values 0 to 1, (h, w, 3)."""
    if picture.mode.startswith(("I;16", "I", "F")):
        grey = np.asarray(picture, np.float32)
        top = 65535.0 if grey.max() > 255.0 else 255.0 if grey.max() > 1.0 else 1.0
        return np.repeat(np.clip(grey / top, 0.0, 1.0)[..., None], 3, axis=2)
    return np.asarray(picture.convert("RGB"), np.float32) / np.float32(255.0)


def _averaged(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The picture with its long side at most WORKING_PX; whole pixels are averaged, what is left over is cut off."""
    n = -(-max(values.shape[:2]) // WORKING_PX)
    if n == 1:
        return values
    height, width = values.shape[0] // n, values.shape[1] // n
    return np.asarray(values[: height * n, : width * n].reshape(height, n, width, n, 3).mean(axis=(1, 3)))


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) and number > 0.0 else None


def _instant(inner: dict[int, object], path: Path) -> Instant | None:
    """Time of the exposure. Cameras on the station keep UTC; only the time's own offset tag may say otherwise."""
    text = str(inner.get(ExifTags.Base.DateTimeOriginal, "")).strip("\x00 ")
    if not text:
        return None
    date, _, clock = text.partition(" ")
    sub = str(inner.get(ExifTags.Base.SubsecTimeOriginal, "")).strip("\x00 ")
    # OffsetTime belongs to the time of the last change, on whatever computer that was made
    zone = str(inner.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\x00 ") or "+00:00"
    fraction = f".{sub}" if sub.isdigit() else ""
    try:
        return Instant.from_iso(f"{date.replace(':', '-')}T{clock}{fraction[:7]}{zone}")
    except UsageError:
        return None
