"""The typed, frozen scene: attribute names, units and defaults are those of the scene file.

Angles are in degrees here and only here; `world` turns them into radians once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WrapValidator,
    field_validator,
    model_validator,
)

MAX_SIDE_PX = 16384
"""Longest side of a picture, px: the texture limit of OpenGL 4.1 drivers."""
MAX_PICTURE_PX = 100_000_000
"""Most pixels of a picture; above it the float layers alone need several GB."""
AXES_TOLERANCE = 1e-6
"""How far `axes_gcrs` may be from orthonormal; printed solutions carry 1e-9 or better."""
STATION_SINCE_YEAR, LAST_YEAR = 1998, 2100


class Section(BaseModel):
    """Base of every part of a scene: frozen, strict about types, unknown keys and non-finite numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class ConflictError(ValueError):
    """A value excludes or lacks another one; `key` is the one whose line the message shows."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def parse_utc(value: object) -> datetime:
    """Instant in UTC from a TOML time or an ISO 8601 text; a time without a zone is refused.

    Raises
    ------
    ValueError
        When it is no time, has no zone, or lies outside the years of the station.
    """
    example = 'for example "2021-09-09T22:42:40.05Z"'
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(f"not a time: date, time and zone are wanted: write it {example}") from None
    if not isinstance(value, datetime):
        raise ValueError(f"not a time: date, time and zone are wanted: write it {example}")
    offset = value.utcoffset()
    if offset is None:
        raise ValueError("a time without a zone: add Z for UTC or an offset such as +02:00")
    instant = (value.replace(tzinfo=None) - offset) if offset else value.replace(tzinfo=None)
    if not STATION_SINCE_YEAR <= instant.year <= LAST_YEAR:
        raise ValueError(f"the year must be {STATION_SINCE_YEAR} to {LAST_YEAR}: the station flies since November 1998")
    return instant.replace(tzinfo=UTC)


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class AutoShutter(float):
    """The open time of a scene that says `shutter_s = "auto"`: a number [s] only until a meter has looked."""

    def __new__(cls) -> Self:
        """The placeholder, a little off any round time so that it equals none."""
        return super().__new__(cls, 0.2000001)


def _auto_or_number(value: Any, number: Callable[[Any], float]) -> float:
    if isinstance(value, AutoShutter) or (isinstance(value, str) and value == "auto"):
        return AutoShutter()
    if isinstance(value, str):
        raise ValueError('a number from 1e-06 to 3600, or "auto" for a meter\'s choice, is wanted: change it')
    return number(value)


def _auto_text(value: float) -> float | str:
    return "auto" if isinstance(value, AutoShutter) else value


Shutter = Annotated[float, WrapValidator(_auto_or_number), PlainSerializer(_auto_text, when_used="json")]
Vector = Annotated[tuple[float, float, float], BeforeValidator(_as_tuple)]
ExistingPath = Annotated[Path, Field(strict=False)]


class Time(Section):
    """`[time]`: the middle of the exposure."""

    utc: datetime

    @field_validator("utc", mode="before")
    @classmethod
    def _utc(cls, value: object) -> datetime:
        return parse_utc(value)


AttitudeName = Literal["+XVV", "-XVV", "docking-pitch-90", "inertial"]
Frame = Literal["lvlh", "inertial"]
MAX_TURN_DEG_S = 5.0
"""Fastest turn of a station that is still one, deg s-1."""


class StateVector(Section):
    """`station.state`: where the station is and how it moves at an instant, instead of elements."""

    utc: datetime
    pos_gcrs_km: Vector
    vel_gcrs_km_s: Vector

    @field_validator("utc", mode="before")
    @classmethod
    def _utc(cls, value: object) -> datetime:
        return parse_utc(value)


class Station(Section):
    """`[station]`: element set (`tle` text, `omm` file, or neither: the nearest shipped set) and attitude."""

    tle: str | None = None
    omm: ExistingPath | None = None
    state: StateVector | None = None
    max_age_days: float = Field(30.0, ge=0.0, le=3650.0)
    time_shift_s: float = Field(0.0, ge=-86400.0, le=86400.0)
    attitude: AttitudeName | None = None
    """A named attitude; None only when `frame` and the angles are given."""
    frame: Frame | None = None
    yaw_deg: float = Field(0.0, ge=-360.0, le=360.0)
    pitch_deg: float = Field(0.0, ge=-360.0, le=360.0)
    roll_deg: float = Field(0.0, ge=-360.0, le=360.0)
    visible: bool | None = None
    """Whether the station outside is drawn; None: from the cupola yes, before a free camera no."""
    arrays_deg: float | None = Field(None, ge=-360.0, le=360.0)
    """Turn of the solar arrays about +Y; None: they follow the Sun."""
    vehicle: Literal["none", "dragon", "cygnus", "soyuz", "nauka"] = "none"
    vehicle_distance_m: float = Field(30.0, ge=0.0, le=5000.0)
    turn_deg_s: Vector = (0.0, 0.0, 0.0)
    """Rate at mid-exposure beyond that of the frame, about the body's X, Y, Z: a station in a manoeuvre."""

    @model_validator(mode="before")
    @classmethod
    def _one_attitude(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        sources = [name for name in ("tle", "omm", "state") if data.get(name) is not None]
        if len(sources) > 1:
            both = f"both {sources[0]} and {sources[1]} are given"
            raise ConflictError(sources[1], f"{both}: one element source is allowed: remove one of them")
        angles = [k for k in ("yaw_deg", "pitch_deg", "roll_deg") if data.get(k)]
        if data.get("frame") is None:
            if angles:
                raise ConflictError(
                    angles[0],
                    f'{angles[0]} without a frame: angles need frame = "lvlh" or "inertial": add the frame',
                )
            return data if data.get("attitude") is not None else {**data, "attitude": "+XVV"}
        if data.get("attitude") is not None:
            raise ConflictError("frame", "both attitude and frame are given: one is allowed: remove one of them")
        return data

    @field_validator("turn_deg_s")
    @classmethod
    def _slow(cls, value: tuple[float, float, float]) -> tuple[float, float, float]:
        if any(abs(part) > MAX_TURN_DEG_S for part in value):
            raise ValueError(f"each must be -{MAX_TURN_DEG_S:g} to {MAX_TURN_DEG_S:g}: change it")
        return value

    @field_validator("tle")
    @classmethod
    def _two_lines(cls, value: str | None) -> str | None:
        if value is None:
            return None
        lines = [line for line in value.splitlines() if line.strip()]
        starts = [line.lstrip()[:2] for line in lines[-2:]]
        omm = value.lstrip("\ufeff \t\r\n")[:1] in ("[", "{", "<") or "MEAN_MOTION" in value  # standard input's
        if starts != ["1 ", "2 "] and not omm:
            raise ValueError(
                'not a two-line element set: a line that starts with "1 " and one that starts with "2 " are '
                "wanted, a title line before them is allowed: copy both lines as published"
            )
        return value


class PointLimb(Section):
    """Towards the limb: azimuth from LVLH +X towards starboard (+Y), lowest point of the ray above WGS84."""

    azimuth_deg: float = Field(0.0, ge=-360.0, le=360.0)
    tangent_km: float = Field(90.0, ge=-100.0, le=1e5)


class PointGround(Section):
    """Towards a place: geodetic latitude, longitude, height above WGS84."""

    lat_deg: float = Field(ge=-90.0, le=90.0)
    lon_deg: float = Field(ge=-180.0, le=360.0)
    alt_km: float = Field(0.0, ge=-1.0, le=100.0)


class PointSky(Section):
    """Towards a GCRS (ICRS) direction."""

    ra_deg: float = Field(ge=-360.0, le=360.0)
    dec_deg: float = Field(ge=-90.0, le=90.0)


class PointBody(Section):
    """Fixed to the station: azimuth from its +X towards +Y, elevation up from its XY plane."""

    azimuth_deg: float = Field(0.0, ge=-360.0, le=360.0)
    elevation_deg: float = Field(0.0, ge=-90.0, le=90.0)


class PointAxesGcrs(Section):
    """The camera's axes in GCRS, of a solved photograph; unit vectors, right x down = forward."""

    right: Vector
    down: Vector
    forward: Vector

    @model_validator(mode="after")
    def _orthonormal(self) -> Self:
        rows = (self.right, self.down, self.forward)
        for i, a in enumerate(rows):
            for j, b in enumerate(rows[: i + 1]):
                off = abs(math.fsum(p * q for p, q in zip(a, b, strict=True)) - (1.0 if i == j else 0.0))
                if off > AXES_TOLERANCE:
                    raise ValueError(
                        f"right, down and forward are not orthonormal (off by {off:.2g}, {AXES_TOLERANCE:g} "
                        "is allowed): give unit vectors at right angles with at least 7 digits"
                    )
        (r, d, f) = rows
        cross = (r[1] * d[2] - r[2] * d[1], r[2] * d[0] - r[0] * d[2], r[0] * d[1] - r[1] * d[0])
        if math.fsum(p * q for p, q in zip(cross, f, strict=True)) < 0.0:
            raise ValueError("the axes are left-handed: right x down must be forward: change the sign of one of them")
        return self


POINTINGS = ("limb", "ground", "sky", "body", "axes_gcrs")


class Point(Section):
    """`camera.point`: exactly one of the five is not None."""

    limb: PointLimb | None = None
    ground: PointGround | None = None
    sky: PointSky | None = None
    body: PointBody | None = None
    axes_gcrs: PointAxesGcrs | None = None

    @model_validator(mode="before")
    @classmethod
    def _exactly_one(cls, data: Any) -> Any:
        if isinstance(data, dict):
            given = [name for name in data if name in POINTINGS and data[name] is not None]
            allowed = ", ".join(POINTINGS)
            if len(given) > 1:
                raise ConflictError(
                    given[1],
                    f"{len(given)} ways to point are given ({', '.join(given)}): exactly one of {allowed} is "
                    "allowed: remove the others",
                )
            if not given and not set(data) - set(POINTINGS):
                raise ValueError(
                    f"no way to point is given: exactly one of {allowed} is wanted: add for example "
                    "camera.point.limb = { azimuth_deg = 0.0, tangent_km = 90.0 }"
                )
        return data

    @property
    def kind(self) -> str:
        """Name of the way to point that is used."""
        return next(name for name in POINTINGS if getattr(self, name) is not None)


class Camera(Section):
    """`[camera]`: body, lens, exposure, development, pointing; `f_px`, `cx_px`, `cy_px` None: of the body."""

    mount: Literal["free", "cupola"] = "cupola"
    window: int | None = Field(None, ge=1, le=7)
    """Of the cupola; None: the one nearest to the line of sight."""
    body: str = "nikon-d5"
    lens: str = "standard"
    focal_mm: float = Field(28.0, ge=1.0, le=2000.0)
    f_number: float = Field(1.4, ge=0.5, le=64.0)
    focus_km: float = Field(1e6, ge=1e-4, le=1e6)
    shutter_s: Shutter = Field(0.2, ge=1e-6, le=3600.0)
    iso: float = Field(10000.0, ge=50.0, le=3.3e6)
    white_balance_k: float = Field(4550.0, ge=1500.0, le=25000.0)
    ev: float = Field(0.0, ge=-20.0, le=20.0)
    tone: Literal["neutral", "linear", "film"] = "neutral"
    lens_correction: bool = True
    track: Literal["none", "ground", "stars"] = "none"
    shake: Literal["none", "clamped", "braced", "loose"] = "clamped"
    roll_deg: float = Field(0.0, ge=-360.0, le=360.0)
    point: Point
    f_px: float | None = Field(None, gt=0.0, le=1e6)
    cx_px: float | None = Field(None, ge=-1e5, le=1e5)
    cy_px: float | None = Field(None, ge=-1e5, le=1e5)
    k1: float = Field(0.0, ge=-1.0, le=1.0)
    sensor_seed: int = Field(0, ge=0, le=2**32 - 1)
    fixed_pattern: float = Field(0.0, ge=0.0, le=100.0)
    months_in_orbit: float = Field(0.0, ge=0.0, le=1200.0)
    cosmic_rays: float = Field(0.0, ge=0.0, le=1000.0)
    bayer: bool = False


class Cupola(Section):
    """`[cupola]`: shutters, cabin light, the panes' reflections, the eye's distance; for `mount = "cupola"` only."""

    shutters: float = Field(1.0, ge=0.0, le=1.0)
    interior: Literal["off", "dim", "lit"] = "off"
    reflections: float = Field(1.0, ge=0.0, le=1e3)
    distance_m: float = Field(0.45, ge=0.05, le=2.0)


class Image(Section):
    """`[image]`: size of the picture."""

    width_px: int = Field(1500, ge=1, le=MAX_SIDE_PX)
    height_px: int = Field(1000, ge=1, le=MAX_SIDE_PX)

    @model_validator(mode="after")
    def _not_huge(self) -> Self:
        if self.width_px * self.height_px > MAX_PICTURE_PX:
            raise ValueError(
                f"{self.width_px} x {self.height_px} is {self.width_px * self.height_px / 1e6:.0f} "
                f"megapixels: at most {MAX_PICTURE_PX // 1_000_000} are allowed: make it smaller"
            )
        return self


class Uniform(Section):
    """`atmosphere.uniform`: the place whose profile is used everywhere."""

    lat_deg: float = Field(ge=-90.0, le=90.0)
    lon_deg: float = Field(ge=-180.0, le=360.0)


class Atmosphere(Section):
    """`[atmosphere]`: activity, climatology, horizontal structure, profiles of one's own."""

    f107: float = Field(85.0, ge=50.0, le=500.0)
    f107a: float = Field(85.0, ge=50.0, le=400.0)
    ap: float = Field(5.0, ge=0.0, le=400.0)
    climatology: float = Field(1.0, ge=0.0, le=1.0)
    waves: float = Field(1.0, ge=0.0, le=10.0)
    seed: int = Field(0, ge=0, le=2**32 - 1)
    profile: ExistingPath | None = None
    uniform: Uniform | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_profile(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("profile") is not None and data.get("uniform") is not None:
            raise ConflictError("uniform", "both profile and uniform are given: one is allowed: remove one of them")
        return data


class Airglow(Section):
    """`[airglow]`: a factor on each emission, and a shift of all layers below 130 km."""

    shift_km: float = Field(0.0, ge=-10.0, le=10.0)
    na589: float = Field(1.0, ge=0.0, le=1e6)
    oi558: float = Field(1.0, ge=0.0, le=1e6)
    oi630: float = Field(1.0, ge=0.0, le=1e6)
    oh: float = Field(1.0, ge=0.0, le=1e6)
    o2: float = Field(1.0, ge=0.0, le=1e6)
    continuum: float = Field(1.0, ge=0.0, le=1e6)


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


class Eye(Section):
    """`[eye]`: what a person at the window sees instead of the camera's picture."""

    enabled: bool = False
    cabin_cd_m2: float = Field(0.0, ge=0.0, le=1e4)
    dark_min: float = Field(0.0, ge=0.0, le=1e3)
    white_cd_m2: float = Field(0.3, ge=1e-4, le=1e5)
    acuity: float = Field(1.0, ge=0.1, le=100.0)
    noise: float = Field(0.0, ge=0.0, le=100.0)


Ease = Literal["smooth", "linear", "hold"]


class Key(Section):
    """`[[video.key]]`: a moment of the timeline; what else stands in it are values in the scene's own shape.

    `scene.video` checks those values; `model_extra` holds them, `{"camera": {"focal_mm": 28.0}}`.
    """

    model_config = ConfigDict(extra="allow")

    at_s: float = Field(ge=0.0, le=1e6)
    ease: Ease = "smooth"


class Manoeuvre(Section):
    """A turn of the station to a named attitude (`to`), or to a frame and angles, at a highest rate."""

    to: AttitudeName | None = None
    frame: Frame | None = None
    yaw_deg: float = Field(0.0, ge=-360.0, le=360.0)
    pitch_deg: float = Field(0.0, ge=-360.0, le=360.0)
    roll_deg: float = Field(0.0, ge=-360.0, le=360.0)
    rate_deg_s: float = Field(0.15, ge=0.01, le=2.0)

    @model_validator(mode="before")
    @classmethod
    def _one_target(cls, data: Any) -> Any:
        if isinstance(data, dict) and not set(data) - set(cls.model_fields):
            named, framed = data.get("to") is not None, data.get("frame") is not None
            angles = [k for k in ("yaw_deg", "pitch_deg", "roll_deg") if data.get(k)]
            if named and (framed or angles):
                other = "frame" if framed else angles[0]
                raise ConflictError(other, f"both to and {other} are given: one is allowed: remove one of them")
            if not named and not framed:
                raise ValueError(
                    "no attitude to turn to: to, or frame and angles, is wanted: add for example "
                    'to = "docking-pitch-90"'
                )
        return data


class Event(Section):
    """`[[video.event]]`: what happens once on the timeline."""

    at_s: float = Field(ge=0.0, le=1e6)
    manoeuvre: Manoeuvre


class Video(Section):
    """`[video]`: length and rhythm of a timeline, its keys and events; a still picture does not use it."""

    duration_s: float = Field(120.0, gt=0.0, le=1e6)
    interval_s: float = Field(0.5, gt=0.0, le=1e5)
    fps: float = Field(25.0, gt=0.0, le=1000.0)
    key: Annotated[tuple[Key, ...], BeforeValidator(_as_tuple)] = ()
    event: Annotated[tuple[Event, ...], BeforeValidator(_as_tuple)] = ()


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
