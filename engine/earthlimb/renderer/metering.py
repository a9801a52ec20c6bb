"""`camera.shutter_s = "auto"`: a small picture of the light chooses the time, as a camera's meter does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from earthlimb.scene.camera import AutoShutter
from earthlimb.world import WorldState

if TYPE_CHECKING:
    from earthlimb.renderer.photograph import Photographer

METER_PX = 96
"""Long side of the meter's picture: a field of the meter is 60 photosites wide, stars hardly count."""
METER_SHARE, METER_FILL = 0.98, 0.10
"""All but 2 % of the fields fill their photosites to less than a tenth: the photographs behind the shipped scenes
have 0.03 to 0.2, so that cities keep their colour and the limb stands out of the noise."""
SHORTEST_S, LONGEST_S = 1.0 / 8000.0, 30.0
"""What the shutter dials of the cameras offer."""


def shutter_for(fill_per_s: ArrayLike) -> float:
    """Open time for fields that fill their photosites at such rates.

    Parameters
    ----------
    fill_per_s
        Share of a photosite's capacity that the brightest channel of each field collects in a second.

    Returns
    -------
    float
        s, in three digits, between SHORTEST_S and LONGEST_S.

    Examples
    --------
    >>> shutter_for([0.5] * 100), shutter_for([0.0])
    (0.2, 30.0)
    """
    bright = float(np.quantile(np.asarray(fill_per_s, np.float64), METER_SHARE))
    wanted_s = METER_FILL / bright if bright > METER_FILL / LONGEST_S else LONGEST_S
    return float(f"{max(wanted_s, SHORTEST_S):.3g}")


def metered(photographer: Photographer, world: WorldState, longest_s: float = LONGEST_S) -> WorldState:
    """The world with the time that the meter chooses; the same world where the scene gives a number."""
    if not isinstance(world.scene.camera.shutter_s, AutoShutter):
        return world
    lens = world.lens
    scale = METER_PX / max(lens.width_px, lens.height_px)
    size = (max(round(lens.width_px * scale), 1), max(round(lens.height_px * scale), 1))
    fill_per_s = photographer.fill_per_s(replace(world, lens=lens.resized(*size)))
    shutter_s = min(shutter_for(fill_per_s), longest_s)
    camera = world.scene.camera.model_copy(update={"shutter_s": shutter_s})
    motion = replace(world.motion, shutter_s=shutter_s)
    return replace(world, scene=world.scene.model_copy(update={"camera": camera}), motion=motion)
