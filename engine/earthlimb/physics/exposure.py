"""A camera body and its exposure: how many electrons a radiance or a point source makes in an image pixel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from earthlimb.errors import UsageError
from earthlimb.resources import asset
from earthlimb.schema.body import BodyFile
from earthlimb.schema.gear import read_body

STANDARD_TRANSMISSION = 0.85
"""Of a fast lens with coatings, and of the lens `standard`."""


@dataclass(frozen=True)
class CameraBody:
    """The numbers of a camera body file (assets/bodies/*.toml holds their sources)."""

    name: str
    sensor_long_mm: float
    sensor_short_mm: float
    photosites_long: int
    photosites_short: int
    saturation_iso: tuple[float, ...]
    saturation_e_by_iso: tuple[float, ...]
    """Electrons at which one photosite saturates at those ISO, see `saturation_e`."""
    bits: int
    black_dn: float
    white_dn: float
    prnu: float
    """Spread of the photosites' gain."""
    dsnu_e: float
    """Spread of the photosites' offset, electrons."""
    dark_e_s: float
    hot_share_new: float
    hot_share_per_month: float
    hot_mean_e_s: float
    read_noise_iso: tuple[float, ...]
    read_noise_e: tuple[float, ...]
    curves: str
    reference_nm: float
    green_qe: float
    neutral_k: float
    neutral_gain: tuple[float, float, float]
    matrix: tuple[tuple[float, float, float], ...]
    """White-balanced raw to linear sRGB, rows sum to 1."""
    baseline_ev: float

    @classmethod
    def load(cls, name: str | Path) -> CameraBody:
        """Read a shipped body by name, or a body file by its path.

        Raises
        ------
        UsageError
            When there is no such body, or a value of the file is missing, unknown or not allowed.
        """
        if not str(name).endswith(".toml"):
            shipped = _shipped()
            if str(name) not in shipped:
                raise UsageError(f"camera.body: {name!r}: allowed are {', '.join(shipped)} or a .toml file: name one")
            return shipped[str(name)]
        return _of_file(read_body(Path(name)))

    @property
    def pitch_um(self) -> float:
        """Distance of neighbouring photosites, um.

        Examples
        --------
        >>> round(CameraBody.load("nikon-d5").pitch_um, 3)
        6.448
        """
        return self.sensor_long_mm * 1e3 / self.photosites_long

    def pixel_um(self, width_px: int, height_px: int, crop: float = 1.0) -> float:
        """Size of an image pixel on the sensor, um: its long side is the picture's times `crop`, see `Lens.crop`.

        Everything that depends on how large a pixel is follows from this: photosites, electrons, vignetting, widths.
        """
        return self.sensor_long_mm * 1e3 / (max(width_px, height_px) * crop)

    def photosites_per_px(self, width_px: int, height_px: int, crop: float = 1.0) -> float:
        """How many photosites an image pixel stands for: (sensor's long side in photosites / in pixels) squared.

        Examples
        --------
        >>> d5 = CameraBody.load("nikon-d5")
        >>> d5.photosites_per_px(300, 200, crop=2.0) == d5.photosites_per_px(600, 400)
        True
        """
        return (self.photosites_long / (max(width_px, height_px) * crop)) ** 2

    def half_diagonal_px(self, width_px: int, height_px: int, crop: float = 1.0) -> float:
        """Half the sensor's diagonal in pixels of the picture."""
        half_um = 0.5 * float(np.hypot(self.sensor_long_mm, self.sensor_short_mm)) * 1e3
        return half_um / self.pixel_um(width_px, height_px, crop)

    def saturation_e(self, iso: float) -> float:
        """Electrons at which one photosite saturates; in the table linear in the logarithms, beyond it as 1/ISO.

        Examples
        --------
        >>> CameraBody.load("nikon-d5").saturation_e(10000.0)
        1130.0
        """
        if len(self.saturation_iso) == 1:
            return self.saturation_e_by_iso[0] * self.saturation_iso[0] / iso
        within = min(max(iso, self.saturation_iso[0]), self.saturation_iso[-1])
        inside = np.interp(np.log(within), np.log(self.saturation_iso), np.log(self.saturation_e_by_iso))
        return float(np.exp(inside)) * within / iso

    def electrons_per_dn(self, iso: float) -> float:
        """Electrons of one photosite in a step of the raw file's numbers.

        Examples
        --------
        >>> round(CameraBody.load("nikon-d5").electrons_per_dn(800.0), 3)
        0.934
        """
        return self.saturation_e(iso) / (self.white_dn - self.black_dn)

    def read_noise_at(self, iso: float) -> float:
        """Read noise of one photosite, electrons; between the table's entries linear in the logarithms."""
        noise = np.interp(np.log(iso), np.log(self.read_noise_iso), np.log(self.read_noise_e))
        return float(np.exp(noise))


@cache
def _shipped() -> dict[str, CameraBody]:
    """What the installation's body files describe, by name."""
    return {path.stem: _of_file(read_body(path)) for path in sorted(asset("bodies").glob("*.toml"))}


@lru_cache(maxsize=32)
def _of_file(file: BodyFile) -> CameraBody:
    """The body that a checked file describes."""
    sensor, response = file.sensor, file.response
    saturation, noise, hot = sensor.saturation, sensor.read_noise, sensor.hot
    return CameraBody(
        name=file.name,
        sensor_long_mm=sensor.long_mm,
        sensor_short_mm=sensor.short_mm,
        photosites_long=sensor.photosites[0],
        photosites_short=sensor.photosites[1],
        saturation_iso=saturation.iso if saturation else (100.0,),
        saturation_e_by_iso=saturation.electrons if saturation else (sensor.saturation_e_iso100 or 0.0,),
        bits=sensor.bits,
        black_dn=sensor.black_dn,
        white_dn=sensor.white_dn,
        prnu=sensor.prnu,
        dsnu_e=sensor.dsnu_e,
        dark_e_s=sensor.dark_e_s,
        hot_share_new=hot.share_new,
        hot_share_per_month=hot.share_per_month,
        hot_mean_e_s=hot.mean_e_s,
        read_noise_iso=noise.iso,
        read_noise_e=noise.electrons,
        curves=response.curves,
        reference_nm=response.reference_nm,
        green_qe=response.green_qe,
        neutral_k=response.neutral_k,
        neutral_gain=response.neutral_gain,
        matrix=file.development.matrix,
        baseline_ev=file.development.baseline_ev,
    )


def electrons_per_radiance(
    body: CameraBody,
    f_number: float,
    shutter_s: float,
    width_px: int,
    height_px: int,
    transmission: float = STANDARD_TRANSMISSION,
    crop: float = 1.0,
) -> float:
    """Electrons in an image pixel on the axis per unit of the camera response (electrons s-1 m-2 sr-1).

    Notes
    -----
    pi / (4 N^2) T A t n: the irradiance behind a lens of f-number N and transmission T, on n photosites of
    area A for t seconds. Lens distance effects are nil for a lens at infinity.
    """
    area_m2 = (body.pitch_um * 1e-6) ** 2 * body.photosites_per_px(width_px, height_px, crop)
    return float(np.pi / (4.0 * f_number**2) * transmission * area_m2 * shutter_s)


def electrons_per_irradiance(
    f_number: float, shutter_s: float, focal_mm: float, transmission: float = STANDARD_TRANSMISSION
) -> float:
    """Electrons of a point source, all pixels together, per unit of the camera response (electrons s-1 m-2).

    The entrance aperture pi/4 (f/N)^2 times transmission and time.
    """
    aperture_m2 = np.pi / 4.0 * (focal_mm * 1e-3 / f_number) ** 2
    return float(aperture_m2 * transmission * shutter_s)
