"""FITS: a cube of R, G, B with a celestial WCS that holds the lens's distortion; needs astropy (extra `fits`)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earthlimb.errors import WorkError
from earthlimb.output.about import about, describe
from earthlimb.output.exr import stage_pixels
from earthlimb.output.sidecar import plain
from earthlimb.renderer.frame import Frame, Stage

Card = tuple[str, Any, str]

_UNIT = {"linear": "cd m-2", "sensor": "electron", "developed": ""}
_MEANING = {
    "linear": "linear Rec.709 (D65), CIE 1931; Y = .2126R+.7152G+.0722B",
    "sensor": "electrons per image pixel, noisy",
    "developed": "developed picture, sRGB curve undone, 0 to 1",
}


def check_fits(path: object) -> None:
    """Refuse FITS where astropy is missing: WorkError, with the line that mends it."""
    if find_spec("astropy") is None:
        raise WorkError(
            f"{path}: FITS needs astropy, which is not installed: the extra fits has it: "
            "pip install 'earthlimb[fits]', or use .exr"
        )


def write_fits(frame: Frame, path: Path, stage: Stage) -> None:
    """Write one stage as the primary HDU, (3, ny, nx) float32, first row at the bottom.

    Parameters
    ----------
    frame : Frame
    path : Path
    stage : "linear", "sensor" or "developed"
        As for EXR: cd m-2, electrons per image pixel, or the developed picture with the sRGB curve undone.

    Raises
    ------
    UsageError
        When the frame was rendered without this stage.
    WorkError
        When astropy is missing.
    """
    check_fits(path)
    from astropy.io import fits

    pixels = stage_pixels(frame, stage)
    cube = np.ascontiguousarray(np.moveaxis(pixels, -1, 0)[:, ::-1, :])
    header = fits.Header()
    cards: list[Card] = [("BUNIT", _UNIT[stage], "of every plane")] if _UNIT[stage] else []
    cards.append(("STAGE", stage, _MEANING[stage]))
    cards += [*_observation(frame, stage), *wcs_cards(frame.metadata, frame.height_px)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fits.verify.VerifyWarning)  # a comment that was cut
        for name, value, comment in cards:
            header[name] = (value, comment)
        header["COMMENT"] = "Planes 1, 2, 3 are R, G, B. Row 1 is the lowest row of the picture."
        encoded = BytesIO()
        fits.PrimaryHDU(cube, header).writeto(encoded)
    path.write_bytes(encoded.getbuffer())


def wcs_cards(metadata: Mapping[str, Any], height_px: int) -> list[Card]:
    """The celestial WCS of a picture: TAN along the camera's axis, SIP for the lens.

    Parameters
    ----------
    metadata : mapping
        The sidecar's `f_px`, `cx_px`, `cy_px`, `k1` and `axes_gcrs`.
    height_px : int
        Rows, because FITS counts them from the bottom.

    Returns
    -------
    list of (keyword, value, comment)
        Empty without these metadata.

    Notes
    -----
    FITS pixel (1, 1) has its centre where our continuous coordinates are (0.5, height - 0.5). Intermediate world
    coordinates of a direction d are d.east / d.forward and d.north / d.forward in degrees (Calabretta and Greisen
    2002, section 5.1.3; LONPOLE 180); SIP adds A(u, v), B(u, v) to the pixel offsets on the way to the sky (Shupe
    et al. 2005), which is the direction in which the lens is defined: u (1 + k1 r2 / f_px^2).
    """
    if not {"f_px", "cx_px", "cy_px", "axes_gcrs"} <= set(metadata):
        return []
    axes = metadata["axes_gcrs"]
    right, down, forward = (np.asarray(axes[name], float) for name in ("right", "down", "forward"))
    f_px, k1 = float(metadata["f_px"]), float(metadata.get("k1", 0.0))
    east, north = tangent_axes(forward)
    ra_deg = float(np.degrees(np.arctan2(forward[1], forward[0])) % 360.0)
    dec_deg = float(np.degrees(np.arctan2(forward[2], np.hypot(forward[0], forward[1]))))
    scale = float(np.degrees(1.0 / f_px))
    sip = "-SIP" if k1 else ""
    cards: list[Card] = [
        ("WCSAXES", 2, "the sky; axis 3 is the colour"),
        ("CTYPE1", f"RA---TAN{sip}", "apparent from the moving station, unrefracted"),
        ("CTYPE2", f"DEC--TAN{sip}", ""),
        ("CUNIT1", "deg", ""),
        ("CUNIT2", "deg", ""),
        ("RADESYS", "ICRS", "axes of the GCRS; aberration is not removed"),
        ("CRPIX1", float(metadata["cx_px"]) + 0.5, "pixel centres are whole numbers"),
        ("CRPIX2", height_px + 0.5 - float(metadata["cy_px"]), ""),
        ("CRVAL1", ra_deg, "right ascension of the camera's axis"),
        ("CRVAL2", dec_deg, "declination"),
        ("CD1_1", scale * float(right @ east), ""),
        ("CD1_2", -scale * float(down @ east), ""),
        ("CD2_1", scale * float(right @ north), ""),
        ("CD2_2", -scale * float(down @ north), ""),
        ("LONPOLE", 180.0, ""),
    ]
    if k1:
        a = k1 / f_px**2
        cards += [("A_ORDER", 3, "lens distortion"), ("A_3_0", a, "k1 / f_px^2"), ("A_1_2", a, "")]
        cards += [("B_ORDER", 3, ""), ("B_0_3", a, ""), ("B_2_1", a, "")]
    return cards


def tangent_axes(forward: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors towards east and north at a direction (3,); at a pole as for right ascension 0.

    Examples
    --------
    >>> east, north = tangent_axes(np.array([1.0, 0.0, 0.0]))
    >>> east.tolist(), north.tolist()
    ([-0.0, 1.0, 0.0], [-0.0, -0.0, 1.0])
    """
    x, y, z = forward / np.linalg.norm(forward)
    ra = np.arctan2(y, x)  # the same angle as in CRVAL1, so that both agree at a pole too
    east = np.array([-np.sin(ra), np.cos(ra), 0.0])
    north = np.array([-z * np.cos(ra), -z * np.sin(ra), np.hypot(x, y)])
    return east, north


