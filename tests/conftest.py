"""What every test needs: small hypothesis runs without a deadline, and no settings of the user's shell."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# the machine is shared and the first call may import or compile: a deadline fails without a defect
settings.register_profile("earthlimb", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("earthlimb")

pytest_plugins = ["tests.support.validation"]


@pytest.fixture(autouse=True)
def _plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages are compared with texts: no colours, no wrapping at a terminal's width."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
