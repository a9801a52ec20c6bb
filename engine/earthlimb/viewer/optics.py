"""The lens that a scene has in the window: one focal length, whether the scene says it in millimetres or in pixels."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from earthlimb.scene import Scene
from earthlimb.scene.gear import crop_factor, sensor_long_mm

FOCAL_MM = (14.0, 400.0)
"""The shortest and the longest lens that wheel and keys reach."""
STEP = 1.125
FOCAL_PATH, F_PX_PATH = "camera.focal_mm", "camera.f_px"


def focal_mm_of(scene: Scene) -> float:
    """Focal length [mm] of the lens that the scene shows; `f_px` wins, as everywhere; of a crop that of its lens.

    Examples
    --------
    >>> from earthlimb.scene import load_scene
    >>> scene = load_scene("italy")
    >>> scene.camera.focal_mm, round(focal_mm_of(scene), 1)
    (28.0, 28.5)
    """
    own = scene.camera.f_px
    return scene.camera.focal_mm if own is None else own / _px_per_mm(scene, scene.camera.body)


def lens_values(scene: Scene, values: Mapping[str, object]) -> dict[str, object]:
    """Values by path that are to be set: where the lens is given in pixels, a focal length [mm] sets these, too.

    A picture that is no crop stays none, and a crop as large a part of the whole.
    """
    given, focal_mm = dict(values), values.get(FOCAL_PATH)
    if scene.camera.f_px is not None and F_PX_PATH not in values and isinstance(focal_mm, int | float) and focal_mm > 0:
        given[F_PX_PATH] = focal_mm * _px_per_mm(scene, str(values.get("camera.body", scene.camera.body)))
    return given


def zoomed_mm(now_mm: float, steps: float) -> float:
    """Focal length [mm] after steps of the wheel: within FOCAL_MM, but never against the step.

    Examples
    --------
    >>> zoomed_mm(28.0, 1.0), zoomed_mm(8.0, -1.0), zoomed_mm(8.0, 1.0), zoomed_mm(500.0, 2.0), zoomed_mm(390.0, 1.0)
    (31.5, 8.0, 9.0, 500.0, 400.0)
    """
    wanted_mm = now_mm * STEP**steps
    if steps > 0.0:
        return min(wanted_mm, max(FOCAL_MM[1], now_mm))
    return max(wanted_mm, min(FOCAL_MM[0], now_mm))


def _px_per_mm(scene: Scene, body: str) -> float:
    """Pixels of the scene's own picture to a millimetre of a body's sensor."""
    long_px = max(scene.image.width_px, scene.image.height_px)
    return long_px * crop_factor(scene, _sensor_long_mm(scene.camera.body)) / _sensor_long_mm(body)


_sensor_long_mm = lru_cache(maxsize=8)(sensor_long_mm)
"""The panel asks in every frame, and it is a file's."""
