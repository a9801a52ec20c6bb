"""A photographic lens by its numbers: transmission, vignetting, point spread over the field, halo, focus."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.errors import UsageError
from earthlimb.resources import asset
from earthlimb.schema.gear import read_lens
from earthlimb.schema.lens import LensFile

Floats = NDArray[np.float64]

STANDARD = "standard"
"""The lens of a scene that names none: any focal length, as sharp in the corner as on the axis."""
INFINITY_KM = 1e6
"""A lens focused this far away shows the stars sharp: 28 mm at f/1.4 blur them by 6e-7 um."""


@dataclass(frozen=True)
class LensModel:
    """The numbers of a lens file (assets/lenses/*.toml holds their sources).

    Attributes
    ----------
    focal_mm
        Shortest and longest focal length, None: any.
    f_number, f_number_closed
        Wide open and closed, None: any.
    k1
        Radial distortion as in the contract's "Lens and pixels".
    mechanical_ev, open_f_number, mechanical_stops
        Corner loss beyond cos^4 at `open_f_number`, gone after so many stops.
    axis_fwhm_um, corner_fwhm_um
        Full width at half maximum of the core wide open on the axis and in the corner; None: `axis_fwhm_photosites`
        of whatever sensor is behind it, everywhere.
    sharp_fwhm_um, sharp_stops
        What both become after stopping down by so many stops.
    halo_fraction, halo_start_um
        Light in the 1/r^3 halo, counted from this radius on the sensor.
    """

    name: str
    focal_mm: tuple[float, float] | None
    f_number: float | None
    f_number_closed: float | None
    k1: float
    transmission: float
    mechanical_ev: float
    open_f_number: float
    mechanical_stops: float
    axis_fwhm_photosites: float | None
    axis_fwhm_um: float
    corner_fwhm_um: float
    sharp_fwhm_um: float
    sharp_stops: float
    halo_fraction: float
    halo_start_um: float

    @classmethod
    def load(cls, name: str | Path = STANDARD) -> LensModel:
        """Read a shipped lens by name, or a lens file by its path.

        Raises
        ------
        UsageError
            When there is no such lens, or a value of the file is missing, unknown or not allowed.

        Examples
        --------
        >>> LensModel.load("nikkor-50-f1.4g").focal_mm
        (50.0, 50.0)
        """
        if not str(name).endswith(".toml"):
            shipped = _shipped()
            if str(name) not in shipped:
                raise UsageError(f"camera.lens: {name!r}: allowed are {', '.join(shipped)} or a .toml file: name one")
            return shipped[str(name)]
        return _of_file(read_lens(Path(name)))

    def stops_closed(self, f_number: float) -> float:
        """How many stops the aperture is closed from wide open."""
        return float(2.0 * np.log2(f_number / self.open_f_number))

    def mechanical_loss_ev(self, f_number: float) -> float:
        """Corner loss by the lens barrel, EV: all of it wide open, none after `mechanical_stops`."""
        stops = 2.0 * np.log2(f_number / self.open_f_number)
        return float(self.mechanical_ev * np.clip(1.0 - stops / self.mechanical_stops, 0.0, 1.0))

    def core_fwhm_photosites(self, rho: ArrayLike, f_number: float, pitch_um: float) -> Floats:
        """Full width at half maximum of the point spread's core, photosites.

        Parameters
        ----------
        rho
            Radius in the picture over half the sensor's diagonal.
        f_number, pitch_um
            Aperture, and distance of neighbouring photosites.

        Notes
        -----
        Aberrations of a fast lens grow towards the corner, here with the square of the radius, and shrink as it is
        stopped down. Estimated, see the lens's file.

        Examples
        --------
        >>> LensModel.load("nikkor-28-f1.4e").core_fwhm_photosites([0.0, 1.0], 1.4, 6.448).round(2).tolist()
        [2.99, 5.89]
        """
        radius = np.asarray(rho, np.float64)
        if self.axis_fwhm_photosites is not None:
            return np.full(radius.shape, self.axis_fwhm_photosites)
        left = float(np.clip(1.0 - self.stops_closed(f_number) / self.sharp_stops, 0.0, 1.0))
        axis = self.sharp_fwhm_um + left * (self.axis_fwhm_um - self.sharp_fwhm_um)
        corner = self.sharp_fwhm_um + left * (self.corner_fwhm_um - self.sharp_fwhm_um)
        return np.asarray((axis + (corner - axis) * radius * radius) / pitch_um)


def blur_circle_um(focal_mm: float, f_number: float, focus_km: float) -> float:
    """Diameter of the disc on the sensor that a star becomes when the lens is focused at a distance.

    Notes
    -----
    f^2 / (N (s - f)): thin lens focused at s, object at infinity. At INFINITY_KM and beyond it is nil.

    Examples
    --------
    >>> round(blur_circle_um(28.0, 1.4, 0.028), 2)   # focused 28 m away: 28^2 mm^2 / (1.4 * 27972 mm)
    20.02
    """
    if focus_km >= INFINITY_KM:
        return 0.0
    return 1e3 * focal_mm**2 / (f_number * max(focus_km * 1e6 - focal_mm, 1e-3 * focal_mm))


def disc_weight(dx_px: ArrayLike, dy_px: ArrayLike, radius_px: float) -> Floats:
    """Weight of a pixel whose centre lies so far from a disc's: 1 inside, falling over one pixel at the rim."""
    return np.clip(radius_px + 0.5 - np.hypot(np.asarray(dx_px, float), np.asarray(dy_px, float)), 0.0, 1.0)


def defocused(light: ArrayLike, radius_px: float) -> Floats:
    """(height, width, ...) light with every point spread over an even disc; the edge's pixels go on beyond it.

    Examples
    --------
    >>> defocused([[1.0, 1.0], [1.0, 1.0]], 3.0).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    data = np.asarray(light, float)
    height, width = data.shape[:2]
    n = int(np.ceil(radius_px + 0.5))
    padded = np.pad(data, [(n, n), (n, n)] + [(0, 0)] * (data.ndim - 2), mode="edge")
    total, out = 0.0, np.zeros_like(data)
    for j in range(-n, n + 1):
        for i in range(-n, n + 1):
            weight = float(disc_weight(i, j, radius_px))
            total += weight
            out += weight * padded[n + j : n + j + height, n + i : n + i + width]
    return out / total


@cache
def _shipped() -> dict[str, LensModel]:
    """What the installation's lens files describe, by name."""
    paths = sorted(asset("lenses").glob("*.toml"))
    return {path.name.removesuffix(".toml"): _of_file(read_lens(path)) for path in paths}


@lru_cache(maxsize=32)
def _of_file(file: LensFile) -> LensModel:
    """The lens that a checked file describes; what does not apply to it is 0, and 1 stop."""
    core = file.core
    return LensModel(
        name=file.name,
        focal_mm=file.focal_mm,
        f_number=file.f_number,
        f_number_closed=file.f_number_closed,
        k1=file.k1,
        transmission=file.transmission,
        mechanical_ev=file.vignetting.mechanical_ev,
        open_f_number=file.f_number or file.vignetting.open_f_number or 1.0,
        mechanical_stops=file.vignetting.mechanical_stops,
        axis_fwhm_photosites=core.axis_fwhm_photosites,
        axis_fwhm_um=core.axis_fwhm_um or 0.0,
        corner_fwhm_um=core.corner_fwhm_um or 0.0,
        sharp_fwhm_um=core.sharp_fwhm_um or 0.0,
        sharp_stops=core.sharp_stops or 1.0,
        halo_fraction=file.halo.fraction,
        halo_start_um=file.halo.start_um,
    )
