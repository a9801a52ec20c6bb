"""A lens's file: its keys, and what each may be. assets/lenses/*.toml say what the numbers mean and whence."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from earthlimb.schema.section import ConflictError, Section, as_tuple, number

Focal = Annotated[float, Field(ge=1.0, le=2000.0)]


def _both_ends(value: Any) -> Any:
    """One focal length as a zoom from it to itself."""
    single = isinstance(value, int | float) and not isinstance(value, bool)
    return (value, value) if single else as_tuple(value)


class Vignetting(Section):
    """`[vignetting]`: corner loss beyond cos^4."""

    mechanical_ev: float = number(0.0, 20.0)
    mechanical_stops: float = number(0.01, 20.0)
    open_f_number: float | None = number(0.5, 64.0, default=None)


class Core(Section):
    """`[core]`: width of the point spread, on any sensor in its photosites, or in micrometres."""

    axis_fwhm_photosites: float | None = number(0.1, 100.0, default=None)
    axis_fwhm_um: float | None = number(0.1, 500.0, default=None)
    corner_fwhm_um: float | None = number(0.1, 500.0, default=None)
    sharp_fwhm_um: float | None = number(0.1, 500.0, default=None)
    sharp_stops: float | None = number(0.01, 20.0, default=None)

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        for key in ("axis_fwhm_um", "corner_fwhm_um", "sharp_fwhm_um", "sharp_stops"):
            if self.axis_fwhm_photosites is not None and getattr(self, key) is not None:
                raise ConflictError(key, "a lens with axis_fwhm_photosites has no such value: remove one of them")
            if self.axis_fwhm_photosites is None and getattr(self, key) is None:
                raise ConflictError(key, "missing: a lens without axis_fwhm_photosites has it: add it")
        return self


class Halo(Section):
    """`[halo]`: light in the 1/r^3 halo."""

    fraction: float = number(0.0, 1.0)
    start_um: float = number(0.1, 1e4)


class LensFile(Section):
    """A whole file; without `focal_mm` a lens of any focal length and aperture."""

    name: str = Field(min_length=1, max_length=200, description="a text of 1 to 200 characters is wanted")
    focal_mm: Annotated[
        tuple[Focal, Focal] | None,
        BeforeValidator(_both_ends),
        Field(description="a number from 1 to 2000, or both ends of a zoom, such as [24, 70], is wanted"),
    ] = None
    f_number: float | None = number(0.5, 64.0, default=None)
    f_number_closed: float | None = number(0.5, 64.0, default=None)
    k1: float = number(-1.0, 1.0)
    transmission: float = number(0.01, 1.0)
    vignetting: Vignetting
    core: Core
    halo: Halo

    @model_validator(mode="after")
    def _one_aperture(self) -> Self:
        fixed, open_key = self.focal_mm is not None, "vignetting.open_f_number"
        if self.focal_mm is not None and self.focal_mm[1] < self.focal_mm[0]:
            raise ConflictError("focal_mm", "a zoom's short end comes first: exchange the two")
        for key, value in (("f_number", self.f_number), ("f_number_closed", self.f_number_closed)):
            if fixed and value is None:
                raise ConflictError(key, "missing: a lens with focal_mm has it: add it")
            if not fixed and value is not None:
                raise ConflictError(key, "a lens without focal_mm takes that of the scene: add focal_mm or remove it")
        if fixed and self.vignetting.open_f_number is not None:
            raise ConflictError(open_key, "a lens with focal_mm has f_number instead: remove it")
        if not fixed and self.vignetting.open_f_number is None:
            raise ConflictError(open_key, "missing: a lens without focal_mm has it: add it, or focal_mm and f_number")
        if self.f_number is not None and self.f_number_closed is not None and self.f_number_closed < self.f_number:
            raise ConflictError(
                "f_number_closed", f"at least f_number, {self.f_number:g}, is wanted: exchange or change them"
            )
        return self
