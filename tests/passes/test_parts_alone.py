"""Goldens of every pass alone in the Italy view, 320 x 180: a pass that changes shows without the others over it.

The sensor's passes stand alone in `nothing`: a dark exposure is read noise and development only.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from earthlimb.constants import EMISSIONS
from earthlimb.renderer import Renderer
from earthlimb.scene import load_scene
from earthlimb.testing import assert_picture_close

_DARK = {f"airglow.{name}": 0.0 for name in EMISSIONS} | {
    "earth.lights": 0.0,
    "earth.moonlit": 0.0,
    "sky.stars": 0.0,
    "sky.milky_way": 0.0,
    "sky.planets": 0.0,
    "station.visible": False,  # its silhouette stands before every part
}
PARTS: dict[str, dict[str, float]] = {
    "airglow": {f"airglow.{name}": 1.0 for name in EMISSIONS},
    "lights": {"earth.lights": 1.0},
    "surface": {"earth.moonlit": 300.0, "camera.ev": 2.0},  # in an exposure of 60 s it would be blurred
    "stars": {"sky.stars": 1.0},
    "milky-way": {"sky.milky_way": 1.0, "camera.ev": 5.0},
    "nothing": {"camera.ev": 4.0},
}


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer(size=(320, 180)) as one:
        yield one


@pytest.mark.parametrize("part", PARTS)
def test_part_alone(renderer: Renderer, part: str) -> None:
    frame = renderer.render(load_scene("italy", _DARK | PARTS[part]), layers=False, stage="developed")
    assert frame.picture is not None and frame.picture.max() > 0.0
    assert_picture_close(frame, f"part-{part}.png")
