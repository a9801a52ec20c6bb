"""`camera.point`: the ways to say where a camera looks."""

from __future__ import annotations

import math
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from earthlimb.scene.section import Vector
from earthlimb.schema.section import ConflictError, Section

AXES_TOLERANCE = 1e-6
"""How far `axes_gcrs` may be from orthonormal; printed solutions carry 1e-9 or better."""


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
    up: Vector | None = None
    """What is up in the picture, in the station's axes; None: the local vertical."""
    ahead: Vector | None = None
    """What is up instead where the view is within 1 degree of `up`; None: the station's +X."""

    @field_validator("up", "ahead")
    @classmethod
    def _a_direction(cls, value: tuple[float, float, float] | None) -> tuple[float, float, float] | None:
        if value is not None and not math.hypot(*value) > 0.0:
            raise ValueError("no direction: a vector that is not zero is wanted: change it")
        return value


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
