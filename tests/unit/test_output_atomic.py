"""Files appear whole or not at all, and a place that cannot be written is refused with its remedy."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from earthlimb.errors import UsageError, WorkError
from earthlimb.output import atomic_path, atomic_paths, check_target


def test_the_file_appears_only_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "x.png"
    with atomic_path(target) as partial:
        partial.write_bytes(b"whole")
        assert partial.parent == target.parent, "a rename across file systems would not be atomic"
        assert partial.name.startswith(".x.png.partial-")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    assert os.listdir(tmp_path) == ["x.png"]


def test_new_files_get_the_usual_permissions(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "x.png") as partial:
        partial.write_bytes(b"1")
    (tmp_path / "plain").write_bytes(b"1")
    assert (tmp_path / "x.png").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("failure", [ValueError("broken"), KeyboardInterrupt(), SystemExit(3)])
def test_nothing_is_left_when_the_writer_fails_halfway(tmp_path: Path, failure: BaseException) -> None:
    target = tmp_path / "x.png"
    target.write_bytes(b"old")
    with pytest.raises(type(failure)), atomic_path(target) as partial:
        partial.write_bytes(b"half")
        raise failure
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x.png"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_failed_work(tmp_path: Path, number: int) -> None:
    with pytest.raises(WorkError, match=r"x\.png: no space is left on its disk: .*: free some space"):
        with atomic_path(tmp_path / "x.png") as partial:
            partial.write_bytes(b"half")
            raise OSError(number, os.strerror(number))
    assert os.listdir(tmp_path) == []


def test_another_disk_error_is_failed_work(tmp_path: Path) -> None:
    with pytest.raises(WorkError, match=r"x\.png: could not be written \(Input/output error\)"):
        with atomic_path(tmp_path / "x.png"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
    assert os.listdir(tmp_path) == []


def test_a_group_fails_together_when_a_rename_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = os.replace

    def fail_for_sidecar(source: Path, target: Path) -> None:
        if target.name.endswith(".json"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail_for_sidecar)
    with pytest.raises(WorkError, match=r"x\.png\.json: could not be written"):
        with atomic_paths(tmp_path / "x.png", tmp_path / "x.png.json") as (picture, sidecar):
            picture.write_bytes(b"1")
            sidecar.write_bytes(b"2")
    assert os.listdir(tmp_path) == []


def test_a_forgotten_file_of_a_group_fails(tmp_path: Path) -> None:
    with pytest.raises(WorkError, match=r"b: could not be written"):
        with atomic_paths(tmp_path / "a", tmp_path / "b") as (first, _second):
            first.write_bytes(b"1")
    assert os.listdir(tmp_path) == []


def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    with atomic_path(tmp_path / "link") as partial:
        partial.write_bytes(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_the_longest_name_works(tmp_path: Path) -> None:
    target = tmp_path / ("é" * 125 + ".png")
    with atomic_path(target) as partial:
        partial.write_bytes(b"1")
    assert target.exists()


def _wrong_places(folder: Path) -> dict[str, tuple[Path, str]]:
    (folder / "file").write_bytes(b"")
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to("loop")
    return {
        "missing folder": (folder / "nowhere" / "x.png", "the folder does not exist: make the folder first"),
        "file as folder": (
            folder / "file" / "x.png",
            "its folder is not a folder: choose a folder that exists",
        ),
        "folder": (folder / "folder", "a folder has this name: choose the name of a file"),
        "no name": (Path(""), "not the name of a file: a file in an existing folder: add its name"),
        "long name": (folder / ("x" * 300), "the name is too long: choose a shorter name"),
        "device": (Path(os.devnull), "a device or a pipe: only files can be written"),
        "link to itself": (folder / "loop", "a symbolic link that leads to itself: choose another name"),
    }


@pytest.mark.parametrize(
    "case", ["missing folder", "file as folder", "folder", "no name", "long name", "device", "link to itself"]
)
def test_a_wrong_place_is_refused_before_the_work(tmp_path: Path, case: str) -> None:
    path, reason = _wrong_places(tmp_path)[case]
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(UsageError) as caught:
        check_target(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert reason in str(caught.value)
    assert sorted(os.listdir(tmp_path)) == before


def test_a_folder_that_takes_no_files_is_not_called_missing() -> None:
    folder = Path("/proc")
    if not folder.is_dir():
        pytest.skip("/proc is Linux's")
    with pytest.raises(UsageError) as caught:
        check_target(folder / "a.png")
    assert str(caught.value) in (
        "/proc/a.png: cannot write here: the folder takes no files: choose another folder",
        "/proc/a.png: cannot write here: not writable: choose a folder that you may write to",
    )


def test_a_protected_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's refusal is acted: tests may run as root, who may write anywhere."""

    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(UsageError, match=r"not writable: choose a folder that you may write to"):
        check_target(tmp_path / "x.png")


def test_the_check_leaves_an_existing_file_alone(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"old")
    assert check_target(tmp_path / "x.png") == (tmp_path / "x.png").resolve()
    assert (tmp_path / "x.png").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x.png"]
