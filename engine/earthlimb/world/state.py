"""WorldState: everything at one instant, float64 and immutable, before any picture is made."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro.element_set import Elements
from earthlimb.astro.frames import rot_lvlh_from_gcrs
from earthlimb.astro.timescale import Instant
from earthlimb.physics.geometry import GroundGeometry, geodetic_from_itrs, ground_geometry, rot_local_from_itrs
from earthlimb.physics.lens import Lens
from earthlimb.physics.low_atmosphere import LowAtmosphere
from earthlimb.scene import Scene, utc_text
from earthlimb.world.earth_maps import EarthWindow
from earthlimb.world.emission_field import EmissionField
from earthlimb.world.motion import Motion
from earthlimb.world.satellites import Satellites
from earthlimb.world.sky import Sky, StarsInView
from earthlimb.world.station_view import StationView

Array = NDArray[np.float64]

__all__ = ["StarsInView", "WorldState"]


def raised_km(scene: Scene) -> float:
    """`airglow.shift_km` where it raises the model's layers; a profile of the user's own is raised in the tables."""
    return scene.airglow.shift_km if scene.atmosphere.profile is None else 0.0


@dataclass(frozen=True, eq=False)
class WorldState:
    """The station, its camera, the Earth, the air and the sky at the middle of an exposure.

    Rotations read result-from-source and act on column vectors; `local` is east, north and geocentric up at the
    station. `emission` and `unit_columns_rayleigh` hold every emission at factor 1 and the model's own heights: the
    scene's factors and `raised_km` are laid over them where they are read.
    """

    scene: Scene
    instant: Instant
    elements: Elements
    warnings: tuple[str, ...]
    pos_iss_gcrs_km: Array
    vel_iss_gcrs_km_s: Array
    pos_iss_itrs_km: Array
    lat_rad: float
    lon_rad: float
    alt_km: float
    rot_itrs_from_gcrs: Array
    rot_lvlh_from_gcrs: Array
    rot_body_from_gcrs: Array
    rot_local_from_itrs: Array
    rot_cam_from_gcrs: Array
    omega_body_gcrs_rad_s: Array
    omega_cam_gcrs_rad_s: Array
    motion: Motion
    lens: Lens
    sky: Sky
    sun_dir_gcrs: Array
    moon_dir_gcrs: Array
    emission: EmissionField
    composition_source: str
    low_atmosphere: LowAtmosphere
    earth: EarthWindow
    unit_columns_rayleigh: Array
    stars: StarsInView
    station: StationView | None
    planets: StarsInView
    satellites: Satellites | None = None

    def __repr__(self) -> str:
        """One line, for notebooks and tracebacks: the tables are thousands."""
        lat_deg, lon_deg = np.degrees([self.lat_rad, self.lon_rad])
        at = f"latitude {lat_deg:.2f} deg, longitude {lon_deg:.2f} deg, {self.alt_km:.1f} km"
        return f"<WorldState {utc_text(self.scene.time.utc)}: {at}>"

    @property
    def raised_km(self) -> float:
        """How much higher the layers below 130 km stand than in `emission`."""
        return raised_km(self.scene)

    @property
    def zenith_columns_rayleigh(self) -> Array:
        """Columns (6,) of the emissions above the station, in the order of EMISSIONS, with the scene's factors."""
        return self.unit_columns_rayleigh * self.scene.airglow.factors

    @property
    def rot_local_from_cam(self) -> Array:
        """Rotation from the camera's frame to the local one."""
        return self.rot_local_from_gcrs @ self.rot_cam_from_gcrs.T

    @property
    def rot_local_from_gcrs(self) -> Array:
        """Rotation from GCRS to the local frame."""
        return self.rot_local_from_itrs @ self.rot_itrs_from_gcrs

    @property
    def sun_elevation_rad(self) -> float:
        """Elevation of the Sun's centre above the horizon of the point below the station."""
        up = np.array(
            [
                np.cos(self.lat_rad) * np.cos(self.lon_rad),
                np.cos(self.lat_rad) * np.sin(self.lon_rad),
                np.sin(self.lat_rad),
            ]
        )
        return float(np.arcsin(up @ self.rot_itrs_from_gcrs @ self.sun_dir_gcrs))

    def at(self, time_s: float) -> WorldState:
        """The same world with station, Earth and camera where they are `time_s` from mid-exposure.

        Sun, Moon, stars, air and maps stay those of this world; the airglow's field travels with the station.
        """
        motion = self.motion
        cam_from_gcrs, pos = motion.pose(time_s)
        vel = motion.station(time_s)[1]
        itrs_from_gcrs = motion.itrs_from_gcrs(time_s)
        pos_itrs = itrs_from_gcrs @ pos
        lat, lon, alt = geodetic_from_itrs(pos_itrs)
        body_from_mid = self.motion.body_turn(time_s)
        return replace(
            self,
            pos_iss_gcrs_km=pos,
            vel_iss_gcrs_km_s=vel,
            pos_iss_itrs_km=pos_itrs,
            lat_rad=float(lat),
            lon_rad=float(lon),
            alt_km=float(alt),
            rot_itrs_from_gcrs=itrs_from_gcrs,
            rot_lvlh_from_gcrs=rot_lvlh_from_gcrs(pos, vel),
            rot_body_from_gcrs=self.rot_body_from_gcrs @ body_from_mid,
            rot_local_from_itrs=rot_local_from_itrs(pos_itrs),
            rot_cam_from_gcrs=cam_from_gcrs,
        )

    def hidden(self, x_px: Array, y_px: Array) -> NDArray[np.bool_]:
        """At which places (n,) of the picture the station stands before everything else."""
        if self.station is None or len(x_px) == 0:
            return np.zeros(len(x_px), bool)
        return self.station.hides(self.lens.rays_cam(x_px, y_px))

    def rays_gcrs(self, x_px: Array, y_px: Array) -> Array:
        """Unit vectors (..., 3), GCRS, seen at continuous picture coordinates (pixel centres at half-integers)."""
        return np.asarray(self.lens.rays_cam(x_px, y_px) @ self.rot_cam_from_gcrs)

    def geometry(self, x_px: Array, y_px: Array) -> GroundGeometry:
        """Tangent height, range, latitude and longitude of straight rays at picture coordinates."""
        rays_itrs = self.rays_gcrs(x_px, y_px) @ self.rot_itrs_from_gcrs.T
        return ground_geometry(self.pos_iss_itrs_km, rays_itrs)
