"""Goldens of every pass alone in the Italy view, 320 x 180: a pass that changes shows without the others over it.

The sensor's passes stand alone in `nothing`: a dark exposure is read noise and development only.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from earthlimb.constants import EMISSIONS
from earthlimb.renderer import Frame
from earthlimb.testing import assert_picture_close

_DARK = {f"airglow__{name}": 0.0 for name in EMISSIONS} | {
    "earth__lights": 0.0,
    "earth__moonlit": 0.0,
    "sky__stars": 0.0,
    "sky__milky_way": 0.0,
}
PARTS: dict[str, dict[str, float]] = {
    "airglow": {f"airglow__{name}": 1.0 for name in EMISSIONS},
    "lights": {"earth__lights": 1.0},
    "surface": {"earth__moonlit": 1.0, "camera__shutter_s": 60.0, "camera__ev": 2.0},
    "stars": {"sky__stars": 1.0},
    "milky-way": {"sky__milky_way": 1.0, "camera__ev": 5.0},
    "nothing": {"camera__ev": 4.0},
}


@pytest.mark.parametrize("part", PARTS)
def test_part_alone(earthlimb_render: Callable[..., Frame], part: str) -> None:
    frame = earthlimb_render("italy", size=(320, 180), **(_DARK | PARTS[part]))
    assert frame.picture is not None and frame.picture.max() > 0.0
    assert_picture_close(frame, f"part-{part}.png")
