"""EXIF of a picture: body, lens, exposure, instant, and the station's place as GPS position."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, Final

from PIL import Image
from PIL.TiffImagePlugin import IFDRational, ImageFileDirectory_v2

from earthlimb.output.about import About, about, describe
from earthlimb.renderer.frame import Frame

Tags = dict[int, Any]

EXIF_IFD: Final = 0x8769
GPS_IFD: Final = 0x8825
_LARGEST_SHORT: Final = 65535
_FINEST: Final = 1_000_000  # denominators: a microsecond, a thousandth of an arcsecond, a millimetre

_MAKE, _MODEL, _SOFTWARE, _DATETIME, _DESCRIPTION = 0x010F, 0x0110, 0x0131, 0x0132, 0x010E


def exif_tags(frame: Frame) -> tuple[Tags, Tags, Tags]:
    """The tags of the main, the EXIF and the GPS directory; directories about unknown things are empty.

    Times are those of the middle of the exposure, UTC, as the scene has it (Exif 2.32, CIPA DC-008-2019).
    """
    found = about(frame.metadata)
    texts = describe(frame)
    main: Tags = {0x011A: IFDRational(72, 1), 0x011B: IFDRational(72, 1), 0x0128: 2}  # resolution: none is meant
    main |= {0x0213: 1, _SOFTWARE: texts.get("Software", "earthlimb")}  # YCbCrPositioning
    if "Title" in texts:
        main[_DESCRIPTION] = _ascii(texts["Title"])
    if found.body and not found.eye:
        main |= {_MAKE: _ascii(found.body.split()[0]), _MODEL: _ascii(found.body)}
    if found.instant is not None:
        main[_DATETIME] = _datetime(found)[0]
    size = {0xA002: frame.width_px, 0xA003: frame.height_px}
    return main, size | _exposure(found), _place(found)


def pillow_exif(frame: Frame) -> Image.Exif:
    """The tags as Pillow writes them into JPEG and PNG."""
    main, exposure, gps = exif_tags(frame)
    exif = Image.Exif()
    exif.update(main)
    exif.get_ifd(EXIF_IFD).update(exposure)
    if gps:
        exif.get_ifd(GPS_IFD).update(gps)
    return exif


def directory_bytes(tags: Tags, group: int, offset: int) -> bytes:
    """One directory, little-endian, with its long values behind it, for the place `offset` in a TIFF file."""
    directory = ImageFileDirectory_v2(b"II*\0\0\0\0\0", group=group)
    for tag, value in tags.items():
        directory[tag] = value
    return directory.tobytes(offset)


def _datetime(found: About) -> tuple[str, str]:
    """`YYYY:MM:DD HH:MM:SS` and the digits of its fraction."""
    assert found.instant is not None
    date, time, fraction = re.split("[T.]", found.instant.utc_iso(6).removesuffix("Z"))
    return f"{date.replace('-', ':')} {time}", fraction.rstrip("0") or "0"


def _exposure(found: About) -> Tags:
    tags: Tags = {0x9000: b"0232", 0xA000: b"0100", 0xA001: 1}  # ExifVersion, FlashpixVersion; ColorSpace sRGB
    if found.instant is not None:
        when, fraction = _datetime(found)
        tags |= {0x9003: when, 0x9004: when}  # DateTimeOriginal, DateTimeDigitized
        tags |= {0x9010: "+00:00", 0x9011: "+00:00", 0x9012: "+00:00"}  # OffsetTime and its like
        tags |= {0x9290: fraction, 0x9291: fraction, 0x9292: fraction}  # SubSecTime and its like
    if found.eye:  # no camera took this one
        return tags
    if found.shutter_s is not None:
        tags |= {0x829A: _rational(found.shutter_s), 0x8822: 1}  # ExposureTime; ExposureProgram manual
    if found.f_number is not None:
        tags[0x829D] = _rational(found.f_number)
    if found.iso is not None:
        iso = round(found.iso)
        tags[0x8827] = min(iso, _LARGEST_SHORT)  # PhotographicSensitivity
        if iso > _LARGEST_SHORT:
            tags |= {0x8830: 2, 0x8832: iso}  # SensitivityType, RecommendedExposureIndex
    if found.focal_mm is not None:
        tags[0x920A] = _rational(found.focal_mm)
        if found.f_number is not None:  # LensSpecification: shortest, longest, and their f-numbers
            lens = [_rational(found.focal_mm)] * 2 + [_rational(found.f_number)] * 2
            tags |= {0xA432: tuple(lens), 0xA434: _ascii(found.lens or "")}
    if found.focal_35mm is not None:
        tags[0xA405] = min(max(round(found.focal_35mm), 1), _LARGEST_SHORT)
    return tags


def _place(found: About) -> Tags:
    if found.lat_deg is None or found.lon_deg is None or found.alt_km is None:
        return {}
    tags: Tags = {0: b"\x02\x03\x00\x00", 18: "WGS-84"}
    tags |= {1: "N" if found.lat_deg >= 0 else "S", 2: _sexagesimal(found.lat_deg)}
    tags |= {3: "E" if found.lon_deg >= 0 else "W", 4: _sexagesimal(found.lon_deg)}
    tags |= {5: b"\x00", 6: IFDRational(round(found.alt_km * 1e6), 1000)}  # above sea level, m
    if found.instant is not None:
        when, fraction = _datetime(found)
        hour, minute, second = (int(part) for part in when.split()[1].split(":"))
        exact = second + Fraction(int(fraction), 10 ** len(fraction))
        tags[7] = (IFDRational(hour, 1), IFDRational(minute, 1), IFDRational(exact.numerator, exact.denominator))
        tags[29] = when.split()[0]
    return tags


def _rational(value: float) -> IFDRational:
    """The nearest simple fraction: 0.2 is 1/5."""
    near = Fraction(value).limit_denominator(_FINEST)
    return IFDRational(near.numerator, near.denominator)


def _sexagesimal(angle_deg: float) -> tuple[IFDRational, ...]:
    """Degrees, minutes, thousandths of seconds, without sign.

    Examples
    --------
    >>> [float(part) for part in _sexagesimal(-44.5)]
    [44.0, 30.0, 0.0]
    """
    thousandths = round(abs(angle_deg) * 3.6e6)
    degrees, rest = divmod(thousandths, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return IFDRational(degrees, 1), IFDRational(minutes, 1), IFDRational(rest, 1000)


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()
