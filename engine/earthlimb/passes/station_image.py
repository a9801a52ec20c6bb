"""A finished picture of the station before the lens, and how passes read it that draw what lies behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu.shaders import set_uniforms

_FIRST_UNIT = 12
"""Texture unit of the first image for passes that have textures of their own in the lower ones."""


SHUT_PX = 16
"""Side of the tiles that are known to show nothing but the station: frames are narrower than other passes' tiles."""


@dataclass
class StationImage:
    """One group's finished picture: radiance over `level`, in alpha what passes; `group` is "outer" or "near"."""

    group: str
    radiance: moderngl.Texture
    fourth: moderngl.Texture | None
    """The fourth channel of a response that has one."""
    rect: tuple[float, float, float, float]
    """What it shows, in tangents: left, top, right, bottom."""
    level: float
    tiles: NDArray[np.bool_]
    """(rows, columns) of tiles of the picture in which it may show."""
    shut: NDArray[np.bool_] | None = None
    """(rows, columns) of tiles of SHUT_PX behind which nothing shows, with the images that stand before it."""

    @property
    def scale_offset(self) -> tuple[float, float, float, float]:
        """From tangents to texture coordinates."""
        left, top, right, bottom = self.rect
        x, y = 1.0 / (right - left), 1.0 / (bottom - top)
        return x, y, -left * x, -top * y

    def bind(self, program: moderngl.Program) -> None:
        """Hand it to passes/cover.frag."""
        self.radiance.use(0)
        if self.fourth is not None:
            self.fourth.use(1)
        set_uniforms(
            program,
            {"image_radiance": 0, "image_fourth": 1, "image_rect": self.scale_offset, "image_level": self.level},
        )


def bind_station(program: moderngl.Program, images: Sequence[StationImage]) -> None:
    """Hand up to two images, the farther first, to a program compiled with STATION, their number."""
    for i, (name, image) in enumerate(zip(("station_first", "station_second"), images, strict=False)):
        image.radiance.use(_FIRST_UNIT + i)
        set_uniforms(program, {name: _FIRST_UNIT + i, f"{name}_rect": image.scale_offset, f"{name}_level": image.level})
