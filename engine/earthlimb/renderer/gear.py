"""The scene's camera body and lens as physics knows them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.physics.exposure import CameraBody
from earthlimb.physics.lens_model import LensModel
from earthlimb.physics.psf import core_sigma_px
from earthlimb.scene import Scene
from earthlimb.world import WorldState

_CROPPED = 1.1
"""More than lenses differ from the number engraved on them, distortion included (28 mm solved from stars: 28.5)."""


def gear_of(scene: Scene) -> tuple[CameraBody, LensModel]:
    """Body and lens of a scene, read from their files."""
    return CameraBody.load(scene.camera.body), LensModel.load(scene.camera.lens)


def focal_mm_of(world: WorldState, body: CameraBody) -> float:
    """Focal length that the picture's geometry has, a solved lens in pixels included."""
    lens = world.lens
    return lens.f_px * body.sensor_long_mm / max(lens.width_px, lens.height_px)


def stated_focal_mm(world: WorldState, body: CameraBody) -> float:
    """Focal length that headers state, to 0.01 mm: that of the lens, as far as it is known.

    A lens that the scene gives in pixels has the picture's own focal length; where the scene says that the lens was
    a clearly shorter one, the picture is a crop, and the lens's stays true.
    """
    camera, seen_mm = world.scene.camera, focal_mm_of(world, body)
    if camera.f_px is None:
        return camera.focal_mm
    cropped = "focal_mm" in camera.model_fields_set and seen_mm > _CROPPED * camera.focal_mm
    return camera.focal_mm if cropped else round(seen_mm, 2)


def half_diagonal_px(world: WorldState, body: CameraBody) -> float:
    """Half the sensor's diagonal in pixels of the picture, whose long side covers the sensor's."""
    half_mm = 0.5 * float(np.hypot(body.sensor_long_mm, body.sensor_short_mm))
    return half_mm * max(world.lens.width_px, world.lens.height_px) / body.sensor_long_mm


def core_width_px(world: WorldState, x_px: ArrayLike, y_px: ArrayLike) -> NDArray[np.float64]:
    """Width (sigma) of the point spread's core at places in the picture, px."""
    body, lens = gear_of(world.scene)
    wide = body.photosites_per_px(world.lens.width_px, world.lens.height_px) ** 0.5
    off_axis_px = np.hypot(np.asarray(x_px) - world.lens.cx_px, np.asarray(y_px) - world.lens.cy_px)
    rho = off_axis_px / half_diagonal_px(world, body)
    return core_sigma_px(wide, lens.core_fwhm_photosites(rho, world.scene.camera.f_number, body.pitch_um))
