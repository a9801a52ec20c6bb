"""Camera bodies and lenses that a scene names: shipped ones by name, a user's own by the path of a TOML file."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from earthlimb import resources
from earthlimb.errors import UsageError
from earthlimb.scene.messages import toml_text
from earthlimb.scene.origin import Origin

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
        A body or lens that there is not, a file that cannot be read, a value that the lens does not have.
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
            path = (Path.cwd() if origin.overridden(key) else folder) / given
            _read(path, kind, given, origin)
            camera[kind] = str(path.resolve())
        elif given not in (shipped := shipped_gear(kind)):
            near = difflib.get_close_matches(given, shipped, 1, 0.6)
            advice = (
                f"did you mean {near[0]}?" if near else f"there is {', '.join(shipped)}, or a .toml file: choose one"
            )
            raise UsageError(
                f"{origin.where(key)}: camera.{kind} = {toml_text(given)}: unknown {_WHAT[kind][1]}; {advice}"
            )
    if isinstance(camera.get("lens"), str):
        _fit_lens(camera, origin)


def sensor_long_mm(body: str) -> float:
    """Long side of the sensor of a resolved scene's body.

    Examples
    --------
    >>> sensor_long_mm("nikon-d5")
    35.9
    """
    path = shipped_gear("body").get(body, Path(body))
    return float(tomllib.loads(path.read_text(encoding="utf-8"))["sensor"]["long_mm"])


def _read(path: Path, kind: str, given: str, origin: Origin) -> dict[str, Any]:
    where = f"{origin.where(('camera', kind))}: camera.{kind} = {toml_text(given)}"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{where}: {error.strerror}: a readable file is wanted at {path}: correct the path") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{where}: {error}: a TOML file is wanted: mend it") from None


def _fit_lens(camera: dict[str, Any], origin: Origin) -> None:
    if camera["lens"] == _STANDARD:
        return
    path = shipped_gear("lens").get(camera["lens"], Path(camera["lens"]))
    lens = _read(path, "lens", camera["lens"], origin)
    chosen_anew = origin.overridden(("camera", "lens"))
    for key, (low, high, unit) in lens_limits(lens).items():
        value = camera.get(key)
        replaced = chosen_anew and not origin.overridden(("camera", key))
        if value is None or (replaced and isinstance(value, int | float) and not low <= value <= high):
            camera[key] = low
        elif isinstance(value, int | float) and not low <= value <= high:
            raise UsageError(f"{origin.where(('camera', key))}: {out_of_lens(key, value, low, high, unit)}")
    if "k1" not in camera and "f_px" not in camera and isinstance(lens.get("k1"), int | float):
        camera["k1"] = float(lens["k1"])


def lens_limits(lens: Mapping[str, Any]) -> dict[str, tuple[float, float, str]]:
    """Least and largest focal length and aperture of a lens file, with their unit; what it leaves open is not in it."""
    limits: dict[str, tuple[float, float, str]] = {}
    focal = lens.get("focal_mm")
    ends = [float(v) for v in (focal if isinstance(focal, list) else [focal, focal]) if isinstance(v, int | float)]
    if len(ends) == 2:
        limits["focal_mm"] = (ends[0], ends[1], " mm")
    opened, closed = lens.get("f_number"), lens.get("f_number_closed")
    if isinstance(opened, int | float) and isinstance(closed, int | float):
        limits["f_number"] = (float(opened), float(closed), "")
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
    path = shipped_gear("lens").get(lens, Path(lens))
    for key, (low, high, unit) in lens_limits(tomllib.loads(path.read_text(encoding="utf-8"))).items():
        for value in tracks.get(("camera", key), ()):
            if not low <= value <= high:
                raise UsageError(f"{say(key)}: [[video.key]] {out_of_lens(key, value, low, high, unit)}")
