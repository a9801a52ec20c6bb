"""What of the station the camera sees: where its eye is, and the visible facets in the camera's frame.

Near geometry stays in metres relative to the eye; nothing here knows kilometres.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earthlimb.physics.glass import Pane, echoes, ghosts, stack
from earthlimb.physics.lens import Lens
from earthlimb.scene import Scene
from earthlimb.world.cupola import GLASS, NADIR_WINDOW, Cupola, Window
from earthlimb.world.outside import array_angle_rad, outside_data, outside_parts
from earthlimb.world.solids import Part, box

Array = NDArray[np.float64]

_WALL_MARGIN_M = 0.04
"""The eye stays this far from frames and panes."""
_STEEP = 0.35
"""Least cosine between the line of sight and the window's normal at which the eye still lies on that line."""
_PATCHES = 0.25
"""Facets differ in reflectance by up to this: panels, seams, age."""
MIN_ALT_KM = 200.0
"""Below it every pixel marches through the airglow by itself and nothing hides it: no station is drawn."""


@dataclass(frozen=True, eq=False)
class Facets:
    """Visible triangles of the station.

    Attributes
    ----------
    corners_cam_m : (n, 3, 3) in the camera's frame, metres from the eye
    normal_body : (n, 3)
    reflectance : (n, 3) diffuse, R, G, B
    inside : (n,) lies within the dome's glass
    through : (n, 3) light that passes at each corner: 0 but for glass
    mirror : (n, 3) share of the light of the lit interior's walls that each corner sends to the eye
    lamp : (n, 3, m) share of each inside lamp's radiance that each corner sends to the eye
    """

    corners_cam_m: Array
    normal_body: Array
    reflectance: Array
    inside: NDArray[np.bool_]
    through: Array
    mirror: Array
    lamp: Array

    def __len__(self) -> int:
        return len(self.corners_cam_m)

    def chosen(self, keep: NDArray[Any]) -> Facets:
        """Some of the facets."""
        return Facets(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))


@dataclass(frozen=True, eq=False)
class StationView:
    """The station before the camera.

    Attributes
    ----------
    window : the window's number, None for a free camera
    eye_m : (3,) in the cupola's frame
    outer, near : facets outside the glass, and of the dome with its panes
    aperture_m : diameter of the lens's entrance pupil
    interior_lx : light on the dome's frames inside
    lamps_of_lit : level of the inside lamps over "lit"
    """

    window: int | None
    eye_m: Array
    outer: Facets
    near: Facets
    aperture_m: float
    interior_lx: float
    lamps_of_lit: float

    def hides(self, ray_cam: Array) -> bool:
        """Whether a ray (3,) from the middle of the pupil, in the camera's frame, ends at something opaque."""
        return any(
            bool((facets.through.max(axis=1)[_met(facets.corners_cam_m, ray_cam)] <= 0.0).any())
            for facets in (self.outer, self.near)
        )


def _met(corners_m: Array, ray: Array) -> NDArray[np.bool_]:
    """Which triangles (n, 3, 3) a ray from the origin meets: it passes all three edges on the same side."""
    edge = np.cross(corners_m, np.roll(corners_m, -1, axis=1)) @ ray
    same = (edge >= 0.0).all(axis=1) | (edge <= 0.0).all(axis=1)
    normal = np.cross(corners_m[:, 1] - corners_m[:, 0], corners_m[:, 2] - corners_m[:, 0])
    ahead = (normal * corners_m[:, 0]).sum(-1) * (normal @ ray) > 0.0
    return np.asarray(same & ahead)


@cache
def cupola_panes() -> tuple[Pane, ...]:
    """The panes from the outermost to the innermost."""
    return tuple(Pane.from_table(table) for table in Cupola.load().data["pane"])


def nearest_window(forward_body: Array) -> int:
    """Number of the window whose normal lies nearest to a direction."""
    return max(Cupola.load().windows, key=lambda w: float(w.normal @ forward_body)).number


def eye_behind(window: Window, forward_body: Array, distance_m: float) -> Array:
    """The eye, so that the line of sight goes through the window's middle; it stays inside the dome.

    Where the line of sight leaves the window too steeply, the eye moves towards the window's axis.
    """
    cosine = float(forward_body @ window.normal)
    way = forward_body
    if cosine < _STEEP:
        across = forward_body - cosine * window.normal
        size = float(np.linalg.norm(across))
        across = across / size if size > 1e-9 else np.zeros(3)
        way = _STEEP * window.normal + math.sqrt(1.0 - _STEEP**2) * across
    eye = window.centre_m + 0.5 * window.depth_m * window.normal - distance_m * way
    cupola = Cupola.load()
    for _ in range(8):  # each wall may push the eye against another one
        for other in cupola.windows:
            beyond = float((eye - other.centre_m) @ other.normal) + _WALL_MARGIN_M
            if beyond > 0.0:
                eye = eye - beyond * other.normal
        widest = cupola.skirt_radius_m - 2.0 * _WALL_MARGIN_M
        eye[:2] *= min(1.0, widest / max(float(np.hypot(eye[0], eye[1])), 1e-9))
        eye[2] = max(eye[2], -cupola.skirt_depth_m + _WALL_MARGIN_M)
    return np.asarray(eye)


