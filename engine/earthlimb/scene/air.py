"""`[atmosphere]` and `[airglow]`: the air and what glows in it."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from earthlimb.constants import EMISSIONS
from earthlimb.scene.section import ExistingPath
from earthlimb.schema.section import ConflictError, Section


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

    @property
    def factors(self) -> tuple[float, ...]:
        """Those of all six, in the order of EMISSIONS."""
        return tuple(getattr(self, name) for name in EMISSIONS)
