"""What the sidecar of a picture says: the resolved scene, where everything was, what made the picture."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earthlimb.constants import EMISSIONS
from earthlimb.gpu import GpuContext
from earthlimb.physics.exposure import CameraBody
from earthlimb.renderer.gear import focal_mm_of, pixel_um_of, stated_focal_mm
from earthlimb.scene import resolved
from earthlimb.world import WorldState

_LIBRARIES = ("numpy", "moderngl", "sgp4", "pyerfa")


def describe(world: WorldState, gpu: GpuContext, cie_per_rayleigh: NDArray[np.float64], frame: int) -> dict[str, Any]:
    """The sidecar's contents, without the times taken; names as in CONTRACT."""
    lens, body = world.lens, CameraBody.load(world.scene.camera.body)
    right, down, forward = (row.tolist() for row in world.rot_cam_from_gcrs)
    return {
        "scene": resolved(world.scene),
        "versions": {"earthlimb": _version("earthlimb"), "python": platform.python_version()}
        | {name: _version(name) for name in _LIBRARIES},
        "gl_renderer": gpu.renderer,
        "gl_version": gpu.version,
        "utc": world.instant.utc_iso(),
        "element_epoch_utc": world.elements.epoch.utc_iso(),
        "iss_gcrs_km": world.pos_iss_gcrs_km.tolist(),
        "iss_itrs_km": world.pos_iss_itrs_km.tolist(),
        "axes_gcrs": {"right": right, "down": down, "forward": forward},
        "f_px": lens.f_px,
        "cx_px": lens.cx_px,
        "cy_px": lens.cy_px,
        "k1": lens.k1,
        "focal_mm": stated_focal_mm(world, body),
        "focal_35mm": focal_mm_of(world, body) * 36.0 / body.sensor_long_mm,
        "sun_dir_gcrs": world.sun_dir_gcrs.tolist(),
        "moon_dir_gcrs": world.moon_dir_gcrs.tolist(),
        "seed": world.scene.seed,
        "frame": frame,
        "crop": lens.crop,
        "pixel_um": pixel_um_of(world, body),
        "photosites_per_px": body.photosites_per_px(lens.width_px, lens.height_px, lens.crop),
        "airglow_rgb": {name: cie_per_rayleigh[i, :3].tolist() for i, name in enumerate(EMISSIONS)},
        "composition": world.composition_source,
        "warnings": list(world.warnings),
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
