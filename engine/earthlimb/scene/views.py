"""What is derived from a whole scene: the same view at another size, and its resolved values for JSON."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

from earthlimb.errors import UsageError
from earthlimb.scene.camera import MAX_PICTURE_PX, MAX_SIDE_PX, Image
from earthlimb.scene.model import Scene
from earthlimb.scene.video import scaled_keys


def parse_size(text: str) -> tuple[int, int]:
    """Width and height of a `WxH` text [px].

    Raises
    ------
    UsageError
        When it is no size or an absurd one.
    """
    found = re.fullmatch(r"\s*(\d{1,9})\s*[xX]\s*(\d{1,9})\s*", text)
    if not found:
        raise UsageError(f"--size: {text}: WxH is wanted: write it for example --size 1280x720")
    return int(found[1]), int(found[2])


def check_size(width_px: int, height_px: int) -> None:
    """Refuse a size that no picture has.

    Raises
    ------
    UsageError
    """
    sides = (width_px, height_px)
    if not all(1 <= side <= MAX_SIDE_PX for side in sides) or width_px * height_px > MAX_PICTURE_PX:
        raise UsageError(
            f"size: {width_px}x{height_px}: 1 to {MAX_SIDE_PX} pixels a side and at most "
            f"{MAX_PICTURE_PX // 1_000_000} megapixels are allowed: choose another size"
        )


def resized(scene: Scene, width_px: int, height_px: int) -> Scene:
    """The same view at another resolution: the long side sets the scale, the aspect what the edges show.

    Parameters
    ----------
    scene : Scene
    width_px, height_px : int
        New size [px].

    Returns
    -------
    Scene
        With `f_px` (if given) times s = max(W, H) / max(width, height), the centre kept from the middle; so in
        the keys of a timeline.

    Raises
    ------
    UsageError
        When the size is outside of what a picture may have.

    Examples
    --------
    >>> from earthlimb.scene import load_scene
    >>> small = resized(load_scene("italy"), 500, 333)
    >>> small.camera.f_px, small.camera.cx_px
    (396.883217, 250.25)
    """
    check_size(width_px, height_px)
    sides = (width_px, height_px)
    image, camera = scene.image, scene.camera
    scale = max(sides) / max(image.width_px, image.height_px)
    change: dict[str, float] = {}
    if camera.f_px is not None:
        change["f_px"] = camera.f_px * scale
    if camera.cx_px is not None:
        change["cx_px"] = width_px / 2 + scale * (camera.cx_px - image.width_px / 2)
    if camera.cy_px is not None:
        change["cy_px"] = height_px / 2 + scale * (camera.cy_px - image.height_px / 2)
    update: dict[str, Any] = {
        "image": Image(width_px=width_px, height_px=height_px),
        "camera": camera.model_copy(update=change),
    }
    if scene.video.key:
        shift_px = (width_px / 2 - scale * image.width_px / 2, height_px / 2 - scale * image.height_px / 2)
        update["video"] = scene.video.model_copy(update={"key": scaled_keys(scene.video.key, scale, shift_px)})
    return scene.model_copy(update=update)


def resolved(scene: Scene) -> dict[str, Any]:
    """All values with the defaults filled in, ready for JSON, in the scene file's own shape.

    Keys that are absent by meaning (the other ways to point, no lens of its own) are left out.
    """
    data: dict[str, Any] = scene.model_dump(mode="json", exclude_none=True)
    data["time"]["utc"] = utc_text(scene.time.utc)
    if scene.station.state is not None:
        data["station"]["state"]["utc"] = utc_text(scene.station.state.utc)
    return data


_FILES = ("station.omm", "atmosphere.profile", "sky.satellites", "camera.body", "camera.lens")


def own_files(scene: Scene) -> dict[str, Path]:
    """The files that a scene names and that decide how it looks, by dotted key; shipped bodies and lenses are none."""
    found: dict[str, Path] = {}
    for key in _FILES:
        given = attrgetter(key)(scene)
        if given is not None and (isinstance(given, Path) or str(given).endswith(".toml")):
            found[key] = Path(given)
    return found


def utc_text(instant: datetime) -> str:
    """ISO 8601 text of an instant with `Z`, as short as exact: `2021-09-09T22:42:40.05Z`."""
    text = (instant - (instant.utcoffset() or timedelta())).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"
