"""Builds the WorldState of a scene at its instant."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro import frames
from earthlimb.astro.earth_rotation import rot_itrs_from_gcrs
from earthlimb.astro.element_set import Elements
from earthlimb.astro.elements import check_age
from earthlimb.astro.orbit import StationState, station_state
from earthlimb.astro.timescale import Instant
from earthlimb.constants import ALT_HIGH_STEP_KM, ALT_LOW_STEP_KM, EMISSIONS
from earthlimb.physics.emission import AtmosphereInputs, EmissionModel, columns_rayleigh
from earthlimb.physics.geometry import rot_local_from_itrs
from earthlimb.physics.low_atmosphere import LowAtmosphere
from earthlimb.physics.shake import Shake
from earthlimb.scene import Scene
from earthlimb.world.attitude import attitude_of, omega_body_gcrs_rad_s
from earthlimb.world.earth_maps import EarthWindow, load_window
from earthlimb.world.element_source import doubts_of, history_of, same_orbit
from earthlimb.world.emission_field import EmissionField, build_emission_field
from earthlimb.world.motion import Motion
from earthlimb.world.optics import checked_lens
from earthlimb.world.panes import ghost_directions
from earthlimb.world.pointing import rot_cam_from_gcrs
from earthlimb.world.satellites import satellites_in_view
from earthlimb.world.shutter import COARSE_PX, MAX_SUBFRAMES, slices
from earthlimb.world.sky import Sky, StarsInView
from earthlimb.world.state import WorldState, raised_km
from earthlimb.world.station_view import station_view

Array = NDArray[np.float64]

WINDOW_RADIUS_RAD = 0.40
"""Earth-central radius of the maps that are loaded; the horizon of 550 km altitude."""
_STAR_MARGIN_RAD = math.radians(2.5)
"""Refraction lifts stars by up to 1.1 degrees, the shutter moves them; both must not lose any at the edge."""

_GHOSTS_TO_VMAG = 2.0
"""Ghosts are at least 7.3 magnitudes fainter: those of fainter stars lie below the catalogue's end."""
_FAINTEST_GHOST = 1e-4
"""Bounces between coated faces (2.5e-5) or a coated and a bare one (1.7e-4) against two bare ones (1.2e-3)."""


def atmosphere_inputs(scene: Scene) -> AtmosphereInputs:
    """The air's numbers of a scene, in radians."""
    uniform = scene.atmosphere.uniform
    return AtmosphereInputs(
        utc=scene.time.utc,
        f107=scene.atmosphere.f107,
        f107a=scene.atmosphere.f107a,
        ap=scene.atmosphere.ap,
        climatology=scene.atmosphere.climatology,
        factors=scene.airglow.factors,
        shift_km=scene.airglow.shift_km,
        profile=scene.atmosphere.profile,
        uniform=None if uniform is None else (math.radians(uniform.lat_deg), math.radians(uniform.lon_deg)),
    )


def scene_elements(scene: Scene, instant: Instant) -> tuple[Elements, list[str]]:
    """The element set that a scene uses at an instant, and warnings about its age.

    Raises
    ------
    UsageError
        A set that cannot be read, or one further from the instant than `station.max_age_days`.
    """
    history = history_of(scene.station)
    elements = history.nearest(instant)
    warnings = check_age(elements, instant, scene.station.max_age_days, history.where)
    if scene.station.tle is not None or scene.station.omm is not None:
        warnings += doubts_of(history, elements)
    return elements, warnings


def station_of(scene: Scene) -> tuple[Instant, Elements, list[str], StationState]:
    """Instant, elements, warnings and the station's state for a scene."""
    instant = Instant.from_datetime(scene.time.utc)
    elements, warnings = scene_elements(scene, instant)
    return instant, elements, warnings, station_state(elements, instant, scene.station.time_shift_s)


@lru_cache(maxsize=2)
def _window(lat_deg: float, lon_deg: float) -> EarthWindow:
    return load_window(math.radians(lat_deg), math.radians(lon_deg), WINDOW_RADIUS_RAD)


