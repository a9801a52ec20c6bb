"""What of the station the camera sees: where its eye is, and the visible facets in the camera's frame.

Near geometry stays in metres relative to the eye; nothing here knows kilometres.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from earthlimb.physics.lens import Lens
from earthlimb.scene import Scene
from earthlimb.scene.gear import sensor_long_mm
from earthlimb.world.cupola import Cupola, Window
from earthlimb.world.cupola_eye import eye_behind, nearest_window
from earthlimb.world.facets import Facets, met, passed
from earthlimb.world.outlines import Outline, missed
from earthlimb.world.outside import array_angle_rad, outside_data
from earthlimb.world.panes import glazed
from earthlimb.world.skin import Skin, dome_skin, outside_skin

Array = NDArray[np.float64]

LASTS_PX = 0.1
"""By which a moving view's station may stand elsewhere: a camera among the stars sees it move so far in 0.2 s."""
ARRAYS_LAST_RAD = 1e-3
"""Turn of the arrays in a second: 3.5 cm at their tips."""
_BULGE_RAD = 0.05
"""A picture's edges leave the great circles between its corners by less, for any lens's distortion."""
_BEHIND_M = 1.0
"""A window whose middle lies so far behind the eye lies wholly behind it: half of the widest outline, and more."""
_PUPIL_POINTS = 128
"""A straight edge before the pupil then takes the light to a hundredth."""
MIN_ALT_KM = 200.0
"""Below it every pixel marches through the airglow by itself and nothing hides it: no station is drawn."""


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
    rot_cam_from_body : (3, 3)
    array_rad : turn of the arrays
    made_of : what else shapes it
    openings : of each window, outlines that all light through it must pass; empty without a dome
    blinds : outlines of what is opaque outside the glass
    """

    window: int | None
    eye_m: Array
    outer: Facets
    near: Facets
    aperture_m: float
    interior_lx: float
    lamps_of_lit: float
    rot_cam_from_body: Array
    array_rad: float
    made_of: tuple[object, ...]
    openings: tuple[tuple[Outline, ...], ...] = ()
    blinds: tuple[Outline, ...] = ()

    def serves(self, rot_cam_from_body: Array, array_rad: float, made_of: tuple[object, ...], f_px: float) -> bool:
        """Whether a moving view may go on showing it: it stands within LASTS_PX of where it should."""
        turned_rad = float(np.abs(rot_cam_from_body - self.rot_cam_from_body).max())
        arrays_rad = abs(math.remainder(array_rad - self.array_rad, 2.0 * math.pi))
        return turned_rad * f_px <= LASTS_PX and arrays_rad <= ARRAYS_LAST_RAD and made_of == self.made_of

    def shut(self, rays: Array, near_rad: float, outer_rad: float) -> NDArray[np.bool_]:
        """Tiles (rows, columns) of a picture that show nothing but frames and shutters, for certain.

        Parameters
        ----------
        rays : (rows + 1, columns + 1, 3) unit vectors along the corners of the tiles
        near_rad, outer_rad : angles around a tile from which each group's picture takes light
        """
        shut = np.full((rays.shape[0] - 1, rays.shape[1] - 1), bool(self.openings))
        picture = rays[:: len(shut), :: shut.shape[1]].reshape(1, 4, 3)
        in_picture = _unmissed([*self.openings, *((blind,) for blind in self.blinds)], picture, near_rad + _BULGE_RAD)
        for opening, may_show in zip(self.openings, in_picture, strict=False):
            if may_show:
                seen = np.ones_like(shut)
                for outline in opening:
                    seen &= outline.tiles(rays, near_rad)[1]
                shut &= ~seen
        for blind, may_show in zip(self.blinds, in_picture[len(self.openings) :], strict=True):
            if may_show:
                shut |= blind.tiles(rays, outer_rad)[0]
        return shut

    def hides(self, rays_cam: Array) -> NDArray[np.bool_]:
        """Which rays (n, 3) from the middle of the pupil, in the camera's frame, end at something opaque."""
        hidden = np.zeros(len(rays_cam), bool)
        for facets in (self.outer, self.near):
            opaque = facets.corners_cam_m[facets.through.max(axis=1, initial=0.0) <= 0.0]
            hidden |= met(opaque, rays_cam)
        return hidden

    def passes(self, ray_cam: Array) -> float:
        """Share of the light along a ray (3,), in the camera's frame, that reaches the lens: past edges, through panes.

        The whole pupil counts, as in a picture: a frame before its edge takes some of the light.
        """
        pupil_m = 0.5 * self.aperture_m * _disc()
        return passed(self.outer, ray_cam, pupil_m) * passed(self.near, ray_cam, pupil_m)


