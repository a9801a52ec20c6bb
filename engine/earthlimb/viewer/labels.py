"""Names over the picture: where stars, constellations, towns and the layers' heights stand, without crowding."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro import stars as catalogue
from earthlimb.astro.places import largest_places
from earthlimb.physics.geometry import itrs_from_geodetic
from earthlimb.physics.star_refraction import HARD_LIMB_APP_KM, refracted_directions
from earthlimb.viewer.constellations import constellations
from earthlimb.viewer.limb_lines import limb_lines_px
from earthlimb.world import WorldState

Array = NDArray[np.float64]

HEIGHTS_KM = (0.0, 50.0, 87.0, 95.0, 100.0, 250.0)
"""Tangent heights drawn at the limb: ground, stratopause, sodium and OH, green line, the edge of space, red line."""
HEIGHT_NAMES = {0.0: "ground", 87.0: "OH", 95.0: "O green", 100.0: "Karman line", 250.0: "O red"}
STARS_TO_VMAG = 4.6
N_TOWNS = 4000
"""The most populous towns of the world that may be labelled; the picture shows those that fit."""


@dataclass(frozen=True)
class Overlays:
    """Which labels are switched on; they are drawn in the window and enter a saved picture only when asked."""

    stars: bool = False
    constellations: bool = False
    towns: bool = False
    heights: bool = False

    @property
    def any(self) -> bool:
        """Whether any label is wanted."""
        return self.stars or self.constellations or self.towns or self.heights


@dataclass(frozen=True)
class Label:
    """A name at a place of the picture; `rank` is smaller where it matters more."""

    text: str
    x_px: float
    y_px: float
    kind: str
    rank: float


@dataclass(frozen=True, eq=False)
class HeightLine:
    """A line of equal tangent height, (n, 2) px, in pieces that the picture's edge cuts."""

    height_km: float
    pieces: tuple[Array, ...]


@dataclass(frozen=True, eq=False)
class Labels:
    """Everything that the overlays draw over one picture, in pixels of its lens."""

    points: tuple[Label, ...] = ()
    lines: tuple[HeightLine, ...] = field(default=())


def labels_of(world: WorldState, overlays: Overlays) -> Labels:
    """Labels of the overlays that are on, before decluttering, the most important first."""
    points: list[Label] = []
    if overlays.stars or overlays.constellations:
        places = _bright_places(world)
        points += star_labels(places) if overlays.stars else []
        points += constellation_labels(places) if overlays.constellations else []
    if overlays.towns:
        points += town_labels(world)
    lines: tuple[HeightLine, ...] = ()
    if overlays.heights:
        pieces = limb_lines_px(world, HEIGHTS_KM)
        lines = tuple(HeightLine(h, p) for h, p in zip(HEIGHTS_KM, pieces, strict=True) if p)
        points += [_height_label(world, line) for line in lines]
    return Labels(tuple(sorted(points, key=lambda one: one.rank)), lines)


def star_labels(places: tuple[Array, Array, Array]) -> list[Label]:
    """Stars with a proper name and those of V to 3, at their apparent places (aberration, refraction)."""
    stars, (x, y, vmag) = _bright(), places
    names = catalogue.star_names()
    found = []
    for i in np.flatnonzero(np.isfinite(x)):
        hip = int(stars.hip[i])
        name = names.get(hip) or (f"HIP {hip}" if vmag[i] < 3.0 and hip else "")
        if name:
            found.append(Label(name, float(x[i]), float(y[i]), "star", float(vmag[i])))
    return found


def constellation_labels(places: tuple[Array, Array, Array]) -> list[Label]:
    """Each constellation's name amid its bright stars, when two of them or its brightest are seen."""
    stars, (x, y, vmag) = _bright(), places
    row = {int(hip): i for i, hip in enumerate(stars.hip) if hip}
    found = []
    for name, hips in constellations().items():
        rows = [row[hip] for hip in hips if hip in row]
        seen = [i for i in rows if np.isfinite(x[i])]
        if len(seen) >= 2 or (seen and seen[0] == rows[0]):
            middle = float(np.mean(x[seen])), float(np.mean(y[seen]))
            found.append(Label(name, *middle, "constellation", float(vmag[seen].min()) - 1.0))
    return found


