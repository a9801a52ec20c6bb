"""Finished frames on disk, each written whole and with its hash, until the output is complete."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from earthlimb.errors import UsageError, WorkError
from earthlimb.output.atomic import DISK_FULL
from earthlimb.output.sidecar import sidecar_path
from earthlimb.output.video.aside import MANIFEST, Aside, counted, is_picture, manifest_of, move_past_the_end, take
from earthlimb.output.video.frames import Part
from earthlimb.output.video.lock import OutputLock
from earthlimb.output.video.target import Target

_LOCK, _ENCODING, _BEGUN = "lock", "encoding", ".begun"
_LAYOUT = 1
"""Number of the parts' layout; another one's parts are of no use."""


class Store:
    """The folder OUT.parts: a manifest, a lock, and for every finished frame its part.

    The part of a video's frame holds its pixels. A numbered picture lies at its final place already, so its part
    holds only the hash of the picture.

    Parameters
    ----------
    target : Target
    fingerprint : str
        Hash of all that decides how a frame looks.
    n_frames : int
        Of the output. More may be finished, by a run of the same scene with a later end.

    Raises
    ------
    UsageError
        The folder is not ours or cannot be made.
    WorkError
        Another run has it.
    """

    def __init__(self, target: Target, fingerprint: str, n_frames: int) -> None:
        self._target, self._n = target, n_frames
        self._folder = target.parts
        self._aside = Aside(target)
        self.notes: list[str] = []
        """What the user should know of what was there."""
        try:
            if target.makes_folder:
                target.path.parent.mkdir(exist_ok=True)
            self._refuse_foreign()
            self._folder.mkdir(exist_ok=True)
        except OSError as error:
            raise UsageError(f"{self._folder}: {error.strerror}: a folder is wanted there: see to its place") from error
        self._lock = OutputLock(self._folder / _LOCK, target.named)
        try:
            manifest = {"earthlimb_video_parts": _LAYOUT, "fingerprint": fingerprint}
            self.notes += self._aside.exchange(manifest)
            if manifest_of(self._folder) != manifest:
                self._clear()
                _write_whole(self._folder / MANIFEST, json.dumps(manifest).encode())
            for leftover in (*self._folder.glob(f"*{_BEGUN}"), *self._folder.glob(f"{_ENCODING}*")):
                leftover.unlink()
            self.done = {i for i in self._numbers() if self._is_whole(i)}
        except OSError as error:
            self._lock.release(remove=False)
            raise self.failure(error) from error

    @property
    def n_done(self) -> int:
        """How many frames of the output are finished."""
        return sum(1 for i in self.done if i < self._n)

    @property
    def encoding(self) -> Path:
        """Where the video grows before it gets its name."""
        return self._folder / f"{_ENCODING}{self._target.path.suffix}"

    def put(self, part: Part) -> None:
        """Keep a finished frame; it is there whole or not at all, even after kill -9."""
        path = self._part(part.index)
        digest = hashlib.sha256(part.payload).hexdigest()
        header = {"sha256": digest, "shape": part.shape, "sidecar": part.sidecar}
        try:
            payload = part.payload
            if self._target.numbered:
                picture = self._target.picture(part.index)
                _write_whole(picture, payload)
                _write_whole(sidecar_path(picture), part.sidecar.encode())
                payload = b""
            _write_whole(path, json.dumps(header).encode() + b"\n" + payload)
        except OSError as error:
            raise self.failure(error) from error
        self.done.add(part.index)

    def get(self, index: int) -> tuple[bytes, tuple[int, ...]]:
        """Payload and shape of a finished frame of a video."""
        header, payload = self._read(index)
        return payload, tuple(header["shape"])

    def sidecar(self, index: int) -> dict[str, Any]:
        """What a single picture of this frame would have as its sidecar."""
        found: dict[str, Any] = json.loads(self._read(index)[0]["sidecar"])
        return found

    def finish(self, sidecar: str) -> list[str]:
        """Give the video its name, write the sidecar of the whole, and let the parts go.

        Returns
        -------
        list of str
            What the user should know of what stays. Parts stay where more frames are finished than the output has.
        """
        notes = []
        try:
            if not self._target.numbered:
                os.replace(self.encoding, self._target.path.resolve())
            _write_whole(self._target.sidecar, sidecar.encode())
            if self._target.numbered:
                notes = move_past_the_end(self._target, self._n)
        except OSError as error:
            raise self.failure(error) from error
        if more := len(self.done) - self.n_done:
            notes.append(
                f"{self._folder}: {counted(more, 'finished frame')} past this end: kept for a longer video.duration_s: "
                "remove the folder if nobody wants it"
            )
        else:
            self.done = set()
        return notes + self._aside.left()

    def close(self) -> None:
        """Free the lock; a folder without any finished frame is removed."""
        self.encoding.unlink(missing_ok=True)
        if self.done:
            self._lock.release(remove=False)
            return
        self._clear()
        self._lock.release(remove=True)
        with suppress(OSError):  # something else may lie in it
            self._folder.rmdir()
            if self._target.makes_folder:
                self._target.path.parent.rmdir()

    def failure(self, error: OSError) -> WorkError:
        """The message for a disk that failed."""
        if error.errno in DISK_FULL:
            return WorkError(f"{self._target.named}: no space is left on its disk: free some space")
        return WorkError(f"{self._target.named}: {error.strerror or error}: see to the disk or the folder")

    def _part(self, index: int) -> Path:
        return self._folder / f"{index:07d}.part"

    def _numbers(self) -> list[int]:
        return [int(path.stem) for path in self._folder.glob("*.part") if path.stem.isdigit()]

    def _read(self, index: int) -> tuple[dict[str, Any], bytes]:
        line, _, payload = self._part(index).read_bytes().partition(b"\n")
        return json.loads(line), payload

    def _is_whole(self, index: int) -> bool:
        """Whether a part and its picture are what was written; power may have failed."""
        try:
            header, payload = self._read(index)
            wanted = header.get("sha256")
            if self._target.numbered:
                return self._has_picture(index, wanted)
        except (OSError, ValueError):
            return False
        return bool(wanted == hashlib.sha256(payload).hexdigest())

    def _has_picture(self, index: int, sha256: str | None) -> bool:
        """Whether the picture of a part is there, brought back if a shorter sequence has moved it aside."""
        picture = self._target.picture(index)
        for place in (picture, self._target.aside / picture.name):
            if is_picture(place, sha256):
                if place != picture and index < self._n:
                    take(place, picture)
                    with suppress(OSError):  # others are left in it
                        self._target.aside.rmdir()
                return True
        return False

    def _refuse_foreign(self) -> None:
        """Never remove files from a folder that only happens to have this name."""
        if not self._folder.exists():
            return
        known = (MANIFEST, _LOCK, MANIFEST + _BEGUN)
        foreign = [path.name for path in self._folder.iterdir() if path.name not in known]
        if foreign and "earthlimb_video_parts" not in (manifest_of(self._folder) or {}):
            raise UsageError(
                f"{self._folder}: holds {sorted(foreign)[0]}, which is no part of a video: the parts of "
                f"{self._target.named} go there: move it away or choose another name"
            )

    def _clear(self) -> None:
        for pattern in ("*.part", f"*{_BEGUN}", f"{_ENCODING}*", MANIFEST):
            for path in self._folder.glob(pattern):
                path.unlink()


def _write_whole(path: Path, data: bytes) -> None:
    """Write beside and rename. No flush to the disk: a part that a power cut spoils fails its hash."""
    target = path.resolve()
    begun = target.with_name(f"{target.name}{_BEGUN}")
    try:
        begun.write_bytes(data)
        os.replace(begun, target)
    except BaseException:
        with suppress(OSError):
            begun.unlink()
        raise