@lru_cache(maxsize=1)
def _disc() -> Array:
    """(k, 2) points that share the unit disc evenly, the first in its middle: Vogel 1979's sunflower."""
    n = np.arange(_PUPIL_POINTS)
    turn, reach = n * math.pi * (3.0 - math.sqrt(5.0)), np.sqrt(n / (_PUPIL_POINTS - 0.5))
    return np.stack([reach * np.cos(turn), reach * np.sin(turn)], axis=-1)


def _lens_mm(scene: Scene, lens: Lens) -> float:
    """Focal length whose aperture takes the picture: the scene's, or that of a lens in pixels of which it says none."""
    camera = scene.camera
    if camera.f_px is None or "focal_mm" in camera.model_fields_set:
        return camera.focal_mm
    return lens.f_px * sensor_long_mm(camera.body) / max(lens.width_px, lens.height_px)


def station_view(
    scene: Scene,
    rot_cam_from_body: Array,
    sun_dir_body: Array,
    lens: Lens,
    alt_km: float,
    former: StationView | None = None,
) -> StationView | None:
    """The visible facets of a scene's station, or None where it shows nothing of it; `former` where that serves."""
    in_cupola = scene.camera.mount == "cupola"
    visible = scene.station.visible if scene.station.visible is not None else in_cupola
    if not (in_cupola or visible) or alt_km < MIN_ALT_KM:
        return None
    aperture_m = 1e-3 * _lens_mm(scene, lens) / scene.camera.f_number
    turn, day = scene.station.arrays_deg, scene.time.utc.date() if visible else None
    array_rad = array_angle_rad(sun_dir_body) if turn is None else math.radians(turn)
    vehicle = (scene.station.vehicle, scene.station.vehicle_distance_m)
    made_of = (scene.cupola if in_cupola else None, scene.camera.window, day, *vehicle, lens, aperture_m)
    if former is not None and former.serves(rot_cam_from_body, array_rad, made_of, lens.f_px):
        return former
    data = Cupola.load().data
    number: int | None = None
    eye = np.array(outside_data()["eye"]["free_m"], float)
    shutters = scene.cupola.shutters if in_cupola else None
    if in_cupola:
        forward = rot_cam_from_body[2]
        number = scene.camera.window or nearest_window(forward)
        eye = eye_behind(Cupola.load().windows[number - 1], forward, scene.cupola.distance_m)
    outer = outside_skin(shutters, day, *vehicle).turned(array_rad)
    look = _Look(rot_cam_from_body, eye, lens, 0.5 * aperture_m)
    near = look.facets(dome_skin() if in_cupola else None, inside=True)
    openings, blinds = look.outlines(shutters) if shutters is not None else ((), ())
    lit = {"off": 0.0, "dim": float(data["interior"]["dim_of_lit"]), "lit": 1.0}[scene.cupola.interior]
    return StationView(
        window=number,
        eye_m=eye,
        outer=_through(look.facets(outer, inside=False), openings),
        near=glazed(near, eye, rot_cam_from_body, aperture_m, scene.cupola.reflections, lamps=lit > 0.0),
        aperture_m=aperture_m,
        interior_lx=lit * float(data["interior"]["lit_lx"]),
        lamps_of_lit=lit,
        rot_cam_from_body=rot_cam_from_body,
        array_rad=array_rad,
        made_of=made_of,
        openings=openings,
        blinds=blinds,
    )


