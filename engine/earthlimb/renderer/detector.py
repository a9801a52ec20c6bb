"""What one response (the CIE observer or a camera) makes of a world: coefficients and tables, ready for the passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.passes.earth_textures import EarthArrays, EarthTextures
from earthlimb.passes.milky_way import SkyTables
from earthlimb.physics import city_lights, star_field, star_refraction, streaks, surface
from earthlimb.physics.earthlight import moon_illuminance_lx
from earthlimb.physics.low_atmosphere import LowAtmosphere
from earthlimb.physics.milky_way import MilkyWay, colour_table, load_milky_way, transmission_table
from earthlimb.physics.response import PHOTOPIC_LM_W, Response, StarTable, star_response_table
from earthlimb.physics.spectra import (
    PHOTON_ENERGY_J,
    WAVELENGTH_NM,
    airglow_photons,
    daylight_photons,
    lamp_photons,
    spectra_table,
    star_photons,
)
from earthlimb.physics.star_field import StarSprites
from earthlimb.world import WorldState
from earthlimb.world.earth_maps import EarthWindow, lamp_classes
from earthlimb.world.satellites import SOLAR_BV, Satellites
from earthlimb.world.state import StarsInView

Array = NDArray[np.float64]

_SLANT_STEP = 10  # every 10 nm: the air's extinction is smooth on that scale
_STARLIGHT_BV = 0.7
_SUN_BV, _MOON_BV = 0.65, 0.92
_SUN_LX = 1.33e5
"""Above the air at 1 au (Allen)."""
_WHITE_K = 4500.0
_SLANT_GLOW = 1.6
_LIGHTS_RAD = 0.2
_SATELLITE_PIECES = 8
"""Straight pieces of a satellite's streak at least: it may turn while it passes, and set behind the Earth."""
TRANSMISSION_STEP_KM = 0.25
TRANSMISSION_TOP_KM = 100.0


def far_leg_transmission(air: LowAtmosphere) -> Array:
    """Transmission (n, 6) of every emission by tangent altitude from 0 km in steps of 0.25 km.

    Bands take the mean over their spectrum in photons, as their columns are counted.
    """
    height = np.arange(0.0, TRANSMISSION_TOP_KM + 0.5 * TRANSMISSION_STEP_KM, TRANSMISSION_STEP_KM)
    through = np.asarray(air.transmission_limb(height[:, None], WAVELENGTH_NM[None, :]))
    spectra = airglow_photons()
    table = through @ (spectra / spectra.sum(axis=1, keepdims=True)).T
    table[height < star_refraction.HARD_LIMB_APP_KM] = 0.0
    return np.asarray(table)


@dataclass(frozen=True, eq=False)
class StationLight:
    """What lights the station, in a response's channels (4,).

    Attributes
    ----------
    earth : mean radiance of the night Earth below
    moon, sun : irradiance of a facet that faces them; 0 behind the Earth
    white : irradiance of one lux of cabin light
    response : of the detector
    """

    earth: Array
    moon: Array
    sun: Array
    white: Array
    response: Response

    def of_white(self, temperature_k: float) -> Array:
        """Channels (4,) of one cd m-2 of daylight of a colour temperature."""
        return _per_candela(self.response, daylight_photons(temperature_k))


def _per_candela(response: Response, photons: Array) -> Array:
    luminance = PHOTOPIC_LM_W * float((photons * PHOTON_ENERGY_J) @ spectra_table().cie_xyz[1])
    return np.asarray(response.of_photons(photons) / luminance)


