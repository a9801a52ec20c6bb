"""From a scene's name, file or dict to a frozen `Scene`; every mistake becomes one message with its line."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from earthlimb import resources
from earthlimb.errors import UsageError
from earthlimb.scene.gear import check_keyed_lens, resolve_gear, sensor_long_mm
from earthlimb.scene.messages import describe
from earthlimb.scene.model import Scene
from earthlimb.scene.origin import Origin
from earthlimb.scene.overrides import apply_overrides, drop_factors, drop_keyed
from earthlimb.scene.shipped import shipped_names
from earthlimb.scene.video import check_events, check_lists, tracks_of, without_keys
from earthlimb.schema.text import dotted, parse_toml, toml_text

_LARGEST_SCENE_BYTES = 1_000_000
"""A scene is a page of text; a larger file is something else given by mistake."""

_LATER_SECTIONS = ("lightning", "aurora", "lasers", "meteors")
_LATER_VALUES: tuple[tuple[tuple[str, ...], tuple[object, ...]], ...] = ()
"""What the contract names but this version cannot render: refused, never ignored."""


def _read(source: str | Path) -> tuple[str, str, Path]:
    """Name for messages, text, and folder of a scene given by name or path."""
    path = Path(source)
    if str(source) in shipped_names():
        path = resources.scene_root() / f"{source}.toml"
    elif not path.exists():
        near = difflib.get_close_matches(str(source), shipped_names(), 1, 0.6)
        raise UsageError(
            f"{source}: no such scene: a file or one of {', '.join(shipped_names())} is wanted: "
            + (f"did you mean {near[0]}?" if near else "see `earthlimb scenes`")
        )
    try:
        if path.is_dir():
            raise UsageError(f"{source}: a folder: a scene file is wanted: name the file in it")
        if path.is_file() and path.stat().st_size > _LARGEST_SCENE_BYTES:
            raise UsageError(
                f"{source}: {path.stat().st_size} bytes: a scene has at most {_LARGEST_SCENE_BYTES}: "
                "give a scene file (.toml)"
            )
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{source}: not UTF-8 text at byte {error.start}: a scene file is wanted: save it as UTF-8"
        ) from None
    except OSError as error:
        raise UsageError(
            f"{source}: {error.strerror or error}: a readable scene file is wanted: check its permissions"
        ) from None
    return str(source), text.replace("\r\n", "\n"), path.resolve().parent


_OWN = frozenset({str, int, float, bool, type(None)})


def _plain(value: Any) -> Any:
    """A deep copy with numpy scalars and arrays turned into Python's own numbers and lists."""
    if type(value) in _OWN:  # nearly all, and quicker than asking whether it is a mapping
        return value
    if isinstance(value, Mapping):
        return {key: _plain(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value.tolist() if hasattr(value, "tolist") else value


def _refuse_later(data: dict[str, Any], origin: Origin) -> None:
    for name in _LATER_SECTIONS:
        if name in data:
            raise UsageError(
                f"{origin.where((name,))}: [{name}]: this version of earthlimb has no such element: remove it"
            )
    for key, values in _LATER_VALUES:
        table = data.get(key[0])
        given = table.get(key[1]) if isinstance(table, dict) else None
        if any(given is v or (isinstance(v, str) and given == v) for v in values):
            raise UsageError(
                f"{origin.where(key)}: {dotted(key)} = {toml_text(given)}: not available in this version of "
                "earthlimb: remove it or choose another value"
            )


@lru_cache(maxsize=1)
def standard_input() -> str:
    """All of standard input, read once: what loads the scene again gets the same text."""
    return sys.stdin.read()


def _elements_from_input(data: dict[str, Any], origin: Origin) -> None:
    """`station.omm = "-"`: the sets on standard input become `station.tle`, so that the scene holds them."""
    station = data.get("station")
    if not isinstance(station, dict) or station.get("omm") != "-":
        return
    if station.get("tle") is not None or station.get("state") is not None:
        return  # the model names the conflict
    where = f'{origin.where(("station", "omm"))}: station.omm = "-"'
    try:
        text = standard_input()
    except UnicodeDecodeError:
        raise UsageError(f"{where}: standard input is not text: a TLE or an OMM is wanted: pipe one in") from None
    if not text.strip():
        raise UsageError(f"{where}: standard input is empty: a TLE or an OMM is wanted: pipe one in")
    del station["omm"]
    station["tle"] = text


def _resolve_files(data: dict[str, Any], folder: Path, origin: Origin) -> None:
    """Paths become absolute, from the scene's folder (an override's from the working directory)."""
    for key in (("station", "omm"), ("atmosphere", "profile"), ("sky", "satellites")):
        table = data.get(key[0])
        given = table.get(key[1]) if isinstance(table, dict) else None
        if not isinstance(given, str | Path) or not str(given) or (key[1] == "omm" and given == "-"):
            continue
        path = (Path.cwd() if origin.overridden(key) else folder) / given
        try:
            path.open("rb").close()
        except (OSError, ValueError) as error:  # a NUL in the name
            raise UsageError(
                f"{origin.where(key)}: {dotted(key)} = {toml_text(str(given))}: {getattr(error, 'strerror', error)}: "
                f"a readable file is wanted at {path}: correct the path"
            ) from None
        data[key[0]][key[1]] = path.resolve()


def load_scene(
    source: str | Path | Mapping[str, Any],
    overrides: Mapping[str, object] | None = None,
    *,
    labels: Mapping[str, str] | None = None,
) -> Scene:
    """Load and validate a scene.

    Parameters
    ----------
    source : str, Path or mapping
        Name of a shipped scene, path of a scene file, or the scene as a dict. Relative paths in a file are
        relative to it, in a dict or in overrides to the working directory. A shipped name wins over a file.
    overrides : mapping, optional
        `{"camera.shutter_s": 1.0}`: values laid over the scene. Another way to point replaces the own, a profile of
        emission rates the `[airglow]` factors.
    labels : mapping, optional
        How messages name the origin of an override, by its path (`{"time.utc": "--utc", "": "--set"}`; the
        empty path stands for the rest).

    Returns
    -------
    Scene
        Frozen, complete, in the scene file's units; instants in UTC.

    Raises
    ------
    UsageError
        For whatever is wrong with it, with file, line, key, value, what is allowed and what to do.

    Examples
    --------
    >>> load_scene("italy", {"camera.shutter_s": 1}).camera.shutter_s
    1.0
    """
    return load_with_origin(source, overrides, labels)[0]


def load_with_origin(
    source: str | Path | Mapping[str, Any],
    overrides: Mapping[str, object] | None = None,
    labels: Mapping[str, str] | None = None,
) -> tuple[Scene, Origin]:
    """`load_scene`, and where its values came from, for messages that come later."""
    overrides = {path: _plain(value) for path, value in (overrides or {}).items()}
    if isinstance(source, Mapping):
        name, text, folder, data = "scene", "", Path.cwd(), _plain(source)
    else:
        name, text, folder = _read(source)
        data = parse_toml(name, text)
    origin = Origin(name, text, overrides, labels or {})
    replaced = drop_factors(data, overrides)
    apply_overrides(data, overrides, origin.rest)
    _refuse_later(data, origin)
    check_lists(data, origin.where)
    if "video.key" not in overrides and isinstance(video := data.get("video"), dict):
        drop_keyed(video.get("key", []), overrides)
    _elements_from_input(data, origin)
    _resolve_files(data, folder, origin)
    resolve_gear(data, folder, origin)
    try:
        scene = Scene.model_validate(data)
    except ValidationError as failed:
        errors = [describe(error) for error in failed.errors(include_url=False)]
        key, message = min(errors, key=lambda found: origin.order(found[0]))
        raise UsageError(f"{origin.where(key)}: {message}") from None
    tracks = {path: track.values for path, track in tracks_of(scene, origin.where).items()}
    check_keyed_lens(scene.camera.lens, tracks, lambda key: origin.where(("video", "key", 0, "camera", key)))
    check_events(scene, origin.where)
    if replaced:
        scene = scene.with_notes(
            f"{origin.where(('atmosphere', 'profile'))}: atmosphere.profile: takes the place of the scene's emissions "
            f"with their factors, airglow: {replaced}: set those that shall apply to the file"
        )
    if scene.camera.f_px is None or ("camera", "f_px") in tracks:
        return scene, origin
    if origin.overridden(_FOCAL) and "camera.focal_mm" in overrides and not origin.overridden(("camera", "f_px")):
        rest = {path: value for path, value in overrides.items() if path != "camera.focal_mm"}
        note = _without_effect(scene, f"{origin.where(_FOCAL)}: camera.focal_mm = {scene.camera.focal_mm:g}")
        own, origin = load_with_origin(source, rest, labels)
        return own.with_notes(note), origin
    if _FOCAL in tracks:
        scene = without_keys(scene, _FOCAL).with_notes(
            f"{origin.where(('video', 'key'))}: [[video.key]] camera.focal_mm: without effect, because camera.f_px = "
            f"{scene.camera.f_px:g} gives the lens: key camera.f_px as well (alone it cuts out of what the lens shows)"
        )
    return scene, origin


_FOCAL = ("camera", "focal_mm")


def _without_effect(scene: Scene, what: str) -> str:
    """That a scene's focal length changes nothing, and which `f_px` has the same field."""
    camera, image = scene.camera, scene.image
    f_px = camera.focal_mm * max(image.width_px, image.height_px) / sensor_long_mm(camera.body)
    return (
        f"{what}: without effect, because camera.f_px = {camera.f_px:g} gives the lens: "
        f"for all that this focal length shows set camera.f_px = {f_px:.2f} as well"
    )
