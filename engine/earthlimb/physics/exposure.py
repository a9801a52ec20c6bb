"""A camera body and its exposure: how many electrons a radiance or a point source makes in an image pixel."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from earthlimb.errors import UsageError
from earthlimb.resources import asset

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
            When there is no such body, or the file misses a number or has one of the wrong kind.
        """
        if not str(name).endswith(".toml"):
            shipped = _shipped()
            if str(name) not in shipped:
                raise UsageError(f"camera.body: {name!r}: allowed are {', '.join(shipped)} or a .toml file: name one")
            return shipped[str(name)]
        path = Path(name)
        try:
            return _of_text(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}: a readable body file is needed: check the path") from error
        except KeyError as error:
            raise UsageError(f"{path}: {error.args[0]} is missing: a body has every key of nikon-d5: add it") from error
        except (ValueError, TypeError) as error:
            raise UsageError(f"{path}: {error}: the keys and kinds of nikon-d5.toml are allowed: mend it") from error

    @classmethod
    def _from_toml(cls, data: dict[str, Any]) -> CameraBody:
        sensor, noise, response = data["sensor"], data["sensor"]["read_noise"], data["response"]
        development, hot = data["development"], sensor["hot"]
        saturation = sensor.get("saturation") or {"iso": [100.0], "electrons": [sensor["saturation_e_iso100"]]}
        return cls(
            name=str(data["name"]),
            sensor_long_mm=float(sensor["long_mm"]),
            sensor_short_mm=float(sensor["short_mm"]),
            photosites_long=int(sensor["photosites"][0]),
            photosites_short=int(sensor["photosites"][1]),
            saturation_iso=_rising("sensor.saturation.iso", saturation["iso"]),
            saturation_e_by_iso=_like("sensor.saturation.electrons", saturation["electrons"], saturation["iso"]),
            bits=int(sensor["bits"]),
            black_dn=float(sensor["black_dn"]),
            white_dn=float(sensor["white_dn"]),
            prnu=float(sensor["prnu"]),
            dsnu_e=float(sensor["dsnu_e"]),
            dark_e_s=float(sensor["dark_e_s"]),
            hot_share_new=float(hot["share_new"]),
            hot_share_per_month=float(hot["share_per_month"]),
            hot_mean_e_s=float(hot["mean_e_s"]),
            read_noise_iso=_rising("sensor.read_noise.iso", noise["iso"]),
            read_noise_e=_like("sensor.read_noise.electrons", noise["electrons"], noise["iso"]),
            curves=str(response["curves"]),
            reference_nm=float(response["reference_nm"]),
            green_qe=float(response["green_qe"]),
            neutral_k=float(response["neutral_k"]),
            neutral_gain=_three(response["neutral_gain"]),
            matrix=tuple(_three(row) for row in development["matrix"]),
            baseline_ev=float(development["baseline_ev"]),
        )

    @property
    def pitch_um(self) -> float:
        """Distance of neighbouring photosites, um.

        Examples
        --------
        >>> round(CameraBody.load("nikon-d5").pitch_um, 3)
        6.448
        """
        return self.sensor_long_mm * 1e3 / self.photosites_long

    def photosites_per_px(self, width_px: int, height_px: int) -> float:
        """How many photosites an image pixel stands for: (long side in photosites / in pixels) squared."""
        return (self.photosites_long / max(width_px, height_px)) ** 2

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
    paths = sorted(asset("bodies").glob("*.toml"))
    return {path.stem: _of_text(path.read_text(encoding="utf-8")) for path in paths}


@lru_cache(maxsize=32)
def _of_text(text: str) -> CameraBody:
    """The body that a file's text describes; the same text is read for every frame."""
    return CameraBody._from_toml(tomllib.loads(text))


def _three(values: list[float]) -> tuple[float, float, float]:
    """Three floats, or a ValueError that says what was given."""
    if len(values) != 3:
        raise ValueError(f"{values}: three numbers are needed")
    return float(values[0]), float(values[1]), float(values[2])


def _rising(name: str, values: list[float]) -> tuple[float, ...]:
    """Positive numbers, each larger than the one before it, or a ValueError that says what was given."""
    numbers = tuple(float(v) for v in values)
    if not numbers or numbers[0] <= 0.0 or any(b <= a for a, b in pairwise(numbers)):
        raise ValueError(f"{name} = {values}: positive numbers that rise are needed")
    return numbers


def _like(name: str, values: list[float], other: list[float]) -> tuple[float, ...]:
    """Positive numbers, as many as the other list has."""
    numbers = tuple(float(v) for v in values)
    if len(numbers) != len(other) or min(numbers) <= 0.0:
        raise ValueError(f"{name} = {values}: {len(other)} positive numbers are needed")
    return numbers


def electrons_per_radiance(
    body: CameraBody,
    f_number: float,
    shutter_s: float,
    width_px: int,
    height_px: int,
    transmission: float = STANDARD_TRANSMISSION,
) -> float:
    """Electrons in an image pixel on the axis per unit of the camera response (electrons s-1 m-2 sr-1).

    Notes
    -----
    pi / (4 N^2) T A t n: the irradiance behind a lens of f-number N and transmission T, on n photosites of
    area A for t seconds. Lens distance effects are nil for a lens at infinity.
    """
    area_m2 = (body.pitch_um * 1e-6) ** 2 * body.photosites_per_px(width_px, height_px)
    return float(np.pi / (4.0 * f_number**2) * transmission * area_m2 * shutter_s)


def electrons_per_irradiance(
    f_number: float, shutter_s: float, focal_mm: float, transmission: float = STANDARD_TRANSMISSION
) -> float:
    """Electrons of a point source, all pixels together, per unit of the camera response (electrons s-1 m-2).

    The entrance aperture pi/4 (f/N)^2 times transmission and time.
    """
    aperture_m2 = np.pi / 4.0 * (focal_mm * 1e-3 / f_number) ** 2
    return float(aperture_m2 * transmission * shutter_s)
