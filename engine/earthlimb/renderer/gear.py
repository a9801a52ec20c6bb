"""The scene's camera body and lens as physics knows them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.physics.exposure import CameraBody
from earthlimb.physics.lens_model import LensModel
from earthlimb.physics.psf import core_sigma_px
from earthlimb.scene import Scene
from earthlimb.world import WorldState


def gear_of(scene: Scene) -> tuple[CameraBody, LensModel]:
    """Body and lens of a scene, read from their files."""
    return CameraBody.load(scene.camera.body), LensModel.load(scene.camera.lens)


def focal_mm_of(world: WorldState, body: CameraBody) -> float:
    """Focal length that has the picture's field on the whole sensor, a solved lens in pixels and a crop included."""
    lens = world.lens
    return lens.f_px * body.sensor_long_mm / max(lens.width_px, lens.height_px)


def lens_mm_of(world: WorldState, body: CameraBody) -> float:
    """Focal length of the lens that took the picture: f_px times the size of a pixel on the sensor."""
    return focal_mm_of(world, body) / world.lens.crop


def pixel_um_of(world: WorldState, body: CameraBody) -> float:
    """Size of a pixel on the sensor, um."""
    return body.pixel_um(world.lens.width_px, world.lens.height_px, world.lens.crop)


def stated_focal_mm(world: WorldState, body: CameraBody) -> float:
    """Focal length that headers state, to 0.01 mm: that of the lens, as far as it is known.

    A lens that the scene gives in pixels has the picture's own focal length; where the picture is a crop
    (`scene.gear.crop_factor`), the scene's.
    """
    camera = world.scene.camera
    if camera.f_px is None or world.lens.crop > 1.0:
        return camera.focal_mm
    return round(focal_mm_of(world, body), 2)


def core_width_px(world: WorldState, x_px: ArrayLike, y_px: ArrayLike) -> NDArray[np.float64]:
    """Width (sigma) of the point spread's core at places in the picture, px."""
    body, lens = gear_of(world.scene)
    size = (world.lens.width_px, world.lens.height_px, world.lens.crop)
    wide = body.photosites_per_px(*size) ** 0.5
    off_axis_px = np.hypot(np.asarray(x_px) - world.lens.cx_px, np.asarray(y_px) - world.lens.cy_px)
    rho = off_axis_px / body.half_diagonal_px(*size)
    return core_sigma_px(wide, lens.core_fwhm_photosites(rho, world.scene.camera.f_number, body.pitch_um))