def town_labels(world: WorldState) -> list[Label]:
    """Towns on this side of the horizon that the station does not hide, the most populous first."""
    towns = largest_places(N_TOWNS)
    surface = _town_itrs(N_TOWNS)
    eye = world.pos_iss_itrs_km
    towards = surface - eye
    distance = np.linalg.norm(towards, axis=1)
    up = surface / np.linalg.norm(surface, axis=1, keepdims=True)
    in_view = np.flatnonzero(np.sum(up * towards, axis=1) < -math.sin(math.radians(1.0)) * distance)
    dirs = towards[in_view] / distance[in_view, None]
    x, y, _ = world.lens.project(dirs @ world.rot_itrs_from_gcrs @ world.rot_cam_from_gcrs.T)
    inside = world.lens.inside(x, y)
    inside[inside] = ~world.hidden(x[inside], y[inside])
    return [
        Label(towns[i].name, float(x[k]), float(y[k]), "town", -math.log10(max(towns[i].population, 1)))
        for k, i in enumerate(in_view)
        if inside[k]
    ]


def declutter(
    points: Iterable[Label], char_px: float, line_px: float, limit: int = 24, right_px: float = math.inf
) -> list[Label]:
    """The labels that can stand side by side: a label gives way to those of smaller rank.

    Parameters
    ----------
    points : labels, the most important first
    char_px, line_px : float
        Mean width of a letter and height of a line in the picture's pixels.
    limit : int
        At most so many of each kind.
    right_px : float
        Where the panel, or the picture's edge, would cut a label off: such a label is left out.
    """
    count: Counter[str] = Counter()
    kept: list[Label] = []
    boxes: list[tuple[float, float, float, float]] = []
    for label in points:
        box = label_box(label, char_px, line_px)
        covered = any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in boxes)
        if covered or count[label.kind] >= limit or box[2] > right_px:
            continue
        kept.append(label)
        boxes.append(box)
        count[label.kind] += 1
    return kept


def label_box(label: Label, char_px: float, line_px: float) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a label: the text stands right of its mark, a constellation's amid its stars."""
    wide = char_px * len(label.text)
    left = label.x_px - 0.5 * wide if label.kind == "constellation" else label.x_px - 0.3 * line_px
    right = label.x_px + 0.5 * wide if label.kind == "constellation" else label.x_px + 0.5 * line_px + wide
    return left, label.y_px - 0.55 * line_px, right, label.y_px + 0.55 * line_px


@lru_cache(maxsize=1)
def _bright() -> catalogue.StarCatalogue:
    return catalogue.load_catalogue(STARS_TO_VMAG)


def _bright_places(world: WorldState) -> tuple[Array, Array, Array]:
    """Places (px) of the bright catalogue stars, NaN outside the picture, behind Earth or station; and V."""
    stars = _bright()
    dirs = catalogue.apparent_directions(stars, world.instant, world.vel_iss_gcrs_km_s)
    fixed = world.rot_itrs_from_gcrs
    air = world.low_atmosphere
    seen, h_app, _ = refracted_directions(dirs @ fixed.T, world.pos_iss_itrs_km, air.bending_rad)
    x, y, _ = world.lens.project(seen @ (world.rot_cam_from_gcrs @ fixed.T).T)
    shown = world.lens.inside(x, y) & (h_app >= HARD_LIMB_APP_KM)
    shown[shown] = ~world.hidden(x[shown], y[shown])
    return np.where(shown, x, np.nan), np.where(shown, y, np.nan), stars.vmag


@lru_cache(maxsize=1)
def _town_itrs(n: int) -> Array:
    towns = largest_places(n)
    lat, lon = (np.array([getattr(town, name) for town in towns]) for name in ("lat_rad", "lon_rad"))
    return itrs_from_geodetic(lat, lon, 0.0)


def _height_label(world: WorldState, line: HeightLine) -> Label:
    """The height's number on its longest piece, each height further along so that they do not cover each other."""
    piece = max(line.pieces, key=len)
    share = 0.12 + 0.15 * HEIGHTS_KM.index(line.height_km)
    x, y = piece[min(int(share * len(piece)), len(piece) - 1)]
    name = HEIGHT_NAMES.get(line.height_km)
    text = f"{line.height_km:.0f} km" + (f" {name}" if name else "")
    return Label(text, float(x), float(y), "height", -20.0)
