"""What a new scene would replace: finished frames and pictures are moved aside, and come back with their scene."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from earthlimb.output.sidecar import sidecar_path
from earthlimb.output.video.target import Target

MANIFEST = "manifest.json"
"""Which scene the parts beside it belong to."""


def manifest_of(folder: Path) -> Mapping[str, Any] | None:
    """Whose parts lie in a folder."""
    try:
        found: Mapping[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found


def n_parts(folder: Path) -> int:
    """How many finished frames lie in a folder and below it."""
    return sum(1 for _ in folder.rglob("*.part"))


def counted(n: int, noun: str = "frame") -> str:
    """A number of things in words.

    Examples
    --------
    >>> counted(1), counted(2, "picture")
    ('1 frame', '2 pictures')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


class Aside:
    """The folder OUT.parts.old: finished frames of other scenes, those of each in a folder of their own.

    A mistyped value makes another scene. It must not cost the frames of the right one, so nothing here is ever
    deleted; the user may. Of a numbered sequence the pictures themselves lie here, too.
    """

    def __init__(self, target: Target) -> None:
        self._target, self._parts = target, target.parts
        self.folder = self._parts.with_name(self._parts.name + ".old")

    def exchange(self, manifest: Mapping[str, Any]) -> list[str]:
        """Leave in OUT.parts only what belongs to a manifest, brought back from here if it is here.

        Returns
        -------
        list of str
            What the user should know.
        """
        notes = []
        current = manifest_of(self._parts)
        if current is not None and current != manifest and (n := n_parts(self._parts)):
            self._move(self._parts, self._place(current))
            notes.append(
                f"{self._parts}: {counted(n)} of another scene or version: moved to {self.folder}: "
                "their own command continues them"
            )
        place = self._place(manifest)
        if manifest_of(place) == manifest:
            notes.append(f"{self.folder}: {counted(n_parts(place))} of this scene: brought back")
            self._move(place, self._parts)
            for empty in (place, self.folder):
                with suppress(OSError):  # others are left in it
                    empty.rmdir()
        return notes

    def left(self) -> list[str]:
        """What the user should know of what is here."""
        n = n_parts(self.folder)
        advice = "their own command continues them: remove the folder if nobody wants them"
        return [f"{self.folder}: {counted(n)} of other scenes kept: {advice}"] if n else []

    def _move(self, source: Path, place: Path) -> None:
        """Move parts and their pictures; cut off in the middle, each of both folders still says whose they are."""
        place.mkdir(parents=True, exist_ok=True)
        (place / MANIFEST).write_bytes((source / MANIFEST).read_bytes())
        for part in source.glob("*.part"):
            if self._target.numbered and part.stem.isdecimal():
                self._move_picture(part, source, place)
            os.replace(part, place / part.name)
        (source / MANIFEST).unlink()

    def _move_picture(self, part: Path, source: Path, place: Path) -> None:
        """Move the picture of a part; one that is not what was written stays."""
        picture = self._target.picture(int(part.stem))
        here, there = (picture if folder == self._parts else folder / picture.name for folder in (source, place))
        try:
            written = is_picture(here, json.loads(part.read_bytes())["sha256"])
        except (ValueError, KeyError):  # a part that power has spoilt
            return
        if written:
            take(here, there)

    def _place(self, manifest: Mapping[str, Any]) -> Path:
        return self.folder / hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()[:16]


def move_past_the_end(target: Target, n_frames: int) -> list[str]:
    """Move the pictures of a former, longer sequence out of a numbered one.

    Only what earthlimb made as a frame of a sequence, by the number in its sidecar: a picture of another origin, or
    a single one, stays.

    Returns
    -------
    list of str
        What the user should know.
    """
    past: dict[int, Path] = {}
    for path in target.path.parent.iterdir():
        index = target.number_of(path.name)
        if index is not None and index >= n_frames and _is_frame(path, index):
            past[index] = path
    if not past:
        return []
    target.aside.mkdir(exist_ok=True)
    for path in past.values():
        take(path, target.aside / path.name)
    names = [path.name for _, path in sorted(past.items())]
    which = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
    return [f"{target.named}: {counted(len(names), 'picture')} of a longer sequence, {which}: moved to {target.aside}"]


def is_picture(path: Path, sha256: str | None) -> bool:
    """Whether a picture with this hash and its sidecar are there."""
    if not (path.is_file() and sidecar_path(path).exists()):
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def take(picture: Path, place: Path) -> None:
    """Move a picture and its sidecar."""
    os.replace(picture, place)
    os.replace(sidecar_path(picture), sidecar_path(place))


def _is_frame(path: Path, index: int) -> bool:
    """Whether a picture is this frame of a sequence that earthlimb made."""
    sidecar = sidecar_path(path)
    if any(file.is_symlink() or not file.is_file() for file in (path, sidecar)):
        return False
    try:
        found = json.loads(sidecar.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(found, dict) or not isinstance(found.get("versions"), dict):
        return False
    return "earthlimb" in found["versions"] and found.get("frame") == index
