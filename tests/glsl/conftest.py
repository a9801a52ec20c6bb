"""Tests of single passes and functions draw with the harness's context, whatever a renderer left current."""

from __future__ import annotations

import pytest

from tests.support.glsl import context


@pytest.fixture(autouse=True)
def _context_is_current() -> None:
    context()
