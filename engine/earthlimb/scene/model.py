"""The typed, frozen scene: attribute names, units and defaults are those of the scene file.

Angles are in degrees here and only here; `world` turns them into radians once.
"""

from __future__ import annotations

from typing import Self

from pydantic import Field, PrivateAttr

from earthlimb.scene.air import Airglow, Atmosphere
from earthlimb.scene.camera import Camera, Eye, Image
from earthlimb.scene.section import ExistingPath, Utc
from earthlimb.scene.station import Cupola, Station
from earthlimb.scene.timeline import Video
from earthlimb.schema.section import Section


class Time(Section):
    """`[time]`: the middle of the exposure."""

    utc: Utc


class Earth(Section):
    """`[earth]`: factors on city lights, on the surface lit by airglow and starlight, on the lights' halo."""

    lights: float = Field(1.0, ge=0.0, le=1e6)
    moonlit: float = Field(1.0, ge=0.0, le=1e6)
    halo: float = Field(1.0, ge=0.0, le=1e6)


class Sky(Section):
    """`[sky]`: faintest catalogue star drawn, factors on stars, Milky Way and planets, other satellites."""

    stars_to_vmag: float = Field(9.0, ge=-2.0, le=9.0)
    stars: float = Field(1.0, ge=0.0, le=1e6)
    milky_way: float = Field(1.0, ge=0.0, le=1e6)
    planets: float = Field(1.0, ge=0.0, le=1e6)
    satellites: ExistingPath | None = None
    satellites_std_mag: float = Field(4.0, ge=-10.0, le=20.0)
    """V magnitude at 1000 km, half lit, of those whose own is not known."""


class Scene(Section):
    """A whole scene. Only `time` and `camera.point` are required."""

    title: str = ""
    seed: int = Field(0, ge=0, le=2**32 - 1)
    time: Time
    station: Station = Field(default_factory=lambda: Station(attitude="+XVV"))
    camera: Camera
    cupola: Cupola = Field(default_factory=Cupola)
    image: Image = Field(default_factory=Image)
    atmosphere: Atmosphere = Field(default_factory=Atmosphere)
    airglow: Airglow = Field(default_factory=Airglow)
    earth: Earth = Field(default_factory=Earth)
    sky: Sky = Field(default_factory=Sky)
    eye: Eye = Field(default_factory=Eye)
    video: Video = Field(default_factory=Video)
    _notes: tuple[str, ...] = PrivateAttr(())

    @property
    def notes(self) -> tuple[str, ...]:
        """Warnings from loading: what was asked for without an effect. They are no part of a scene's values."""
        return self._notes

    def with_notes(self, *notes: str) -> Self:
        """The same scene with warnings more."""
        noted = self.model_copy()
        noted._notes = (*self._notes, *notes)
        return noted
