"""Files are written beside their target and renamed: either the whole file appears or nothing does."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path
from typing import Final

from earthlimb.errors import EarthlimbError, UsageError, WorkError

_WRONG_PLACE: Final = {
    errno.EACCES: "not writable: choose a folder that you may write to",
    errno.EPERM: "not writable: choose a folder that you may write to",
    errno.EROFS: "on a read-only file system: choose a folder that can be written",
    errno.ENOENT: "the folder does not exist: make the folder first",
    errno.ENOTDIR: "its folder is not a folder: choose a folder that exists",
    errno.EISDIR: "a folder has this name: choose the name of a file",
    errno.ENAMETOOLONG: "the name is too long: choose a shorter name",
    errno.ELOOP: "a symbolic link that leads to itself: choose another name",
}
DISK_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

# A file name may have 255 bytes on the usual file systems; the partial file's ending takes up to 30 of them.
_MAX_STEM_BYTES: Final = 200


def check_target(path: str | PathLike[str]) -> Path:
    """Make sure, before the work begins, that a file can be written at `path`; nothing is changed.

    Parameters
    ----------
    path : path
        The file to be written.

    Returns
    -------
    Path
        The same with symbolic links followed, so that the file is replaced and the link stays.

    Raises
    ------
    UsageError
        The folder is missing or not writable, or the name belongs to a folder, a device or a protected file.
    """
    given = Path(path)
    if not given.name:
        raise UsageError(f"{given}: not the name of a file: a file in an existing folder: add its name")
    try:
        mode = _mode(given)
        target = given.resolve()
        parent_mode = target.parent.stat().st_mode
    except OSError as error:
        raise _place_error(given, error) from error
    if not stat.S_ISDIR(parent_mode):
        raise _place_error(given, NotADirectoryError(errno.ENOTDIR, ""))
    if mode is not None and stat.S_ISDIR(mode):
        raise _place_error(given, IsADirectoryError(errno.EISDIR, ""))
    if mode is not None and not stat.S_ISREG(mode):
        raise UsageError(f"{given}: a device or a pipe: only files can be written: choose the name of a file")
    if mode is not None and not os.access(target, os.W_OK):
        raise UsageError(f"{given}: this file is write-protected: choose another name or unprotect it")
    probe = _partial(target)
    try:
        # Only the attempt tells: access bits do not know of read-only mounts, quotas or root.
        os.close(os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        probe.unlink()
    except OSError as error:
        if error.errno in DISK_FULL:
            raise _full_error(given) from error
        if error.errno == errno.ENOENT:  # the folder is there, as /proc is
            raise UsageError(f"{given}: cannot write here: the folder takes no files: choose another folder") from error
        raise _place_error(given, error) from error
    return target


@contextmanager
def atomic_paths(*paths: str | PathLike[str]) -> Iterator[tuple[Path, ...]]:
    """Give a partial file for each path: all are renamed when the body succeeds, removed when it fails.

    Parameters
    ----------
    *paths : path
        The files to be written. The renames happen in this order.

    Yields
    ------
    tuple of Path
        Where to write instead, in the same folders. The body has to create every one of them.

    Raises
    ------
    UsageError
        From `check_target`.
    WorkError
        The disk is full, or the writing or the renaming failed.
    """
    targets = [check_target(path) for path in paths]
    partials = [_partial(target) for target in targets]
    renamed: list[Path] = []
    current: str | PathLike[str] = paths[0] if paths else ""
    try:
        yield tuple(partials)
        for path, partial in zip(paths, partials, strict=True):
            current = path
            _flush(partial)
        for path, partial, target in zip(paths, partials, targets, strict=True):
            current = path
            os.replace(partial, target)
            renamed.append(target)
    except BaseException as error:
        # A half-renamed group would be a picture with the sidecar of another one.
        for leftover in (*partials, *(renamed if len(renamed) < len(targets) else ())):
            with suppress(OSError):
                leftover.unlink()
        if isinstance(error, OSError) and not isinstance(error, EarthlimbError):
            if error.errno in DISK_FULL:
                raise _full_error(current) from error
            raise WorkError(
                f"{current}: could not be written ({error.strerror or error}): "
                "nothing was left behind: see to the disk and try again"
            ) from error
        raise


@contextmanager
def atomic_path(path: str | PathLike[str]) -> Iterator[Path]:
    """Give one partial file that is renamed to `path` on success; see `atomic_paths`."""
    with atomic_paths(path) as (partial,):
        yield partial


def _partial(target: Path) -> Path:
    stem = target.name.encode()[:_MAX_STEM_BYTES].decode(errors="ignore")
    return target.with_name(f".{stem}.partial-{os.getpid()}-{os.urandom(4).hex()}")


def _flush(partial: Path) -> None:
    """Hand the data to the disk before the rename: a power cut must not leave an empty file of that name."""
    with partial.open("rb+") as stream:
        os.fsync(stream.fileno())


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _place_error(path: str | PathLike[str], error: OSError) -> UsageError:
    reason = _WRONG_PLACE.get(error.errno or 0, f"cannot be written ({error}): choose another name")
    return UsageError(f"{path}: cannot write here: {reason}")


def _full_error(path: str | PathLike[str]) -> WorkError:
    return WorkError(
        f"{path}: no space is left on its disk: nothing was written: free some space or choose another folder"
    )
