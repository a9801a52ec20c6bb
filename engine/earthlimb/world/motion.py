"""Where station and camera are while the shutter is open: poses as functions of the time from mid-exposure."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from earthlimb.constants import EARTH_ROTATION_RAD_S
from earthlimb.errors import UsageError
from earthlimb.physics.geometry import ellipsoid_range_km, tangent_km
from earthlimb.physics.lens import Lens
from earthlimb.physics.orbit_arc import flown
from earthlimb.physics.rotations import rotation, shortest_turn
from earthlimb.physics.shake import Shake

Array = NDArray[np.float64]

TRACK_RESIDUAL = 0.03
"""Share of the ground's motion that a mount like NightPod leaves: middle of 1 to 5 %."""
BRIEF_S = 0.25
"""2 km of flight: a smooth motion's path is straight and even."""


@dataclass(frozen=True, eq=False)
class Motion:
    """The exposure's motion; `track` none: the camera is carried by the station's body.

    Attributes
    ----------
    pos_gcrs_km, vel_gcrs_km_s : (3,), the station at mid-exposure
    rot_itrs_from_gcrs, rot_cam_from_gcrs : (3, 3) at mid-exposure
    omega_body_gcrs_rad_s : (3,), how the station's body turns
    track : "none", "ground" or "stars"
    target_itrs_km : (3,), ground point in the middle of the picture, for "ground"
    centre_cam : (3,), ray through the middle of the picture
    shake : Shake
    shutter_s : float
    """

    pos_gcrs_km: Array
    vel_gcrs_km_s: Array
    rot_itrs_from_gcrs: Array
    rot_cam_from_gcrs: Array
    omega_body_gcrs_rad_s: Array
    track: str
    target_itrs_km: Array | None
    centre_cam: Array
    shake: Shake
    shutter_s: float
    _flown: dict[float, tuple[Array, Array]] = field(default_factory=dict, repr=False)
    _cameras: dict[float, Array] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        lens: Lens,
        track: str,
        shake: Shake,
        shutter_s: float,
        *,
        pos_gcrs_km: Array,
        vel_gcrs_km_s: Array,
        rot_itrs_from_gcrs: Array,
        rot_cam_from_gcrs: Array,
        omega_body_gcrs_rad_s: Array,
    ) -> Motion:
        """The motion of one exposure; arguments as the attributes.

        Raises
        ------
        UsageError
            `track` is "ground", and there is none in the middle of the picture.
        """
        centre = lens.rays_cam(0.5 * lens.width_px, 0.5 * lens.height_px)
        target = None
        if track == "ground":
            eye = rot_itrs_from_gcrs @ pos_gcrs_km
            ray = rot_itrs_from_gcrs @ rot_cam_from_gcrs.T @ centre
            range_km = float(ellipsoid_range_km(eye, ray[None])[0])
            if not np.isfinite(range_km):
                height = float(tangent_km(eye, ray[None])[0][0])
                over = f"passes {height:.0f} km over the ground" if ray @ eye < 0.0 else "climbs into the sky"
                raise UsageError(
                    f'camera.track = "ground": the line of sight in the middle of the picture {over}: it must meet '
                    'the ground to follow it: point the camera lower, or choose track = "none" or "stars"'
                )
            target = eye + range_km * ray
        return cls(
            pos_gcrs_km, vel_gcrs_km_s, rot_itrs_from_gcrs, rot_cam_from_gcrs, omega_body_gcrs_rad_s, track, target,
            centre, shake, shutter_s,
        )  # fmt: skip

    def station(self, time_s: float) -> tuple[Array, Array]:
        """Position [km] and velocity [km s-1] of the station, each (3,), GCRS."""
        if time_s not in self._flown:
            self._flown[time_s] = flown(self.pos_gcrs_km, self.vel_gcrs_km_s, time_s)
        return self._flown[time_s]

    def itrs_from_gcrs(self, time_s: float) -> Array:
        """Rotation (3, 3) from GCRS to the turning Earth."""
        turned: Array = rotation((0.0, 0.0, -EARTH_ROTATION_RAD_S * time_s)) @ self.rot_itrs_from_gcrs
        return turned

    def body_turn(self, time_s: float) -> Array:
        """Rotation (3, 3) that takes GCRS vectors to where the body's own turning would show them at mid-exposure."""
        return rotation(-self.omega_body_gcrs_rad_s * time_s)

    def cam_from_gcrs(self, time_s: float) -> Array:
        """Rotation (3, 3) whose rows are the camera's right, down and forward axes, GCRS; kept, as places are."""
        if time_s not in self._cameras:
            self._cameras[time_s] = self._cam_from_gcrs(time_s)
        return self._cameras[time_s]

    def _cam_from_gcrs(self, time_s: float) -> Array:
        if self.track == "stars":
            held = self.rot_cam_from_gcrs
        else:
            held = self.rot_cam_from_gcrs @ self.body_turn(time_s)
            if self.target_itrs_km is not None:
                towards = self.itrs_from_gcrs(time_s).T @ self.target_itrs_km - self.station(time_s)[0]
                seen = held @ (towards / np.linalg.norm(towards))
                held = rotation((1.0 - TRACK_RESIDUAL) * shortest_turn(seen, self.centre_cam)) @ held
        if self.shake.still:
            return held
        return rotation(-self.shake.angles_rad(time_s)) @ held

    @property
    def brief(self) -> bool:
        """Whether nothing turns or speeds up that would bend the picture's path during the exposure."""
        return self.shake.still and self.shutter_s <= BRIEF_S

    @property
    def n_probes(self) -> int:
        """Steps of the exposure that show all of its motion: of tremor up to 10 Hz, or of a smooth path."""
        if not self.shake.still:
            return 1024
        return 8 if self.shutter_s <= BRIEF_S else 16 if self.shutter_s <= 2.0 else 256

    def wander_rad(self) -> float:
        """Largest angle between the line of sight at moments of the exposure and that of its middle, rad."""
        n = 3 if self.brief else 17
        forward = [self.cam_from_gcrs(t)[2] for t in (np.linspace(-0.5, 0.5, n) * self.shutter_s).tolist()]
        return float(np.arccos(np.clip(np.array(forward) @ self.rot_cam_from_gcrs[2], -1.0, 1.0)).max())

    def pose(self, time_s: float) -> tuple[Array, Array]:
        """Camera (3, 3) from GCRS, and the station's position (3,) [km], GCRS."""
        return self.cam_from_gcrs(time_s), self.station(time_s)[0]