def with_ghosts(stars: StarsInView, strength: Array, turn: Array) -> StarsInView:
    """The stars and the ghosts (n,), (n, 3) of the bright ones that the window's panes make, see `ghost_directions`."""
    bright = np.flatnonzero(stars.vmag < _GHOSTS_TO_VMAG)
    if len(strength) == 0 or len(bright) == 0:
        return stars
    moved = (stars.dir_gcrs[bright][:, None, :] + turn[None]).reshape(-1, 3)
    moved /= np.linalg.norm(moved, axis=1, keepdims=True)
    vmag = (stars.vmag[bright][:, None] - 2.5 * np.log10(strength)[None]).ravel()
    bv = np.repeat(stars.bv[bright], len(strength))
    return StarsInView(np.concatenate([stars.dir_gcrs, moved]), np.append(stars.vmag, vmag), np.append(stars.bv, bv))


class HasAir(Protocol):
    """A world, or of one what depends on instant, place and atmosphere alone."""

    @property
    def emission(self) -> EmissionField:
        """Emission rates about the station."""

    @property
    def composition_source(self) -> str:
        """What the air's composition is of."""

    @property
    def unit_columns_rayleigh(self) -> Array:
        """Of the emissions above the station, each at factor 1."""

    @property
    def earth(self) -> EarthWindow:
        """The maps below."""


@dataclass(frozen=True, eq=False)
class _Air:
    """What of a world depends on instant, place and atmosphere alone, and takes nearly all of the time."""

    emission: EmissionField
    source: str
    unit_columns_rayleigh: Array
    earth: EarthWindow

    @classmethod
    def of(cls, scene: Scene, lat_rad: float, lon_rad: float, local_from_itrs: Array) -> _Air:
        inputs = atmosphere_inputs(scene)
        inputs = replace(inputs, factors=(1.0,) * len(EMISSIONS), shift_km=inputs.shift_km - raised_km(scene))
        model = EmissionModel(inputs)
        posix_s = scene.time.utc.timestamp()
        emission = build_emission_field(model, local_from_itrs, posix_s, scene.atmosphere.waves, scene.atmosphere.seed)
        profiles = model.profiles(np.array([lat_rad]), np.array([lon_rad]))
        low, high = np.asarray(profiles.low)[0], np.asarray(profiles.high)[0]
        columns = columns_rayleigh(low, ALT_LOW_STEP_KM) + columns_rayleigh(high, ALT_HIGH_STEP_KM)
        # the window's cache works on whole degrees: frames of a video share it
        earth = _window(round(math.degrees(lat_rad)), round(math.degrees(lon_rad)))
        return cls(emission, getattr(model, "source", "profile"), columns, earth)

    @classmethod
    def like(cls, world: HasAir) -> _Air:
        return cls(world.emission, world.composition_source, world.unit_columns_rayleigh, world.earth)


def same_air(a: Scene, b: Scene) -> bool:
    """Whether two scenes have the same air and maps: the same instant, orbit and atmosphere.

    Their airglow may differ in its factors and, but for a profile of the user's own, in its shift.
    """
    in_tables = [scene.airglow.shift_km - raised_km(scene) for scene in (a, b)]
    same = (a.time, a.atmosphere) == (b.time, b.atmosphere) and in_tables[0] == in_tables[1]
    return same and same_orbit(a.station, b.station)


