"""`[video]`: a timeline, its keys and its events."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from earthlimb.scene.station import AttitudeName, Frame
from earthlimb.schema.section import ConflictError, Section, as_tuple

Ease = Literal["smooth", "linear", "hold"]
LATEST_S = 1e6
"""Of keys and events, s."""


class Key(Section):
    """`[[video.key]]`: a moment of the timeline; what else stands in it are values in the scene's own shape.

    `scene.video` checks those values; `model_extra` holds them, `{"camera": {"focal_mm": 28.0}}`.
    """

    model_config = ConfigDict(extra="allow")

    at_s: float = Field(ge=0.0, le=LATEST_S)
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

    at_s: float = Field(ge=0.0, le=LATEST_S)
    manoeuvre: Manoeuvre


class Held(Section):
    """`video.attitude`: how the station stood at second 0 of a timeline that goes on in its midst."""

    frame: Frame
    yaw_deg: float = Field(0.0, ge=-360.0, le=360.0)
    pitch_deg: float = Field(0.0, ge=-360.0, le=360.0)
    roll_deg: float = Field(0.0, ge=-360.0, le=360.0)


class Video(Section):
    """`[video]`: length and rhythm of a timeline, its keys and events; a still picture does not use it."""

    duration_s: float = Field(120.0, gt=0.0, le=1e6)
    begin_s: float = Field(0.0, ge=-4e9, le=4e9)
    """Second of the timeline at which exposure 0 and `time.utc` are: a scene saved on the way goes on from there."""
    attitude: Held | None = None
    interval_s: float = Field(0.5, gt=0.0, le=1e5)
    fps: float = Field(25.0, ge=0.001, le=1000.0)
    """Frames a second of the file; an MP4 cannot count frames that stand for days."""
    key: Annotated[tuple[Key, ...], BeforeValidator(as_tuple)] = ()
    event: Annotated[tuple[Event, ...], BeforeValidator(as_tuple)] = ()