def _observation(frame: Frame, stage: Stage) -> list[Card]:
    """When, with what and from where. An eye's view is no camera's, but for the electrons of the camera beside it."""
    found, texts = about(frame.metadata), describe(frame)
    by_camera = not found.eye or stage == "sensor"
    cards: list[Card] = [("TELESCOP", "ISS", ""), ("CREATOR", texts.get("Software", "earthlimb"), "")]
    if found.body and by_camera:
        cards.append(("INSTRUME", found.body, "camera body"))
    if "Title" in texts:
        cards.append(("OBJECT", texts["Title"].encode("ascii", "replace").decode()[:68], ""))
    if found.instant is not None:
        cards.append(("TIMESYS", "UTC", ""))
        half_s = 0.5 * (found.shutter_s or 0.0) if by_camera or stage == "linear" else 0.0
        for name, shift_s, comment in (
            ("DATE-OBS", -half_s, "start of the exposure"),
            ("DATE-AVG", 0.0, "middle"),
            ("DATE-END", half_s, "end"),
        ):
            cards.append((name, found.instant.shifted(shift_s).utc_iso(6).removesuffix("Z"), comment))
    for name, value, comment in (
        ("EXPTIME", found.shutter_s, "[s]"),
        ("FOCALLEN", found.focal_mm, "[mm]"),
        ("FNUMBER", found.f_number, ""),
        ("ISO", found.iso, ""),
    ):
        if value is not None and by_camera:
            cards.append((name, value, comment))
    place = plain(frame.metadata.get("iss_gcrs_km"))
    if place is not None and None not in place:
        cards += [(f"POS{axis}", float(km), "[km] station, GCRS") for axis, km in zip("XYZ", place, strict=True)]
    return cards
