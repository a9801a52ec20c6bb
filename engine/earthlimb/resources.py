"""Where shaders, assets and scenes lie: inside the installed package, else in the checkout around it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
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


def document(name: str) -> Path:
    """Path of a page of `docs/` that is installed too, for example `document("SCENE.md")`."""
    return _root("docs") / name


@dataclass(frozen=True)
class AssetSource:
    """One entry of `assets/SOURCES.toml`; every field is a text that is not empty."""

    file: str
    what: str
    source: str
    licence: str
    credit: str
    made_by: str


def asset_sources() -> tuple[AssetSource, ...]:
    """Read `assets/SOURCES.toml`.

    Returns
    -------
    tuple of AssetSource
        In the order of the file.

    Raises
    ------
    WorkError
        When the file is missing, is not TOML, or an entry lacks a field.
    """
    path = asset("SOURCES.toml")
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("asset", [])
        return tuple(AssetSource(**entry) for entry in entries)
    except (OSError, tomllib.TOMLDecodeError, TypeError) as error:
        names = ", ".join(field.name for field in fields(AssetSource))
        raise WorkError(f"{path}: {error}: every [[asset]] has {names}: install earthlimb again") from error
