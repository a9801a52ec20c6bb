"""Every shipped data file is named in assets/SOURCES.toml with source and licence, and nothing else is."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from earthlimb.cli.assets import asset_sources

ASSETS = Path(__file__).resolve().parents[2] / "assets"
NOT_DATA = ("SOURCES.toml", "bake")


def shipped_files() -> set[str]:
    files = (path.relative_to(ASSETS) for path in ASSETS.rglob("*") if path.is_file())
    return {file.as_posix() for file in files if file.parts[0] not in NOT_DATA and "__pycache__" not in file.parts}


def test_every_file_has_an_entry_and_every_entry_a_file() -> None:
    assert {entry.file for entry in asset_sources()} == shipped_files()


def test_no_file_is_named_twice() -> None:
    names = [entry.file for entry in asset_sources()]
    assert sorted(names) == sorted(set(names))


def test_every_field_says_something() -> None:
    empty = [
        (entry.file, name) for entry in asset_sources() for name, text in asdict(entry).items() if not text.strip()
    ]
    assert empty == []


def test_the_program_that_made_a_file_is_in_the_repository() -> None:
    named = {entry.made_by.split()[0] for entry in asset_sources() if entry.made_by.startswith("assets/bake/")}
    assert named, "at least the star catalogue is baked"
    assert [name for name in sorted(named) if not (ASSETS.parent / name.rstrip(",;")).is_file()] == []