def build_world(
    scene: Scene, like: HasAir | None = None, *, frame: int = 0, former: WorldState | None = None
) -> WorldState:
    """Everything at the scene's instant.

    Parameters
    ----------
    scene : Scene
    like : optional
        A world, or what another process has made of one, whose air and maps are taken as they are, which saves nearly
        all of the time. Exact where `same_air(like.scene, scene)`; a few seconds away it is what a moving view shows
        until the exact one is built.
    frame : int
        Number of the exposure in a video; with the scene's seed it draws the hand's shake.
    former : WorldState, optional
        For a moment of a moving view: Sun, Moon, planets, the stars' aberration and the station before the lens are
        taken from it as long as they serve.

    Raises
    ------
    UsageError
        The scene asks for something impossible: elements too old, a pointing that cannot be solved, a lens that folds.
    """
    lens = checked_lens(scene)
    instant, elements, warnings, station = station_of(scene)
    itrs_from_gcrs = rot_itrs_from_gcrs(instant)
    lvlh_from_gcrs = frames.rot_lvlh_from_gcrs(station.pos_gcrs_km, station.vel_gcrs_km_s)
    attitude = attitude_of(scene)
    body_from_gcrs = frames.rot_body_from_gcrs(attitude, lvlh_from_gcrs)
    cam_from_gcrs = rot_cam_from_gcrs(
        scene.camera.point,
        math.radians(scene.camera.roll_deg),
        station,
        itrs_from_gcrs,
        lvlh_from_gcrs,
        body_from_gcrs,
    )
    omega_body = omega_body_gcrs_rad_s(scene, station, body_from_gcrs)
    motion = Motion.of(
        lens,
        scene.camera.track,
        Shake.from_seed(scene.camera.shake, scene.seed, frame),
        scene.camera.shutter_s,
        pos_gcrs_km=station.pos_gcrs_km,
        vel_gcrs_km_s=station.vel_gcrs_km_s,
        rot_itrs_from_gcrs=itrs_from_gcrs,
        rot_cam_from_gcrs=cam_from_gcrs,
        omega_body_gcrs_rad_s=omega_body,
    )
    local_from_itrs = rot_local_from_itrs(station.pos_itrs_km)
    place = station.lat_rad, station.lon_rad
    air = _Air.of(scene, *place, local_from_itrs) if like is None else _Air.like(like)
    lasts = former is not None and former.sky.serves(instant, station.pos_gcrs_km)
    if former is not None and lasts:
        sky = former.sky
    else:
        sky = Sky.at(instant, station.pos_gcrs_km, station.vel_gcrs_km_s)
    sun, moon = sky.sun_gcrs_km, sky.moon_gcrs_km
    around = lens.half_angle_rad() + _STAR_MARGIN_RAD + motion.wander_rad()
    stars = (sky.stars_of_all if lasts else sky.stars)(scene.sky.stars_to_vmag, cam_from_gcrs[2], min(around, math.pi))
    satellites, left_out = satellites_in_view(scene, instant, elements, motion.station, sun, cam_from_gcrs[2], around)
    sun_dir_body = body_from_gcrs @ sun / np.linalg.norm(sun)
    shown = None if former is None else former.station
    view = station_view(scene, cam_from_gcrs @ body_from_gcrs.T, sun_dir_body, lens, station.alt_km, shown)
    planets = sky.planets
    if view is not None:
        ghosts = ghost_directions(view.window, body_from_gcrs, _FAINTEST_GHOST)
        stars, planets = with_ghosts(stars, *ghosts), with_ghosts(planets, *ghosts)
    world = WorldState(
        scene=scene,
        instant=instant,
        elements=elements,
        warnings=(*scene.notes, *warnings, *left_out),
        pos_iss_gcrs_km=station.pos_gcrs_km,
        vel_iss_gcrs_km_s=station.vel_gcrs_km_s,
        pos_iss_itrs_km=station.pos_itrs_km,
        lat_rad=station.lat_rad,
        lon_rad=station.lon_rad,
        alt_km=station.alt_km,
        rot_itrs_from_gcrs=itrs_from_gcrs,
        rot_lvlh_from_gcrs=lvlh_from_gcrs,
        rot_body_from_gcrs=body_from_gcrs,
        rot_local_from_itrs=local_from_itrs,
        rot_cam_from_gcrs=cam_from_gcrs,
        omega_body_gcrs_rad_s=omega_body,
        omega_cam_gcrs_rad_s=omega_body,
        motion=motion,
        lens=lens,
        sky=sky,
        sun_dir_gcrs=sun / np.linalg.norm(sun),
        moon_dir_gcrs=moon / np.linalg.norm(moon),
        emission=air.emission,
        composition_source=air.source,
        low_atmosphere=LowAtmosphere.load(),
        earth=air.earth,
        unit_columns_rayleigh=air.unit_columns_rayleigh,
        stars=stars,
        station=view,
        planets=planets,
        satellites=satellites,
    )
    step_px = slices(world)[1]
    if step_px > COARSE_PX:
        warning = (
            f"camera.shutter_s = {scene.camera.shutter_s:g}: the picture moves so far that its {MAX_SUBFRAMES} "
            f"instants lie {step_px:.1f} px apart, so streaks are dotted: shorten the exposure or follow the ground"
        )
        world = replace(world, warnings=(*world.warnings, warning))
    return world


def tables_at(world: WorldState, time_s: float) -> WorldState:
    """A world at another moment of its exposure with that moment's emissions and maps: for exposures of minutes."""
    moved = world.at(time_s)
    utc = world.scene.time.utc + timedelta(seconds=time_s)
    scene = world.scene.model_copy(update={"time": world.scene.time.model_copy(update={"utc": utc})})
    air = _Air.of(scene, moved.lat_rad, moved.lon_rad, moved.rot_local_from_itrs)
    return replace(
        moved,
        emission=air.emission,
        composition_source=air.source,
        earth=air.earth,
        unit_columns_rayleigh=air.unit_columns_rayleigh,
    )
