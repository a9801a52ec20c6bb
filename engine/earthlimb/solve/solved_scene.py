"""The scene that renders the view of a solved photograph."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from earthlimb.astro.element_set import Elements
from earthlimb.errors import UsageError, WorkError
from earthlimb.physics.exposure import CameraBody
from earthlimb.scene import Scene, load_scene
from earthlimb.solve.photo import Photo
from earthlimb.solve.solution import Solution, axes_table


def solved_scene(photo: Photo, solution: Solution, elements: Elements, title: str, omm: Path | None) -> Scene:
    """The scene of a solved photograph.

    Parameters
    ----------
    photo : Photo
    solution : Solution
    elements : Elements
    title : str
    omm : Path or None
        File of the elements where they are no TLE.
    """
    age_days = abs(elements.age_days(solution.instant))
    station: dict[str, Any] = {"max_age_days": max(30.0, math.ceil(age_days + 1.0))}
    if elements.line1:
        station["tle"] = f"{elements.line1}\n{elements.line2}\n"
    else:
        station["omm"] = str(omm)
    lens = solution.lens
    camera: dict[str, Any] = {
        "mount": "free",
        "f_px": lens.f_px, "cx_px": lens.cx_px, "cy_px": lens.cy_px, "k1": lens.k1,
        "point": {"axes_gcrs": axes_table(solution.axes_gcrs)},
    }  # fmt: skip
    body = "-".join(photo.model.lower().split()).replace("z-9", "z9")
    try:
        CameraBody.load(body)
        camera["body"] = body
    except (UsageError, WorkError, OSError, KeyError):
        pass
    for key, value in (
        ("focal_mm", photo.lens_mm or photo.focal_mm), ("f_number", photo.f_number),
        ("shutter_s", photo.shutter_s), ("iso", photo.iso),
    ):  # fmt: skip
        if value is not None:
            camera[key] = value
    if "focal_mm" not in camera:  # what the picture has; the default would name another lens
        per_px = CameraBody.load(camera.get("body", "nikon-d5")).sensor_long_mm / max(photo.width_px, photo.height_px)
        camera["focal_mm"] = round(lens.f_px * per_px, 2)
    return load_scene(
        {
            "title": title,
            "time": {"utc": solution.instant.utc_iso(3)},
            "station": station,
            "camera": camera,
            "image": {"width_px": photo.width_px, "height_px": photo.height_px},
        }
    )
