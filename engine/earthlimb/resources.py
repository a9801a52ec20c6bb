"""Where shaders, assets and scenes lie: inside the installed package, else in the checkout around it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from earthlimb.errors import WorkError

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent.parent


@cache
def _root(name: str) -> Path:
    for candidate in (_PACKAGE / name, _CHECKOUT / name):
        if candidate.is_dir():
            return candidate
    raise WorkError(
        f"earthlimb: the folder {name}/ is missing beside {_PACKAGE}: "
        "it belongs to every installation: install earthlimb again"
    )


def shader_root() -> Path:
    """Folder that holds `lib/`, `interface/` and `passes/`."""
    return _root("shaders")


def scene_root() -> Path:
    """Folder of the shipped scenes, `*.toml`."""
    return _root("scenes")


def asset(name: str) -> Path:
    """Path of a shipped data file, for example `asset("stars.npz")`.

    Raises
    ------
    WorkError
        When the installation lacks the file.
    """
    path = _root("assets") / name
    if not path.exists():
        raise WorkError(f"earthlimb: {path}: this data file is missing: install earthlimb again")
    return path
