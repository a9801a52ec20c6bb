"""The lens of a scene in pixels, and whether it can be one."""

from __future__ import annotations

import math

from earthlimb.errors import UsageError
from earthlimb.physics.exposure import CameraBody
from earthlimb.physics.lens import Lens
from earthlimb.physics.lens_model import LensModel
from earthlimb.scene import Scene
from earthlimb.scene.gear import crop_factor


def lens_of(scene: Scene) -> Lens:
    """The lens in pixels: the scene's own numbers, else those of body and focal length."""
    camera, image = scene.camera, scene.image
    body = CameraBody.load(camera.body)
    plain = Lens.from_focal(camera.focal_mm, body.sensor_long_mm, image.width_px, image.height_px)
    return Lens(
        plain.f_px if camera.f_px is None else camera.f_px,
        plain.cx_px if camera.cx_px is None else camera.cx_px,
        plain.cy_px if camera.cy_px is None else camera.cy_px,
        camera.k1,
        image.width_px,
        image.height_px,
        crop_factor(scene, body.sensor_long_mm),
    )


def checked_lens(scene: Scene) -> Lens:
    """The lens of a scene whose picture it shows without folding.

    Raises
    ------
    UsageError
        The picture reaches past the fold of a negative k1: it would show the inner part mirrored there.
    """
    lens = lens_of(scene)
    if not lens.folds:
        return lens
    camera = scene.camera
    own = camera.lens == "standard" or LensModel.load(camera.lens).k1 != camera.k1
    given = f"camera.k1 = {lens.k1:g}" if own else f"camera.lens: k1 = {lens.k1:g} of {camera.lens}"
    share = math.sqrt(lens.least_k1 / lens.k1)
    longer = "camera.focal_mm" if camera.f_px is None else "camera.f_px"
    raise UsageError(
        f"{given}: the picture folds back at {share:.0%} of the way to its corner: for this field at least "
        f"{_towards_0(lens.least_k1)} is allowed (positive is barrel, negative pincushion: OpenCV's k1 has the other "
        f"sign): raise it, or make {longer} longer"
    )


def _towards_0(value: float) -> str:
    """A negative number with three digits, none of them rounded away from 0: what is named is allowed.

    Examples
    --------
    >>> _towards_0(-0.09876), _towards_0(-1.2349)
    ('-0.0987', '-1.23')
    """
    unit = 10.0 ** (math.floor(math.log10(-value)) - 2)
    return f"{-math.floor(-value / unit) * unit:.3g}"
