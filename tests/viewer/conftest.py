"""One virtual display for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.viewer.screen import virtual_display


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    with virtual_display() as name:
        yield name