@dataclass(frozen=True, eq=False)
class _Look:
    """How the camera looks; `reach_m` is the radius of its pupil."""

    rot_cam_from_body: Array
    eye_m: Array
    lens: Lens
    reach_m: float

    def facets(self, skin: Skin | None, *, inside: bool) -> Facets:
        """Facets of a skin that face the eye and may stand in the picture, the nearer first."""
        skin = Skin.of([], patches=False) if skin is None else skin
        index = np.flatnonzero(skin.reach_m - skin.normals @ self.eye_m < self.reach_m)
        cam = ((skin.corners_m[index] - self.eye_m).reshape(-1, 3) @ self.rot_cam_from_body.T).reshape(-1, 3, 3)
        ahead = np.flatnonzero(self._ahead(cam))
        ahead = ahead[np.argsort(np.linalg.norm(cam[ahead].mean(axis=1), axis=-1), kind="stable")]
        index, cam = index[ahead], cam[ahead]
        n = len(index)
        return Facets(
            cam,
            skin.normals[index],
            skin.reflectance[index],
            np.full(n, inside),
            np.repeat(skin.glass[index, None], 3, axis=1).astype(float),
            np.zeros((n, 3)),
            np.repeat(skin.lamp[index, None], 3, axis=1),
        )

    def outlines(self, shutters: float) -> tuple[tuple[tuple[Outline, ...], ...], tuple[Outline, ...]]:
        """Of the windows' openings and of the shutters, see `StationView`."""
        openings, blinds = [], []
        for windows, loops in _loops(shutters):
            seen = Outline.of_all(
                (loops - self.eye_m).reshape(-1, loops.shape[2], 3) @ self.rot_cam_from_body.T, self.reach_m
            )
            for i, window in enumerate(windows):
                if float((window.centre_m - self.eye_m) @ self.rot_cam_from_body[2]) < -_BEHIND_M:
                    continue
                *ways, blind = seen[3 * i : 3 * i + 3]
                before = (loops[i, :2, 0] - self.eye_m) @ window.normal > 0.0
                openings.append(
                    tuple(way for way, ahead in zip(ways, before, strict=True) if ahead and way is not None)
                )
                blinds += [] if blind is None else [blind]
        return tuple(openings), tuple(blinds)

    def _ahead(self, cam: Array) -> NDArray[np.bool_]:
        """Which triangles (n, 3, 3) do not lie wholly behind the eye or beyond one side of the picture."""
        reach, (left, top, right, bottom) = self.reach_m, tangent_rect(self.lens)
        x, y, z = cam[..., 0], cam[..., 1], cam[..., 2]
        out = (z < 0.01).all(1)
        out |= (x - left * z < -reach).all(1) | (x - right * z > reach).all(1)
        out |= (y - top * z < -reach).all(1) | (y - bottom * z > reach).all(1)
        return np.asarray(~out)


def _through(facets: Facets, openings: tuple[tuple[Outline, ...], ...]) -> Facets:
    """Those that may be seen through one of the openings; all where there are none."""
    if not openings or len(facets) == 0:
        return facets
    return facets.chosen(np.any(_unmissed(openings, facets.corners_cam_m), axis=0))


def _unmissed(openings: Sequence[tuple[Outline, ...]], corners: Array, slack_rad: float = 0.0) -> NDArray[np.bool_]:
    """(m, n): what of corners (n, k, 3) may show in all outlines of each of m openings, see `outlines.missed`."""
    every = [outline for opening in openings for outline in opening]
    through = iter(~missed(every, corners, slack_rad)) if every else iter(())
    free = np.ones(len(corners), bool)
    return np.array([np.logical_and.reduce([free, *(next(through) for _ in opening)]) for opening in openings])


@lru_cache(maxsize=4)
def _loops(shutters: float) -> tuple[tuple[tuple[Window, ...], Array], ...]:
    """Windows with equally many corners, and of each (n, 3, corners, 3) its opening at the retainer and at the outer
    face, and the inner face of its shutter.
    """
    cupola = Cupola.load()
    alike: dict[int, tuple[list[Window], list[Array]]] = {}
    for w in cupola.windows:
        windows, loops = alike.setdefault(len(w.clear_m), ([], []))
        opening = w.place(w.clear_m, -cupola.retainer_height_m), w.place(w.clear_m, w.depth_m)
        windows.append(w)
        loops.append(np.stack([*opening, cupola.shutter_faces(w, shutters)[0]]))
    return tuple((tuple(windows), np.stack(loops)) for windows, loops in alike.values())


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
