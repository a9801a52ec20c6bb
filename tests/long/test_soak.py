"""Soaks: many renderers, many renders, many random scenes. Note the result in results.toml, then write the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from earthlimb.renderer import Renderer
from earthlimb.world import build_world
from tests.passes.test_leaks import MAPS_MB, tiny
from tests.passes.test_robust_frames import SCENES, random_scene
from tests.support.memory import living_gl_objects, resident_mb

FEW_MB = 15.0
"""Less than the maps of a few worlds take, more than what the allocator keeps."""

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer() as one:
        yield one


def test_fifty_renderers() -> None:
    """Built, a photograph taken, closed."""
    before, world = living_gl_objects(), build_world(tiny())
    rss_mb = []
    for _ in range(50):
        with Renderer() as one:
            one.photographer.take(world, 0, keep_electrons=True)
        assert living_gl_objects() == before
        rss_mb.append(resident_mb())
    assert np.median(rss_mb[35:]) - np.median(rss_mb[20:35]) < FEW_MB, rss_mb


def test_five_hundred_renders(renderer: Renderer) -> None:
    """Each with its own world; medians of a hundred, because worlds come and go in large pieces."""
    rss_mb = []
    for i in range(500):
        renderer.render(tiny(i % 20), frame=i)
        rss_mb.append(resident_mb())
    first, last = (sorted(rss_mb[part])[50] for part in (slice(50, 150), slice(400, 500)))
    assert last - first < MAPS_MB


@settings(max_examples=400)
@given(SCENES)
def test_random_scenes(renderer: Renderer, table: dict[str, Any]) -> None:
    random_scene(renderer, table)
