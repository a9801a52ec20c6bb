"""The folders that the tests of the command work in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.video.running import finish, start, write_satellites, write_scene


@pytest.fixture(scope="session")
def satellites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("satellites") / "others.json"
    write_satellites(path)
    return path


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, satellites: Path) -> Path:
    """The folder of an undisturbed run."""
    folder = tmp_path_factory.mktemp("undisturbed")
    write_scene(folder, satellites)
    assert finish(start("s.toml", "-o", "x.mp4", folder=folder)) == (0, ""), "quiet where nobody watches"
    return folder


@pytest.fixture
def here(tmp_path: Path, satellites: Path) -> Path:
    write_scene(tmp_path, satellites)
    return tmp_path
