"""`[station]` and `[cupola]`: orbit, attitude, what is drawn of the station, the dome."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from earthlimb.scene.section import ExistingPath, Utc, Vector
from earthlimb.schema.section import ConflictError, Section

AttitudeName = Literal["+XVV", "-XVV", "docking-pitch-90", "inertial"]
Frame = Literal["lvlh", "inertial"]
MAX_TURN_DEG_S = 5.0
"""Fastest turn of a station that is still one, deg s-1."""


class StateVector(Section):
    """`station.state`: where the station is and how it moves at an instant, instead of elements."""

    utc: Utc
    pos_gcrs_km: Vector
    vel_gcrs_km_s: Vector


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


class Cupola(Section):
    """`[cupola]`: shutters, cabin light, the panes' reflections, the eye's distance; for `mount = "cupola"` only."""

    shutters: float = Field(1.0, ge=0.0, le=1.0)
    interior: Literal["off", "dim", "lit"] = "off"
    reflections: float = Field(1.0, ge=0.0, le=1e3)
    distance_m: float = Field(0.45, ge=0.05, le=2.0)
