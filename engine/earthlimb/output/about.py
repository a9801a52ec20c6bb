"""What headers of picture files need of a frame's metadata: exposure, body, lens, instant, the station's place."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import erfa
import numpy as np

from earthlimb.astro.timescale import Instant
from earthlimb.errors import UsageError
from earthlimb.output.sidecar import plain
from earthlimb.physics.exposure import CameraBody
from earthlimb.physics.lens_model import STANDARD, LensModel
from earthlimb.renderer.frame import Frame

_WGS84 = 1  # ERFA's number of the ellipsoid


@dataclass(frozen=True)
class About:
    """The exposure that a picture shows; None where the frame does not say.

    Attributes
    ----------
    instant : Instant
        Middle of the exposure.
    shutter_s, f_number, iso : float
    focal_mm : float
        Of the lens; of a lens given in pixels that of the picture, unless that is a crop.
    body : str
        The camera's own name, for example "Nikon D5".
    lens : str
        In words.
    focal_35mm : float
        Focal length of the same field on a sensor 36 mm wide, mm.
    lat_deg, lon_deg, alt_km : float
        The station over WGS84, geodetic; longitude -180 to 180.
    eye : bool
        The picture shows what an eye sees; the exposure is that of the camera beside it.
    """

    instant: Instant | None = None
    shutter_s: float | None = None
    f_number: float | None = None
    iso: float | None = None
    focal_mm: float | None = None
    focal_35mm: float | None = None
    body: str | None = None
    lens: str | None = None
    lat_deg: float | None = None
    lon_deg: float | None = None
    alt_km: float | None = None
    eye: bool = False


def about(metadata: Mapping[str, Any]) -> About:
    """Read the metadata that a renderer gives its frames; whatever is missing stays None.

    Examples
    --------
    >>> found = about({"utc": "2021-09-09T22:42:40.050Z", "iss_itrs_km": [6800.0, 0.0, 0.0]})
    >>> found.lat_deg, found.lon_deg, round(found.alt_km, 3)
    (0.0, 0.0, 421.863)
    """
    scene = metadata.get("scene")
    camera = scene.get("camera") if isinstance(scene, Mapping) else None
    eye = scene.get("eye") if isinstance(scene, Mapping) else None
    found: dict[str, Any] = {"eye": bool(isinstance(eye, Mapping) and eye.get("enabled"))}
    if isinstance(camera, Mapping):
        for name in ("f_number", "iso"):
            found[name] = _number(camera.get(name))
        # a lens that the scene gives in pixels has another focal length than its focal_mm
        found["focal_mm"] = _number(metadata.get("focal_mm", camera.get("focal_mm")))
        # an automatic exposure stands beside the scene
        found["shutter_s"] = _number(metadata.get("shutter_s", camera.get("shutter_s")))
        found |= _body(camera, found["focal_mm"], found["f_number"])
        if (same_field_mm := _number(metadata.get("focal_35mm"))) is not None:
            found["focal_35mm"] = same_field_mm
    with suppress(UsageError):  # a leap second has no place in Python's times
        if (utc := plain(metadata.get("utc"))) is not None:
            found["instant"] = Instant.from_iso(utc)
    place = metadata.get("iss_itrs_km")
    if place is not None and np.isfinite(place).all():
        lon_rad, lat_rad, height_m = erfa.gc2gd(_WGS84, 1e3 * np.asarray(place, float))
        found |= {"lat_deg": float(np.degrees(lat_rad)), "lon_deg": float(np.degrees(lon_rad))}
        found["alt_km"] = float(height_m) * 1e-3
    return About(**found)


def _body(camera: Mapping[str, Any], focal_mm: float | None, f_number: float | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    try:
        body = CameraBody.load(str(camera.get("body")))
    except UsageError:  # a frame made by hand
        return found
    found["body"] = body.name
    if focal_mm is not None:
        found["focal_35mm"] = focal_mm * 36.0 / body.sensor_long_mm
        found["lens"] = f"{focal_mm:g} mm" + (f" f/{f_number:g}" if f_number is not None else "")
    if (lens := str(camera.get("lens", STANDARD))) != STANDARD:
        found["lens"] = LensModel.load(lens).name
    return found


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


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
