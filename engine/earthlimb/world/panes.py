"""The glass of the cupola's windows: what passes, what of the cabin it mirrors, ghosts of bright points."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earthlimb.physics.geometry import cross
from earthlimb.physics.glass import Pane, echoes, ghosts, stack
from earthlimb.world.cupola import Cupola
from earthlimb.world.facets import Facets
from earthlimb.world.solids import Part, box

Array = NDArray[np.float64]


@cache
def cupola_panes() -> tuple[Pane, ...]:
    """The panes from the outermost to the innermost."""
    return tuple(Pane.from_table(table) for table in Cupola.load().data["pane"])


def lamp_parts(tables: Sequence[dict[str, Any]]) -> list[Part]:
    """The cabin's lamps as thin boxes, for a camera that sees them."""
    out = []
    for i, lamp in enumerate(tables):
        axes = np.stack([lamp["axis_u"], lamp["axis_v"], np.cross(lamp["axis_u"], lamp["axis_v"])], 1)
        out.append(Part(f"lamp{i}", f"lamp{i}", box(lamp["centre_m"], (*lamp["half_m"], 0.01), axes)))
    return out


def glazed(
    facets: Facets, eye_m: Array, rot_cam_from_body: Array, aperture_m: float, factor: float, *, lamps: bool
) -> Facets:
    """The same with what glass passes and mirrors, by Fresnel's numbers at each corner's angle.

    Parameters
    ----------
    facets : of the dome
    eye_m : (3,) in the cupola's frame
    rot_cam_from_body : (3, 3)
    aperture_m : diameter of the pupil
    factor : on what is mirrored
    lamps : whether the cabin's lamps are lit, so that their images are wanted
    """
    glass = np.flatnonzero(facets.through[:, 0] > 0.0)
    if len(glass) == 0:
        return facets
    data, panes = Cupola.load().data, cupola_panes()
    normal = facets.normal_body[glass][:, None, :]  # towards the inside
    at = facets.corners_cam_m[glass] @ rot_cam_from_body + eye_m
    ray = at - eye_m
    ray /= np.linalg.norm(ray, axis=-1, keepdims=True)
    cosine = np.clip(-(ray * normal).sum(-1), 0.0, 1.0)
    through, back = stack(cosine, panes)
    facets.through[glass], facets.mirror[glass] = through, factor * back
    if not lamps:
        return facets
    mirrored = ray - 2.0 * (ray * normal).sum(-1, keepdims=True) * normal
    depth = max(p.depth_m for p in Cupola.load().windows)
    depths, shares = zip(*echoes(cosine, panes, depth), strict=True)
    # where each face meets the ray: the facets lie at the outer face, so that the bezel stands before them
    way_m = (np.array(depths) - depth)[:, None, None] / np.maximum(cosine, 0.05)
    start = at + ray * way_m[..., None]  # (faces, n, 3 corners, 3)
    for i, lamp in enumerate(data["lamp"]):
        seen = _lamp_seen(start, mirrored, lamp, aperture_m)
        facets.lamp[glass, :, i] += factor * (np.stack(shares) * seen).sum(axis=0)
    return facets


def _lamp_seen(start: Array, ray: Array, lamp: dict[str, Any], aperture_m: float) -> Array:
    """Whether rays (..., 3) from places (k, ..., 3) meet a lamp's rectangle, its edges as soft as out of focus."""
    u, v = np.array(lamp["axis_u"], float), np.array(lamp["axis_v"], float)
    n = cross(u, v)
    slope = ray @ n
    t = ((np.array(lamp["centre_m"], float) - start) @ n) / np.where(np.abs(slope) > 1e-6, slope, 1e-6)
    hit = start + ray * t[..., None] - np.array(lamp["centre_m"], float)
    soft = max(aperture_m, 0.02)
    share = np.ones_like(t)
    for axis, half in zip((u, v), lamp["half_m"], strict=True):
        share = share * np.clip((half - np.abs(hit @ axis)) / soft + 0.5, 0.0, 1.0)
    return np.where(t > 0.0, share, 0.0)


def ghost_directions(window: int | None, rot_body_from_gcrs: Array, least: float) -> tuple[Array, Array]:
    """Strength (n,) and turn (n, 3), rad in GCRS, of the ghosts of points seen through the camera's window."""
    if window is None:
        return np.zeros(0), np.zeros((0, 3))
    strength, offset = _pane_ghosts(least)
    axes = Cupola.load().windows[window - 1].axes[:, :2]
    return strength, offset @ axes.T @ rot_body_from_gcrs


@cache
def _pane_ghosts(least: float) -> tuple[Array, Array]:
    strength, offset = ghosts(cupola_panes())
    return strength[strength >= least], offset[strength >= least]
