"""The linear picture of the CIE observer, layer by layer, and the geometry layers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earthlimb.constants import EMISSIONS
from earthlimb.gpu import Target
from earthlimb.physics.development import LUMINANCE
from earthlimb.renderer.drawing import Drawing
from earthlimb.renderer.exposure import Exposure
from earthlimb.world import WorldState

Layer = NDArray[np.float32]

_PART_OF = {"sky": "MILKY_WAY", "lights": "LIGHTS", "moonlit": "SURFACE"}
_ROWS_AT_ONCE = 64
_STILL_PX = 1.0
"""Layers are exact, photographs quick: what moves less than this is drawn once."""
_FAINT_CD_M2 = 2e-7
"""A star's wing below this may be left out: 1e-4 of the limb."""


def render_layers(drawing: Drawing, world: WorldState) -> tuple[Layer, dict[str, Layer]]:
    """The linear picture (h, w, 3), cd m-2, and its layers.

    R, G, B is the sum of the RGB layers and of each airglow layer times its colour, in float64, rounded once; so are
    the layers `luminance` and `luminance.scotopic`, of the CIE 1931 and the CIE 1951 observer.
    """
    detector = drawing.detector(world, "cie")
    six = drawing.target("six", world, n_textures=2)
    parts = {name: drawing.target(f"layer {name}", world) for name in _PART_OF}
    jobs = [(six, frozenset({"AIRGLOW_SIX"})), *((parts[name], frozenset({part})) for name, part in _PART_OF.items())]
    Exposure(drawing, world, detector, None, _STILL_PX).average(jobs)
    drawing.points("planets", parts["sky"], world, detector, _FAINT_CD_M2)
    drawing.points("satellites", parts["sky"], world, detector, _FAINT_CD_M2)
    station = drawing.station(world, detector)
    for target in (six, *parts.values()):
        drawing.cover(target, station, world, light=False)
    layers: dict[str, Layer] = {}
    columns = np.concatenate([six.read(0), six.read(1)[..., :2]], axis=-1)
    total = columns.astype(np.float64) @ detector.per_rayleigh
    for i, name in enumerate(EMISSIONS):
        layers[f"airglow.{name}"] = np.ascontiguousarray(columns[..., i])
    for name, target in parts.items():
        layers[name] = _part(target, total)
    target = drawing.target("light", world)
    target.use()
    drawing.points("stars", target, world, detector, _FAINT_CD_M2)
    drawing.cover(target, station, world, light=False)
    layers["stars"] = _part(target, total)
    if station:
        target.use()
        drawing.cover(target, station, world, light=True)
        layers["cupola"] = _part(target, total)
    layers["luminance"] = (total[..., :3] @ LUMINANCE).astype(np.float32)
    layers["luminance.scotopic"] = total[..., 3].astype(np.float32)
    return total[..., :3].astype(np.float32), layers


def _part(target: Target, total: NDArray[np.float64]) -> Layer:
    """The colour layer that a target holds; its light (alpha: scotopic) is added to the total."""
    light = target.read()
    total += light
    return np.ascontiguousarray(light[..., :3])


def geometry_layers(world: WorldState) -> dict[str, Layer]:
    """Tangent height, range, latitude and longitude of every pixel's centre, from float64."""
    lens = world.lens
    names = ("tangent_km", "range_km", "lat_deg", "lon_deg")
    out = {name: np.empty((lens.height_px, lens.width_px), np.float32) for name in names}
    x = np.arange(lens.width_px) + 0.5
    for top in range(0, lens.height_px, _ROWS_AT_ONCE):
        y = np.arange(top, min(top + _ROWS_AT_ONCE, lens.height_px)) + 0.5
        seen = world.geometry(*np.meshgrid(x, y))
        rows = slice(top, top + len(y))
        out["tangent_km"][rows], out["range_km"][rows] = seen.tangent_km, seen.range_km
        out["lat_deg"][rows], out["lon_deg"][rows] = np.degrees(seen.lat_rad), np.degrees(seen.lon_rad)
    return {f"geometry.{name}": layer for name, layer in out.items()}