def station_view(
    scene: Scene, rot_cam_from_body: Array, sun_dir_body: Array, lens: Lens, alt_km: float
) -> StationView | None:
    """The visible facets of a scene's station, or None where it shows nothing of it."""
    in_cupola = scene.camera.mount == "cupola"
    visible = scene.station.visible if scene.station.visible is not None else in_cupola
    if not (in_cupola or visible) or alt_km < MIN_ALT_KM:
        return None
    forward = rot_cam_from_body[2]
    aperture_m = 1e-3 * scene.camera.focal_mm / scene.camera.f_number
    cupola, data = Cupola.load(), Cupola.load().data
    number: int | None = None
    eye = np.array(outside_data()["eye"]["free_m"], float)
    near: list[Part] = []
    outer: list[Part] = []
    if in_cupola:
        number = scene.camera.window or nearest_window(forward)
        eye = eye_behind(cupola.windows[number - 1], forward, scene.cupola.distance_m)
        parts = cupola.parts(scene.cupola.shutters)
        near = [p for p in parts if p.material not in ("outer", "shutter")] + _lamp_parts(data["lamp"])
        outer = [p for p in parts if p.material == "shutter"]
    if visible:
        turn = scene.station.arrays_deg
        angle = array_angle_rad(sun_dir_body) if turn is None else math.radians(turn)
        outer += outside_parts(scene.time.utc.date(), angle, scene.station.vehicle, scene.station.vehicle_distance_m)
    look = _Look(rot_cam_from_body, eye, lens, aperture_m, len(data["lamp"]))
    lit = {"off": 0.0, "dim": float(data["interior"]["dim_of_lit"]), "lit": 1.0}[scene.cupola.interior]
    return StationView(
        window=number,
        eye_m=eye,
        outer=look.facets(outer, inside=False),
        near=look.with_glass(look.facets(near, inside=True), data, scene.cupola.reflections, near),
        aperture_m=aperture_m,
        interior_lx=lit * float(data["interior"]["lit_lx"]),
        lamps_of_lit=lit,
    )


def ghost_directions(view: StationView, rot_body_from_gcrs: Array, least: float) -> tuple[Array, Array]:
    """Strength (n,) and turn (n, 3), rad in GCRS, of the ghosts of points seen through the camera's window."""
    if view.window is None:
        return np.zeros(0), np.zeros((0, 3))
    strength, offset = ghosts(cupola_panes())
    keep = strength >= least
    axes = Cupola.load().windows[view.window - 1].axes[:, :2]
    return strength[keep], offset[keep] @ axes.T @ rot_body_from_gcrs


def _lamp_parts(tables: Sequence[dict[str, Any]]) -> list[Part]:
    out = []
    for i, lamp in enumerate(tables):
        axes = np.stack([lamp["axis_u"], lamp["axis_v"], np.cross(lamp["axis_u"], lamp["axis_v"])], 1)
        out.append(Part(f"lamp{i}", f"lamp{i}", box(lamp["centre_m"], (*lamp["half_m"], 0.01), axes)))
    return out


