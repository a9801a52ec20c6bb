"""One renderer and one Italy view for all truth tests of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from earthlimb.renderer import Frame, Renderer
from earthlimb.scene import load_scene


@pytest.fixture(scope="session")
def one_renderer() -> Iterator[Renderer]:
    with Renderer() as renderer:
        yield renderer


@pytest.fixture(scope="session")
def italy(one_renderer: Renderer) -> Frame:
    """The shipped scene in its own size, as `earthlimb render italy` makes it."""
    return one_renderer.render(load_scene("italy", {"station.visible": False}))
