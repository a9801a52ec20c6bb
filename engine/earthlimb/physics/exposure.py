"""A camera body and its exposure: how many electrons a radiance or a point source makes in an image pixel."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from earthlimb.errors import UsageError
from earthlimb.resources import asset


@dataclass(frozen=True)
class CameraBody:
    """The numbers of a camera body file (assets/bodies/*.toml holds their sources)."""

    name: str
    sensor_long_mm: float
    sensor_short_mm: float
    photosites_long: int
    photosites_short: int
    saturation_e_iso100: float
    bits: int
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
    lens_transmission: float
    mechanical_vignetting_ev: float
    mechanical_open_f_number: float
    mechanical_stops: float
    halo_fraction: float
    halo_start_um: float

    @classmethod
    def load(cls, name: str | Path) -> CameraBody:
        """Read a shipped body by name, or a body file by its path.

        Raises
        ------
        UsageError
            When there is no such body, or the file misses a number or has one of the wrong kind.
        """
        path = Path(name)
        if path.suffix != ".toml":
            shipped = {p.stem: p for p in sorted(asset("bodies").glob("*.toml"))}
            if str(name) not in shipped:
                raise UsageError(f"camera.body: {name!r}: allowed are {', '.join(shipped)} or a .toml file: name one")
            path = shipped[str(name)]
        try:
            return cls._from_toml(tomllib.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}: a readable body file is needed: check the path") from error
        except KeyError as error:
            raise UsageError(f"{path}: {error.args[0]} is missing: a body has every key of nikon-d5: add it") from error
        except (ValueError, TypeError) as error:
            raise UsageError(f"{path}: {error}: the keys and kinds of nikon-d5.toml are allowed: mend it") from error

    @classmethod
    def _from_toml(cls, data: dict[str, Any]) -> CameraBody:
        sensor, noise, response = data["sensor"], data["sensor"]["read_noise"], data["response"]
        development, lens = data["development"], data["lens"]
        return cls(
            name=str(data["name"]),
            sensor_long_mm=float(sensor["long_mm"]),
            sensor_short_mm=float(sensor["short_mm"]),
            photosites_long=int(sensor["photosites"][0]),
            photosites_short=int(sensor["photosites"][1]),
            saturation_e_iso100=float(sensor["saturation_e_iso100"]),
            bits=int(sensor["bits"]),
            read_noise_iso=tuple(float(v) for v in noise["iso"]),
            read_noise_e=tuple(float(v) for v in noise["electrons"]),
            curves=str(response["curves"]),
            reference_nm=float(response["reference_nm"]),
            green_qe=float(response["green_qe"]),
            neutral_k=float(response["neutral_k"]),
            neutral_gain=_three(response["neutral_gain"]),
            matrix=tuple(_three(row) for row in development["matrix"]),
            baseline_ev=float(development["baseline_ev"]),
            lens_transmission=float(lens["transmission"]),
            mechanical_vignetting_ev=float(lens["mechanical_vignetting_ev"]),
            mechanical_open_f_number=float(lens["mechanical_open_f_number"]),
            mechanical_stops=float(lens["mechanical_stops"]),
            halo_fraction=float(lens["halo_fraction"]),
            halo_start_um=float(lens["halo_start_um"]),
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
        """Electrons at which one photosite saturates.

        Examples
        --------
        >>> CameraBody.load("nikon-d5").saturation_e(10000.0)
        1130.0
        """
        return self.saturation_e_iso100 * 100.0 / iso

    def read_noise_at(self, iso: float) -> float:
        """Read noise of one photosite, electrons; between the table's entries linear in the logarithms."""
        noise = np.interp(np.log(iso), np.log(self.read_noise_iso), np.log(self.read_noise_e))
        return float(np.exp(noise))

    def mechanical_ev(self, f_number: float) -> float:
        """Corner loss by the lens barrel, EV: all of it wide open, none after `mechanical_stops`."""
        stops = 2.0 * np.log2(f_number / self.mechanical_open_f_number)
        return float(self.mechanical_vignetting_ev * np.clip(1.0 - stops / self.mechanical_stops, 0.0, 1.0))


def _three(values: list[float]) -> tuple[float, float, float]:
    """Three floats, or a ValueError that says what was given."""
    if len(values) != 3:
        raise ValueError(f"{values}: three numbers are needed")
    return float(values[0]), float(values[1]), float(values[2])


def electrons_per_radiance(body: CameraBody, f_number: float, shutter_s: float, width_px: int, height_px: int) -> float:
    """Electrons in an image pixel on the axis per unit of the camera response (electrons s-1 m-2 sr-1).

    Notes
    -----
    pi / (4 N^2) T A t n: the irradiance behind a lens of f-number N and transmission T, on n photosites of
    area A for t seconds. Lens distance effects are nil for a lens at infinity.
    """
    area_m2 = (body.pitch_um * 1e-6) ** 2 * body.photosites_per_px(width_px, height_px)
    return float(np.pi / (4.0 * f_number**2) * body.lens_transmission * area_m2 * shutter_s)


def electrons_per_irradiance(body: CameraBody, f_number: float, shutter_s: float, focal_mm: float) -> float:
    """Electrons of a point source, all pixels together, per unit of the camera response (electrons s-1 m-2).

    The entrance aperture pi/4 (f/N)^2 times transmission and time.
    """
    aperture_m2 = np.pi / 4.0 * (focal_mm * 1e-3 / f_number) ** 2
    return float(aperture_m2 * body.lens_transmission * shutter_s)
