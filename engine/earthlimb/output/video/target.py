"""Where a video goes: OUT.mp4, or numbered pictures named by OUT/ or frame_%05d.png."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from earthlimb.errors import UsageError
from earthlimb.output.atomic import check_target
from earthlimb.output.sidecar import sidecar_path
from earthlimb.output.still import FORMATS, check_output, picture_ending
from earthlimb.renderer.frame import Stage

VIDEO_ENDING = ".mp4"
_NUMBER = re.compile(r"%0?\d{0,2}d")
_FIRST_NAME = "frame_%05d.png"
_KINDS = "frame_%05d.png (.jpg, .tiff, .exr, .fits)"
_ALLOWED = f"OUT.mp4, OUT/ and {_KINDS} are known"


@dataclass(frozen=True)
class Target:
    """The output of one video.

    Attributes
    ----------
    path : Path
        The video file, or the pattern of the pictures' names.
    named : str
        What the user called it, for messages.
    numbered : bool
        Pictures instead of a video file.
    stage : "linear", "sensor" or "developed"
        How far the light goes.
    makes_folder : bool
        The pictures' folder does not exist yet.
    """

    path: Path
    named: str
    numbered: bool
    stage: Stage
    makes_folder: bool = False

    @property
    def parts(self) -> Path:
        """The folder that keeps what is finished until everything is."""
        return self.path.with_name(self.path.name + ".parts")

    @property
    def sidecar(self) -> Path:
        """The sidecar of the whole video."""
        return sidecar_path(self.path)

    @property
    def ending(self) -> str:
        """Ending of the pictures, "" for a video file."""
        return picture_ending(self.path) if self.numbered else ""

    @property
    def aside(self) -> Path:
        """The folder for the pictures of a former, longer sequence."""
        return self.path.with_name(self.path.name + ".old")

    def picture(self, index: int) -> Path:
        """The file of a numbered picture."""
        return self.path.with_name(self.path.name % index)

    def number_of(self, name: str) -> int | None:
        """The number of the picture that a file's name says, None where it is no name of one."""
        before, after = _NUMBER.split(self.path.name)
        number = name[len(before) : len(name) - len(after)].strip()
        index = int(number) if number.isdecimal() else None
        return index if index is not None and self.picture(index).name == name else None


def video_target(out: str, stage: str | None = None) -> Target:
    """Understand OUT and refuse it, before anything is rendered, when it could not be written.

    Parameters
    ----------
    out : str
        `OUT.mp4`, `OUT/` (or a folder that exists) or a name with one `%05d` and the ending of a picture.
    stage : str, optional
        "linear", "sensor" or "developed"; by default as for single pictures.

    Raises
    ------
    UsageError
        No name, unknown ending or stage, no number in a picture's name, a folder that is a file, missing or not
        writable.

    Examples
    --------
    >>> target = video_target("limb_%03d.png")
    >>> target.numbered, target.stage, target.picture(7).name
    (True, 'developed', 'limb_007.png')
    """
    given = Path(out)
    if not out:
        raise UsageError(f'-o "": no name: {_ALLOWED}: give the file a name, or write ./ for this folder')
    if out.endswith(("/", os.sep)) or given.is_dir():
        return _folder(given, out, stage)
    if "%" in given.name:
        return _pattern(given, out, stage)
    ending = given.suffix.lower()
    if ending == VIDEO_ENDING:
        if stage not in (None, "developed"):
            raise UsageError(
                f"{out}: --stage {stage}: a video holds the developed picture only: "
                "write numbered pictures instead, frame_%05d.exr"
            )
        check_target(given)
        check_target(sidecar_path(given))
        return Target(given, out, numbered=False, stage="developed")
    if ending in FORMATS:
        example = given.with_name(f"{given.stem}_%05d{given.suffix}")
        raise UsageError(f"{out}: the name of one picture, a video has many: {_ALLOWED}: write it {example}")
    near = get_close_matches(ending, [VIDEO_ENDING, *FORMATS], n=1)
    advice = f"did you mean {near[0]}?" if near else "give the file the ending .mp4"
    found = f"the ending {given.suffix}" if ending else "no ending"
    raise UsageError(f"{out}: {found}: {_ALLOWED}: {advice}")


def _folder(folder: Path, out: str, stage: str | None) -> Target:
    if stage in ("linear", "sensor"):
        raise UsageError(f"{out}: --stage {stage}: a folder's pictures are PNG: write {folder}/frame_%05d.exr instead")
    if folder.is_dir():
        chosen = check_output(folder / _FIRST_NAME, stage)
        return Target(folder / _FIRST_NAME, out, numbered=True, stage=chosen)
    if folder.exists():
        raise UsageError(f"{out}: {folder} is a file: {_ALLOWED}: choose another name for the folder")
    check_target(folder)
    return Target(folder / _FIRST_NAME, out, numbered=True, stage="developed", makes_folder=True)


def _pattern(path: Path, out: str, stage: str | None) -> Target:
    if path.suffix.lower() == VIDEO_ENDING:
        raise UsageError(f"{out}: a number in the name of a video: {_ALLOWED}: leave the % out")
    if len(_NUMBER.findall(path.name)) != 1 or path.name.count("%") != 1:
        raise UsageError(f"{out}: one number such as %05d is wanted in the name: {_ALLOWED}: write it frame_%05d.png")
    return Target(path, out, numbered=True, stage=check_output(path, stage))
