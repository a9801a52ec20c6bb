"""Pictures in tests: comparisons in physical units, along the limb, and with golden pictures; a pytest plugin.

The names below are imported when they are first used: pytest loads the plugin wherever earthlimb is installed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from earthlimb.testing.layers import assert_layer_close as assert_layer_close
    from earthlimb.testing.picture import assert_picture_close as assert_picture_close
    from earthlimb.testing.profile import LimbProfile as LimbProfile
    from earthlimb.testing.profile import assert_limb_profile_close as assert_limb_profile_close
    from earthlimb.testing.profile import limb_profile as limb_profile

_HOMES = {
    "assert_layer_close": "layers",
    "assert_limb_profile_close": "profile",
    "assert_picture_close": "picture",
    "limb_profile": "profile",
    "LimbProfile": "profile",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"earthlimb.testing.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'earthlimb.testing' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
