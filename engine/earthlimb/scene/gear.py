"""Camera bodies and lenses that a scene names: shipped ones by name, a user's own by the path of a TOML file."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from earthlimb import resources
from earthlimb.errors import UsageError
from earthlimb.scene.camera import Camera, Image
from earthlimb.scene.model import Scene
from earthlimb.scene.origin import Origin
from earthlimb.schema.gear import read_body, read_lens
from earthlimb.schema.lens import LensFile
from earthlimb.schema.text import toml_text

_WHAT = {"body": ("bodies", "camera"), "lens": ("lenses", "lens")}
_STANDARD = "standard"


@cache
def shipped_gear(kind: str) -> Mapping[str, Path]:
    """Shipped files by name; `kind` is "body" or "lens".

    Examples
    --------
    >>> "nikon-d5" in shipped_gear("body"), "nikkor-28-f1.4e" in shipped_gear("lens")
    (True, True)
    """
    files = sorted(resources.asset(_WHAT[kind][0]).glob("*.toml"))
    return {path.name.removesuffix(".toml"): path for path in files}


def resolve_gear(data: dict[str, Any], folder: Path, origin: Origin) -> None:
    """Names of files become absolute paths, from the scene's folder; focal length, aperture and distortion that the
    scene leaves open become the lens's. In place.

    Raises
    ------
    UsageError
        A body or lens that there is not, a file that cannot be read or has a wrong value, a value of the scene that
        the lens does not have.
    """
    camera = data.get("camera")
    if not isinstance(camera, dict):
        return
    for kind in _WHAT:
        given = camera.get(kind)
        if isinstance(given, Path):
            given = str(given)
        if not isinstance(given, str):
            continue  # the schema says what is wrong
        key = ("camera", kind)
        if given.endswith(".toml"):
            where = f"{origin.where(key)}: camera.{kind} = {toml_text(given)}"
            if "\0" in given:
                raise UsageError(f"{where}: no name of a file: a readable file is wanted: correct the path")
            path = ((Path.cwd() if origin.overridden(key) else folder) / given).resolve()
            read = read_body if kind == "body" else read_lens
            read(path, where)
            camera[kind] = str(path)
        elif given not in (shipped := shipped_gear(kind)):
            near = difflib.get_close_matches(given, shipped, 1, 0.6)
            advice = (
                f"did you mean {near[0]}?" if near else f"there is {', '.join(shipped)}, or a .toml file: choose one"
            )
            raise UsageError(
                f"{origin.where(key)}: camera.{kind} = {toml_text(given)}: unknown {_WHAT[kind][1]}; {advice}"
            )
    if isinstance(camera.get("lens"), str):
        _fit_lens(camera, _seen_mm(data), origin)


def sensor_long_mm(body: str) -> float:
    """Long side of the sensor of a resolved scene's body.

    Examples
    --------
    >>> sensor_long_mm("nikon-d5")
    35.9
    """
    return read_body(shipped_gear("body").get(body, Path(body))).sensor.long_mm


_CROPPED = 1.1
"""More than lenses differ from the number engraved on them, distortion included (28 mm solved from stars: 28.5)."""


def crop_factor(scene: Scene, long_mm: float) -> float:
    """How many times the picture's long side the sensor's, of `long_mm`, is: more than 1 of a crop, else 1.

    A lens in pixels beyond 1.1 times what the scene's own `focal_mm` gives on the whole sensor shows that the picture
    is cut out of a larger one: a pixel is focal_mm / f_px wide. Where keys move `f_px`, each step beyond it counts, or
    the grain would jump on the way. A scene that does not say `focal_mm` does not say that it is cut.

    Examples
    --------
    >>> from earthlimb.scene import load_scene
    >>> crop_factor(load_scene("italy"), 35.9)
    1.0
    >>> crop_factor(load_scene("italy", {"camera.f_px": 2.0 * 28.0 * 1000.0 / 35.9}), 35.9)
    2.0
    """
    camera, image = scene.camera, scene.image
    if camera.f_px is None or "focal_mm" not in camera.model_fields_set:
        return 1.0
    factor = camera.f_px * long_mm / (max(image.width_px, image.height_px) * camera.focal_mm)
    keyed = any("f_px" in (key.model_extra or {}).get("camera", {}) for key in scene.video.key)
    return factor if factor > (1.0 if keyed else _CROPPED) else 1.0


def _seen_mm(data: dict[str, Any]) -> float:
    """Focal length that a lens in pixels has on the whole sensor; 0 where the scene gives none, or nothing sensible."""
    camera = data["camera"]
    try:
        image = Image.model_validate(data.get("image", {}))
        long_mm = sensor_long_mm(camera.get("body", Camera.model_fields["body"].default))
        return float(camera["f_px"]) * long_mm / max(image.width_px, image.height_px)
    except (KeyError, TypeError, ValueError):
        return 0.0


def _fit_lens(camera: dict[str, Any], seen_mm: float, origin: Origin) -> None:
    if camera["lens"] == _STANDARD:
        return
    lens = _file(camera["lens"])
    chosen_anew = origin.overridden(("camera", "lens"))
    for key, (low, high, unit) in lens_limits(lens).items():
        value = camera.get(key)
        replaced = chosen_anew and not origin.overridden(("camera", key))
        if value is None or (replaced and isinstance(value, int | float) and not low <= value <= high):
            camera[key] = min(max(seen_mm, low), high) if key == "focal_mm" else low
        elif isinstance(value, int | float) and not low <= value <= high:
            raise UsageError(f"{origin.where(('camera', key))}: {out_of_lens(key, value, low, high, unit)}")
    if "k1" not in camera and "f_px" not in camera:
        camera["k1"] = lens.k1


def _file(lens: str) -> LensFile:
    return read_lens(shipped_gear("lens").get(lens, Path(lens)))


def lens_limits(lens: LensFile) -> dict[str, tuple[float, float, str]]:
    """Least and largest focal length and aperture of a lens, with their unit; what it leaves open is not in it."""
    limits: dict[str, tuple[float, float, str]] = {}
    if lens.focal_mm is not None:
        limits["focal_mm"] = (*lens.focal_mm, " mm")
    if lens.f_number is not None and lens.f_number_closed is not None:
        limits["f_number"] = (lens.f_number, lens.f_number_closed, "")
    return limits


def out_of_lens(key: str, value: float, low: float, high: float, unit: str) -> str:
    """Message about a value that the scene's lens does not have."""
    has = f"{low:g}{unit}" if low == high else f"{low:g} to {high:g}{unit}"
    return f"camera.{key} = {value:g}: the lens has {has}: change it, or camera.lens"


def check_keyed_lens(lens: str, tracks: Mapping[tuple[str, ...], tuple[float, ...]], say: Callable[[str], str]) -> None:
    """Refuse a timeline that zooms or opens a lens further than it goes.

    Raises
    ------
    UsageError
    """
    if lens == _STANDARD:
        return
    for key, (low, high, unit) in lens_limits(_file(lens)).items():
        for value in tracks.get(("camera", key), ()):
            if not low <= value <= high:
                raise UsageError(f"{say(key)}: [[video.key]] {out_of_lens(key, value, low, high, unit)}")