@dataclass(frozen=True, eq=False)
class _Look:
    rot_cam_from_body: Array
    eye_m: Array
    lens: Lens
    aperture_m: float
    n_lamps: int

    def facets(self, parts: Sequence[Part], *, inside: bool) -> Facets:
        """Facets of parts that face the eye and may stand in the picture."""
        corners = np.concatenate([p.corners_m for p in parts]) if parts else np.zeros((0, 3, 3))
        material = [p.material for p in parts for _ in range(len(p.corners_m))]
        tables = {**outside_data()["material"], **Cupola.load().data["material"]}
        rgb = np.array([tables.get(m, (0.0, 0.0, 0.0)) for m in material]).reshape(-1, 3)
        normal = Part("", "", corners).normals
        n = len(corners)
        if not inside:  # patches of panels: a fixed number for each facet of the whole list
            rgb = rgb * (1.0 - _PATCHES * ((np.arange(n) // 2 * 0.754877666) % 1.0))[:, None]
        lamp = np.zeros((n, 3, self.n_lamps))
        for i in range(self.n_lamps):
            lamp[[m == f"lamp{i}" for m in material], :, i] = 1.0
        glass = np.array([m == GLASS for m in material], bool)
        cam = (corners - self.eye_m) @ self.rot_cam_from_body.T
        facets = Facets(
            cam, normal, rgb, np.full(n, inside), np.repeat(glass[:, None], 3, axis=1).astype(float),
            np.zeros((n, 3)), lamp,
        )  # fmt: skip
        return facets.chosen(self._seen(cam))

    def _seen(self, cam: Array) -> NDArray[np.bool_]:
        lens, reach = self.lens, 0.5 * self.aperture_m
        a, b, c = cam[:, 0], cam[:, 1], cam[:, 2]
        faces = np.einsum("ij,ij->i", np.cross(b - a, c - a), a) < reach * np.linalg.norm(
            np.cross(b - a, c - a), axis=1
        )
        t = tangent_rect(lens)
        x, y, z = cam[..., 0], cam[..., 1], cam[..., 2]
        out = (z < 0.01).all(1)
        out |= (x - t[0] * z < -reach).all(1) | (x - t[2] * z > reach).all(1)
        out |= (y - t[1] * z < -reach).all(1) | (y - t[3] * z > reach).all(1)
        return np.asarray(faces & ~out)

    def with_glass(self, facets: Facets, data: dict[str, Any], factor: float, parts: Sequence[Part]) -> Facets:
        """The same with what glass passes and mirrors, by Fresnel's numbers at each corner's angle."""
        glass = np.flatnonzero(facets.through[:, 0] > 0.0)
        if len(glass) == 0:
            return facets
        panes, normal = cupola_panes(), facets.normal_body[glass][:, None, :]  # towards the inside
        at = facets.corners_cam_m[glass] @ self.rot_cam_from_body + self.eye_m
        ray = at - self.eye_m
        ray /= np.linalg.norm(ray, axis=-1, keepdims=True)
        cosine = np.clip(-(ray * normal).sum(-1), 0.0, 1.0)
        through, back = stack(cosine, panes)
        facets.through[glass], facets.mirror[glass] = through, factor * back
        mirrored = ray - 2.0 * (ray * normal).sum(-1, keepdims=True) * normal
        depth = max(p.depth_m for p in Cupola.load().windows)
        for depth_m, share in echoes(cosine, panes, depth):
            # where this face meets the ray: the facets lie at the outer face, so that the bezel stands before them
            start = at + ray * ((depth_m - depth) / np.maximum(cosine, 0.05))[..., None]
            for i, lamp in enumerate(data["lamp"]):
                seen = _lamp_seen(start, mirrored, lamp, self.aperture_m)
                facets.lamp[glass, :, i] += factor * share * seen
        return facets


def _lamp_seen(start: Array, ray: Array, lamp: dict[str, Any], aperture_m: float) -> Array:
    """Whether rays (..., 3) meet a lamp's rectangle, with edges as soft as the lens out of focus makes them."""
    u, v = np.array(lamp["axis_u"], float), np.array(lamp["axis_v"], float)
    n = np.cross(u, v)
    slope = ray @ n
    t = ((np.array(lamp["centre_m"], float) - start) @ n) / np.where(np.abs(slope) > 1e-6, slope, 1e-6)
    hit = start + ray * t[..., None] - np.array(lamp["centre_m"], float)
    soft = max(aperture_m, 0.02)
    share = np.ones_like(t)
    for axis, half in zip((u, v), lamp["half_m"], strict=True):
        share = share * np.clip((half - np.abs(hit @ axis)) / soft + 0.5, 0.0, 1.0)
    return np.where(t > 0.0, share, 0.0)


@lru_cache(maxsize=4)
def tangent_rect(lens: Lens) -> tuple[float, float, float, float]:
    """Smallest and largest tangents x, y, x, y of the picture's rays: tangents are what pixels with k1 see."""
    t = np.linspace(0.0, 1.0, 33)
    x = np.concatenate([lens.width_px * t, lens.width_px * t, 0 * t, 0 * t + lens.width_px])
    y = np.concatenate([0 * t, 0 * t + lens.height_px, lens.height_px * t, lens.height_px * t])
    rays = lens.rays_cam(x, y)
    tangents = rays[:, :2] / rays[:, 2:]
    low, high = tangents.min(axis=0), tangents.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


__all__ = ["NADIR_WINDOW", "Facets", "StationView", "station_view"]
