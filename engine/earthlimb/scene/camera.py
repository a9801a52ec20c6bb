"""`[camera]`, `[image]` and `[eye]`: what takes the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    WrapValidator,
    model_serializer,
    model_validator,
)

from earthlimb.scene.point import Point
from earthlimb.schema.section import Section

MAX_SIDE_PX = 16384
"""Longest side of a picture, px: the texture limit of OpenGL 4.1 drivers."""
MAX_PICTURE_PX = 100_000_000
"""Most pixels of a picture; above it the float layers alone need several GB."""


class AutoShutter(float):
    """The open time of a scene that says `shutter_s = "auto"`: a number [s] only until a meter has looked."""

    def __new__(cls) -> Self:
        """The placeholder, a little off any round time so that it equals none."""
        return super().__new__(cls, 0.2000001)

    def __reduce__(self) -> tuple[type[Self], tuple[()]]:
        """A copy, or a scene that goes to another process, says "auto" as well: `float` would call it with a number."""
        return type(self), ()


def _auto_or_number(value: Any, number: Callable[[Any], float]) -> float:
    if isinstance(value, AutoShutter) or (isinstance(value, str) and value == "auto"):
        return AutoShutter()
    if isinstance(value, str):
        raise ValueError('a number from 1e-06 to 3600, or "auto" for a meter\'s choice, is wanted: change it')
    return number(value)


def _auto_text(value: float) -> float | str:
    return "auto" if isinstance(value, AutoShutter) else value


Shutter = Annotated[float, WrapValidator(_auto_or_number), PlainSerializer(_auto_text, when_used="json")]


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

    @model_serializer(mode="wrap")
    def _said(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Every value but a focal length that a lens in pixels has nothing to do with: written out it would be that
        of a crop's lens."""
        data: dict[str, Any] = whole(self)
        if self.f_px is not None and "focal_mm" not in self.model_fields_set:
            data.pop("focal_mm", None)
        return data


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


class Eye(Section):
    """`[eye]`: what a person at the window sees instead of the camera's picture."""

    enabled: bool = False
    cabin_cd_m2: float = Field(0.0, ge=0.0, le=1e4)
    dark_min: float = Field(0.0, ge=0.0, le=1e3)
    white_cd_m2: float = Field(0.3, ge=1e-4, le=1e5)
    acuity: float = Field(1.0, ge=0.1, le=100.0)
    noise: float = Field(0.0, ge=0.0, le=100.0)