@dataclass
class Detector:
    """A response with everything that does not change from frame to frame."""

    response: Response
    air: LowAtmosphere
    _earth_arrays: EarthArrays | None = None

    @cached_property
    def per_rayleigh(self) -> Array:
        """(6, 4) channels per rayleigh."""
        return self.response.per_rayleigh()

    @cached_property
    def _stars(self) -> StarTable:
        return star_response_table(self.response, self.air.transmission_limb)

    @cached_property
    def _per_lux(self) -> tuple[Array, Array, Array]:
        """Channels (4,) of a lux of sunlight, moonlight and cabin light."""
        sun, moon = star_photons(np.array([_SUN_BV, _MOON_BV]))
        white = daylight_photons(_WHITE_K)
        return _per_candela(self.response, sun), _per_candela(self.response, moon), _per_candela(self.response, white)

    @cached_property
    def lamps(self) -> Array:
        """(n_classes, 4) channels per nW cm-2 sr-1 of every lamp class."""
        return np.stack([self.response.of_lamps({name: 1.0}) for name in lamp_classes()])

    @cached_property
    def slant(self) -> NDArray[np.float32]:
        """The slant table of this response, see `physics.city_lights.slant_table`."""
        lamp = sum(lamp_photons(name) for name in lamp_classes())
        wavelength = WAVELENGTH_NM[::_SLANT_STEP]
        weights = (self.response.curves * lamp)[:, ::_SLANT_STEP]
        return city_lights.slant_table(self.air.transmission_ground, wavelength, weights)

    @cached_property
    def milky_way(self) -> MilkyWay:
        """The map of the Milky Way."""
        return load_milky_way()

    def sky(self, ctx: moderngl.Context) -> SkyTables:
        """Upload the Milky Way in this response."""
        colours = colour_table(self.response.of_sky)
        return SkyTables.upload(ctx, self.milky_way, colours, transmission_table(self._stars.response))

    def earth(self, ctx: moderngl.Context, window: EarthWindow) -> EarthTextures:
        """Upload the Earth's maps in this response."""
        return EarthTextures.of_arrays(ctx, self.earth_arrays(window), self.slant)

    def earth_arrays(self, window: EarthWindow) -> EarthArrays:
        """The Earth's maps in this response, kept for the last window: a thread may make them before they are drawn."""
        kept = self._earth_arrays
        if kept is None or kept.window is not window:
            kept = self._earth_arrays = EarthArrays.of(window, self.lamps)
        return kept

    def take_earth_arrays(self, arrays: EarthArrays) -> None:
        """Keep maps that another process has computed in this response."""
        self._earth_arrays = arrays

    def forget_earth_arrays(self) -> None:
        """Free the maps that `earth_arrays` keeps."""
        self._earth_arrays = None

    def irradiance(self, world: WorldState) -> tuple[float, float, float, float]:
        """Of the ground by airglow and starlight, in the response's unit times sr, with the scene's factor."""
        night = surface.night_irradiance(world.zenith_columns_rayleigh, self.per_rayleigh, *self._night)
        r, g, b, s = (night * world.scene.earth.moonlit).tolist()
        return r, g, b, s

    @cached_property
    def _night(self) -> tuple[Array, Array]:
        """What `surface.night_irradiance` needs of starlight and of the air."""
        starlight = star_photons(np.array([_STARLIGHT_BV]))[0]
        luminance = PHOTOPIC_LM_W * float((starlight * PHOTON_ENERGY_J) @ spectra_table().cie_xyz[1])
        per_cd = self.response.of_photons(starlight) / luminance
        return per_cd, surface.night_reach(self.air.transmission_ground)

    def station_light(self, world: WorldState) -> StationLight:
        """What lights the station at a world's instant.

        The Earth's mean radiance is the airglow's zenith columns times 1.6 for slanting views (van Rhijn, averaged
        over what is seen from 420 km), the ground in the light of airglow and stars at a reflectance of 0.1, and the
        mean of the city lights within 0.2 rad of the point below. Its day side is left out.
        """
        airglow = _SLANT_GLOW * world.zenith_columns_rayleigh @ self.per_rayleigh
        ground = 0.1 / np.pi * np.array(self.irradiance(world))
        cities = world.scene.earth.lights * _mean_lights(world) * self.lamps.mean(axis=0)
        position = world.pos_iss_gcrs_km
        distance = float(np.linalg.norm(position))
        limb = -np.sqrt(1.0 - min((distance - world.alt_km) / distance, 1.0) ** 2)
        up = position / distance
        moon_ahead = float(world.moon_dir_gcrs @ up) > limb
        sun_ahead = float(world.sun_dir_gcrs @ up) > limb
        phase = np.pi - np.arccos(np.clip(world.sun_dir_gcrs @ world.moon_dir_gcrs, -1.0, 1.0))
        lux = moon_illuminance_lx(float(phase)) * moon_ahead
        sunlight, moonlight, white = self._per_lux
        # one lux of irradiance is what one candela per square metre gives from one steradian
        return StationLight(
            airglow + ground + cities, moonlight * lux, sunlight * _SUN_LX * sun_ahead, white, self.response
        )

    def stars(self, world: WorldState) -> StarSprites:
        """The stars of the picture with the scene's factor."""
        return self._points(world, world.stars, world.scene.sky.stars)

    def planets(self, world: WorldState) -> StarSprites:
        """The planets of the picture with the scene's factor."""
        return self._points(world, world.planets, world.scene.sky.planets)

    def lights(self, world: WorldState, tell: Callable[[float], None] = lambda share: None) -> StarSprites:
        """Stars and planets of the picture together, each with the scene's factor; none whose factor is 0.

        `tell` is called with the share that is done.
        """
        sky = world.scene.sky
        parts = [(p, f) for p, f in ((world.stars, sky.stars), (world.planets, sky.planets)) if f > 0.0]
        if len(parts) < 2:
            return self._points(world, *(parts[0] if parts else (StarsInView.none(), 0.0)), tell=tell)
        points = StarsInView(
            *(np.concatenate([getattr(part, name) for part, _ in parts]) for name in ("dir_gcrs", "vmag", "bv"))
        )
        return self._points(world, points, np.repeat([f for _, f in parts], [len(p.vmag) for p, _ in parts]), tell=tell)

    def satellites(self, world: WorldState, satellites: Satellites) -> StarSprites:
        """The other satellites of the picture, each on its own path."""
        points = StarsInView(np.empty((0, 3)), satellites.vmag, np.full(len(satellites.vmag), SOLAR_BV))

        def dir_gcrs(time_s: float) -> Array:
            return satellites.dir_gcrs(time_s, world.motion.station(time_s))

        return self._points(world, points, 1.0, dir_gcrs, satellites.near)

    def _points(
        self,
        world: WorldState,
        points: StarsInView,
        factor: float | Array,
        dir_gcrs: Callable[[float], Array] | None = None,
        before_air: NDArray[np.bool_] | None = None,
        tell: Callable[[float], None] = lambda share: None,
    ) -> StarSprites:
        motion = world.motion
        segments = streaks.pose_segments(motion.pose, world.lens, motion.shutter_s, motion.n_probes)
        if dir_gcrs is not None:
            segments = max(segments, _SATELLITE_PIECES)
        sprites = star_field.project_stars(
            points.dir_gcrs if dir_gcrs is None else dir_gcrs,
            points.vmag,
            points.bv,
            rot_cam_from_gcrs=world.rot_cam_from_gcrs,
            lens=world.lens,
            pos_obs_gcrs_km=world.pos_iss_gcrs_km,
            star_response=self._stars.response,
            bending_rad=self.air.bending_rad,
            dilution=self.air.dilution,
            shutter_s=motion.shutter_s,
            pose=motion.pose,
            segments=segments,
            rot_itrs_from_gcrs=world.rot_itrs_from_gcrs,
            before_air=before_air,
            tell=tell,
        )
        sprites.irradiance[:] *= factor[sprites.index, None] if isinstance(factor, np.ndarray) else factor
        return sprites


def _mean_lights(world: WorldState) -> float:
    """Mean of the lights map within a square of 0.2 rad about the point below, nW cm-2 sr-1."""
    window = world.earth
    lon_west, lat_north, per_lon, per_lat = window.grid
    row = (lat_north - world.lat_rad) * per_lat
    column = ((world.lon_rad - lon_west) % (2.0 * np.pi)) * per_lon
    down, across = _LIGHTS_RAD * per_lat, _LIGHTS_RAD * per_lon / max(float(np.cos(world.lat_rad)), 0.2)
    h, w = window.code.shape
    part = window.code[
        int(max(row - down, 0.0)) : int(min(row + down, h)) : 3,
        int(max(column - across, 0)) : int(min(column + across, w)) : 3,
    ]
    return float(window.radiance_of_code[part].mean()) if part.size else 0.0
