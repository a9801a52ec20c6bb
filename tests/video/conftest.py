"""The folders that the tests of the command work in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.video.running import SCENE, finish, start


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an undisturbed run."""
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "s.toml").write_text(SCENE, encoding="utf-8")
    assert finish(start("s.toml", "-o", "x.mp4", folder=folder)) == (0, ""), "quiet where nobody watches"
    return folder


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "s.toml").write_text(SCENE, encoding="utf-8")
    return tmp_path
