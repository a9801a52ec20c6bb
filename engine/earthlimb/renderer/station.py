"""The station in one response: how Earth, Moon, Sun and cabin light its facets, and its pictures for the view pass."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu import ShaderLibrary, Target
from earthlimb.passes.mesh import MeshPass
from earthlimb.passes.mesh_grid import Grid, grid_for, tile_rays, tiles_for
from earthlimb.passes.station_image import SHUT_PX, StationImage
from earthlimb.passes.tiles import all_tiles
from earthlimb.physics.earthlight import sphere_view_factor
from earthlimb.physics.lens import Lens
from earthlimb.renderer.detector import Detector, StationLight
from earthlimb.renderer.kept import Kept
from earthlimb.world import WorldState
from earthlimb.world.cupola import cupola_data
from earthlimb.world.facets import Facets
from earthlimb.world.station_view import StationView, tangent_rect

Array = NDArray[np.float64]

LASTS_S = 2.0
"""15 km of flight: the mean of the city lights within 1300 km changes by a fiftieth at most (over Italy)."""
LASTS_SHARE = 0.02
"""Change of each emission, by its factor: as much as the city lights change by."""
LASTS_RAD = 5e-3
"""Turn of the station against Earth, Moon and Sun: twice that of the orbit in LASTS_S."""


class StationPart:
    """Lights and draws the station of a world."""

    def __init__(self, ctx: moderngl.Context, shaders: ShaderLibrary) -> None:
        self._ctx, self._shaders = ctx, shaders
        self._mesh: MeshPass | None = None
        self._kept = Kept()
        self._lit: dict[str, tuple[WorldState, StationLight]] = {}
        self._last: tuple[tuple[StationView, StationLight, Lens], tuple[StationImage, ...], Array] | None = None

    def images(
        self, world: WorldState, detector: Detector, *, moving: bool = False, whole: bool = False
    ) -> tuple[StationImage, ...]:
        """Pictures of what stands before the lens: outside the glass, then the cupola; none without a station.

        Where the view is `moving`, what lights it may be that of LASTS_S ago, and what was drawn last may serve.
        `whole`: they may show in every tile, so that nothing finds out in which they do (see `Drawing.whole`).
        """
        view = world.station
        if view is None:
            return ()
        if self._mesh is None:  # a scene without a station compiles and keeps nothing
            self._mesh = MeshPass(self._ctx, self._shaders)
        rect, f_px = tangent_rect(world.lens), world.lens.f_px
        light = self._light(world, detector, moving=moving)
        key = (view, light, world.lens)
        if moving and self._last is not None and self._last[0] == key and _alike(self._last[2], world):
            return self._last[1]
        self._last = None  # what it shows is drawn over
        out, step_px = [], {"outer": 0.0, "near": 0.0}
        for group, facets in (("outer", view.outer), ("near", view.near)):
            if len(facets) == 0:
                continue
            corners = facets.corners_cam_m
            radiance = self._kept.get(
                f"{group} {detector.response.name}", world, partial(facet_radiance, world, light, facets)
            )
            grid = self._kept.get(f"{group} grid", world, partial(grid_for, corners, rect, f_px, view.aperture_m))
            step_px[group] = grid.step_px
            divide = partial(_tiles, group, world, corners, grid, whole=whole)
            tiles = self._kept.get(f"{group} tiles", (world, whole), divide)
            out.append(self._mesh.render(group, corners, radiance, facets.through, grid, view.aperture_m, *tiles))
        if out and out[-1].group == "near" and not whole:
            out[-1].shut = self._kept.get("shut", world, partial(_shut_tiles, view, world.lens, step_px))
        self._last = (key, tuple(out), world.rot_body_from_gcrs)
        return self._last[1]

    def _light(self, world: WorldState, detector: Detector, *, moving: bool) -> StationLight:
        name = detector.response.name
        old, light = self._lit.get(name, (None, None))
        if old is None or light is None or not (old is world or (moving and _lasts(old, world))):
            light = detector.station_light(world)
            self._lit[name] = (world, light)
        return light

    def cover(self, target: Target, images: Sequence[StationImage], *, light: bool) -> None:
        """Lay the images over a target, see `MeshPass.cover`."""
        assert self._mesh is not None, "images come from this part"
        self._mesh.cover(target, images, light=light)

    def release(self) -> None:
        """Free what was drawn."""
        if self._mesh is not None:
            self._mesh.release()
            self._mesh = self._last = None


def _tiles(
    group: str, world: WorldState, corners: Array, grid: Grid, *, whole: bool
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tiles of the picture and of the grid in which a group's facets may show: all of the dome, which is all round."""
    view, lens = world.station, world.lens
    assert view is not None
    tiles = all_tiles((lens.width_px, lens.height_px))
    if whole:
        return tiles, all_tiles(grid.cell_px)
    if group == "outer":
        tiles = tiles_for(corners, lens, grid.step_px, view.aperture_m)
    return tiles, grid.tiles_behind(tiles, lens)


