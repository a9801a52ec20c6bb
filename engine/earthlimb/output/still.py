"""One picture to one file with its sidecar: the format by the ending, the stage by the format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from os import PathLike, fsencode, fspath
from pathlib import Path
from typing import Final, get_args

from earthlimb.errors import UsageError
from earthlimb.output import exr, fits, integer
from earthlimb.output.atomic import atomic_paths, check_target
from earthlimb.output.sidecar import sidecar_json, sidecar_path
from earthlimb.renderer.frame import Frame, Stage

FORMATS: Final[Mapping[str, Callable[[Frame, Path, Stage], None]]] = {
    ".png": integer.write_png,
    ".jpg": integer.write_jpg,
    ".tiff": integer.write_tiff,
    ".exr": exr.write_exr,
    ".fits": fits.write_fits,
}
"""Writers by ending; each takes the frame, the path to write and the stage."""

STAGES: Final[tuple[Stage, ...]] = get_args(Stage)

FLOAT_FORMATS: Final = (".exr", ".fits")
"""They hold every stage, and by default the linear one."""

_SAME_ENDING: Final = {".jpeg": ".jpg", ".tif": ".tiff", ".fit": ".fits"}


def check_output(path: str | PathLike[str], stage: str | None = None) -> Stage:
    """Refuse an output that could not be written, before the picture is rendered.

    Parameters
    ----------
    path : path
        The picture to be written.
    stage : str, optional
        "linear", "sensor" or "developed".

    Returns
    -------
    "linear", "sensor" or "developed"
        The stage that has to be rendered: the given one, else linear for EXR and FITS and developed for the others.

    Raises
    ------
    UsageError
        Unknown ending or stage, a stage that the format cannot hold, or a path that cannot be written.
    WorkError
        FITS without astropy.
    """
    ending = picture_ending(path)
    if stage is None:
        chosen: Stage = "linear" if ending in FLOAT_FORMATS else "developed"
    elif stage in STAGES:
        chosen = STAGES[STAGES.index(stage)]
    else:
        near = get_close_matches(str(stage), STAGES, n=1)
        advice = f"did you mean {near[0]}?" if near else "choose one of these"
        raise UsageError(f"stage {stage}: not a stage: allowed are {', '.join(STAGES)}: {advice}")
    if ending not in FLOAT_FORMATS and chosen != "developed":
        what = "radiance" if chosen == "linear" else "electrons"
        raise UsageError(
            f"{path}: stage {chosen}: a {ending} file holds the developed picture only, "
            f"its integers have no room for {what}: use the ending .exr or .fits"
        )
    if ending == ".fits":
        fits.check_fits(path)
    check_target(path)
    check_target(sidecar_path(path))
    return chosen


def save(frame: Frame, path: str | PathLike[str], stage: Stage | None = None) -> None:
    """Write the frame to `path` and its sidecar to `path` + ".json": both appear whole, or neither does.

    Parameters
    ----------
    frame : Frame
        The rendered picture.
    path : path
        `.png`, `.jpg` (8 bit, sRGB), `.tiff` (16 bit, sRGB), `.exr` or `.fits` (float32).
    stage : "linear", "sensor" or "developed", optional
        See `check_output`.

    Raises
    ------
    UsageError
        From `check_output`, or the frame was rendered without this stage.
    WorkError
        The disk is full or the writing failed.
    """
    chosen = check_output(path, stage)
    text = sidecar_json(frame.metadata)
    with atomic_paths(path, sidecar_path(path)) as (picture, sidecar):
        FORMATS[picture_ending(path)](frame, picture, chosen)
        sidecar.write_text(text, encoding="utf-8")


def picture_ending(path: str | PathLike[str]) -> str:
    """The ending among `FORMATS` that a path means (`.jpeg` means `.jpg`); UsageError when it means none."""
    if not _is_path(path):
        raise UsageError(f'save: {path!r:.60}: no path: a str or a pathlib.Path is wanted: write save("italy.png")')
    given = Path(path).suffix.lower()
    ending = _SAME_ENDING.get(given, given)
    if ending in FORMATS:
        return ending
    near = get_close_matches(ending, FORMATS, n=1)
    advice = f"did you mean {near[0]}?" if near else "give the file one of these endings"
    found = f"the ending {given}" if given else "no ending"
    raise UsageError(f"{path}: {found}: the formats are {', '.join(FORMATS)}: {advice}")


def _is_path(path: object) -> bool:
    """Whether this can be the name of a file in text."""
    try:
        text = fspath(path)  # type: ignore[call-overload]
        return isinstance(text, str) and b"\0" not in fsencode(text)
    except (TypeError, UnicodeEncodeError):
        return False
