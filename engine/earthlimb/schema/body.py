"""A camera body's file: its keys, and what each may be. assets/bodies/*.toml say what the numbers mean and whence."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from earthlimb.schema.section import ConflictError, Section, as_tuple, number, numbers

PITCH_UM = (0.3, 100.0)
"""Distance of neighbouring photosites; outside a length has another unit, or a count lacks a digit."""
_ALIKE = 1.1
"""Photosites are square: their distances along both sides, rounded to the maker's millimetres, differ by less."""

Count = Annotated[int, Field(ge=16, le=30000)]
Iso = Annotated[float, Field(ge=1.0, le=1e7)]
Electrons = Annotated[float, Field(ge=0.01, le=1e8)]
Gain = Annotated[float, Field(ge=0.05, le=20.0)]
Weight = Annotated[float, Field(ge=-20.0, le=20.0)]
Listed = BeforeValidator(as_tuple)
Isos = Annotated[tuple[Iso, ...], Listed, numbers("numbers from 1 to 1e7, each above the one before it,", 1)]


class ByIso(Section):
    """`[sensor.saturation]` or `[sensor.read_noise]`: electrons of one photosite by ISO."""

    iso: Isos
    electrons: Annotated[tuple[Electrons, ...], Listed, numbers("numbers from 0.01 to 1e8, as many as in iso,", 1)]

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if any(b <= a for a, b in pairwise(self.iso)):
            raise ConflictError("iso", "each number must be above the one before it: sort both lists")
        if len(self.electrons) != len(self.iso):
            raise ConflictError(
                "electrons", f"{len(self.electrons)} numbers, iso has {len(self.iso)}: as many are wanted: pair them"
            )
        return self


class Hot(Section):
    """`[sensor.hot]`: photosites with a dark current far above the others."""

    share_new: float = number(0.0, 0.1)
    share_per_month: float = number(0.0, 0.1)
    mean_e_s: float = number(0.0, 1e6)


class Sensor(Section):
    """`[sensor]`: size, levels, noise."""

    long_mm: float = number(1.0, 100.0)
    short_mm: float = number(1.0, 100.0)
    photosites: Annotated[
        tuple[Count, Count],
        Listed,
        numbers("two whole numbers from 16 to 30000, along the long side and the short one,"),
    ]
    saturation_e_iso100: float | None = number(1.0, 1e8, default=None)
    saturation: ByIso | None = None
    bits: int = number(8, 32)
    black_dn: float = number(0.0, 4e9)
    white_dn: float = number(1.0, 4.3e9)
    prnu: float = number(0.0, 0.5)
    dsnu_e: float = number(0.0, 1e4)
    dark_e_s: float = number(0.0, 1e6)
    hot: Hot
    read_noise: ByIso

    @model_validator(mode="after")
    def _one_sensor(self) -> Self:
        if self.short_mm > self.long_mm:
            raise ConflictError("short_mm", f"at most long_mm, {self.long_mm:g}, is allowed: exchange the two")
        pitches = [1e3 * side / n for side, n in zip((self.long_mm, self.short_mm), self.photosites, strict=True)]
        apart = " and ".join(f"{pitch:.4g}" for pitch in pitches)
        low, high = PITCH_UM
        if not (low <= min(pitches) and max(pitches) <= high):
            raise ConflictError(
                "photosites", f"{apart} um apart on the sensor: {low:g} to {high:g} are allowed: change them or the mm"
            )
        if max(pitches) > _ALIKE * min(pitches):
            raise ConflictError(
                "photosites",
                f"{apart} um apart along the long and the short side: square ones are wanted: "
                "change them or long_mm and short_mm",
            )
        if self.black_dn >= self.white_dn:
            raise ConflictError("white_dn", f"more than black_dn, {self.black_dn:g}, is wanted: change one of them")
        if self.white_dn > 2**self.bits - 1:
            raise ConflictError(
                "white_dn", f"{self.bits} bits hold at most {2**self.bits - 1}: change it or sensor.bits"
            )
        if (self.saturation is None) == (self.saturation_e_iso100 is None):
            given = "both it and sensor.saturation are" if self.saturation else "neither it nor [sensor.saturation] is"
            raise ConflictError(
                "saturation_e_iso100", f"{given} given: one number, or a table by ISO, is wanted: give one of them"
            )
        return self


class Response(Section):
    """`[response]`: quantum efficiency and filters."""

    curves: Literal["nikon_5100_npl"] = Field(description='a shipped set of curves is wanted, "nikon_5100_npl"')
    reference_nm: float = number(450.0, 600.0)
    """Where the curves' green is more than a tenth of its best."""
    green_qe: float = number(0.001, 1.0)
    neutral_k: float = number(1500.0, 25000.0)
    neutral_gain: Annotated[
        tuple[Gain, Gain, Gain], Listed, numbers("three numbers from 0.05 to 20, of red, green and blue,")
    ]


Row = tuple[Weight, Weight, Weight]


class Development(Section):
    """`[development]`: from white-balanced raw to linear sRGB, and the brightness of EV 0."""

    matrix: Annotated[tuple[Row, Row, Row], Listed, numbers("three rows of three numbers from -20 to 20")]
    baseline_ev: float = number(-10.0, 10.0)

    @model_validator(mode="after")
    def _grey_stays_grey(self) -> Self:
        for i, row in enumerate(self.matrix):
            if abs(sum(row) - 1.0) > 0.01:
                raise ConflictError(
                    "matrix", f"row {i + 1} adds up to {sum(row):.4g}: 1 is wanted, so that grey stays grey: scale it"
                )
        return self


class BodyFile(Section):
    """A whole file."""

    name: str = Field(min_length=1, max_length=200, description="a text of 1 to 200 characters is wanted")
    sensor: Sensor
    response: Response
    development: Development