def _shut_tiles(view: StationView, lens: Lens, step_px: dict[str, float]) -> NDArray[np.bool_]:
    """(rows, columns) of tiles of SHUT_PX of the picture that show nothing but the station, drawn on such grids."""
    near, outer = ((2.0 * step_px[group] + 1.0) / lens.f_px for group in ("near", "outer"))
    return view.shut(tile_rays(lens, SHUT_PX), near, outer)


def _alike(rot_body_from_gcrs: Array, world: WorldState) -> bool:
    """Whether a station that stood so is lit from the same sides in a world."""
    return bool(np.abs(rot_body_from_gcrs - world.rot_body_from_gcrs).max() <= LASTS_RAD)


def _lasts(old: WorldState, world: WorldState) -> bool:
    """Whether what lit the station in one world may light it in another, a moment away in the same air."""
    glow = old.zenith_columns_rayleigh
    near = np.abs(world.zenith_columns_rayleigh - glow) <= LASTS_SHARE * glow
    same = old.unit_columns_rayleigh is world.unit_columns_rayleigh and old.scene.earth == world.scene.earth
    return bool(same and near.all()) and abs(world.instant.minus(old.instant)) <= LASTS_S


def facet_radiance(world: WorldState, light: StationLight, facets: Facets) -> Array:
    """Radiance (n, 3, 4) of facets at their corners towards the eye, in the light's response.

    Diffuse facets outside: reflectance / pi times the irradiance by the Earth's glow, the Moon and the Sun where they
    stand above the Earth's limb. Inside: a share of the Earth's glow, moonlight through the panes, cabin light.
    """
    view = world.station
    assert view is not None
    data = cupola_data()
    rot_body_from_local = world.rot_body_from_gcrs @ world.rot_local_from_gcrs.T
    nadir = -rot_body_from_local[:, 2]
    ratio = float(np.linalg.norm(world.pos_iss_itrs_km)) / (float(np.linalg.norm(world.pos_iss_itrs_km)) - world.alt_km)
    factor = sphere_view_factor(facets.normal_body @ nadir, ratio)
    irradiance = np.pi * factor[:, None] * light.earth
    for direction, strength in ((world.moon_dir_gcrs, light.moon), (world.sun_dir_gcrs, light.sun)):
        way = world.rot_body_from_gcrs @ direction
        beam = np.maximum(facets.normal_body @ way, 0.0)[:, None] * strength
        irradiance += np.where(facets.inside[:, None], beam * max(float(way[2]) + 0.35, 0.0), beam)
    bounce = float(data["interior"]["bounce"]) * np.pi * light.earth + light.white * view.interior_lx
    inside = facets.inside[:, None]
    irradiance = np.where(inside, (0.5 * irradiance + bounce), irradiance)
    rgbg = facets.reflectance[:, [0, 1, 2, 1]]
    radiance = np.repeat((rgbg * irradiance / np.pi)[:, None, :], 3, axis=1)
    walls = np.array([*data["material"]["skirt"], data["material"]["skirt"][1]]) * bounce / np.pi
    radiance += facets.mirror[..., None] * walls
    for i, lamp in enumerate(data["lamp"] if view.lamps_of_lit > 0.0 else ()):
        level = light.of_white(lamp["colour_k"]) * lamp["luminance_cd_m2"] * view.lamps_of_lit
        radiance += facets.lamp[..., i, None] * level
    return np.asarray(radiance)
