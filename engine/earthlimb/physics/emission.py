"""Volume emission rates of the six emissions over places: chemistry, climatology, the user's factors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earthlimb.constants import ALT_LOW_STEP_KM, EMISSIONS
from earthlimb.physics import chemistry
from earthlimb.physics.climatology import RED, climatology
from earthlimb.physics.composition import Composition, Source, composition
from earthlimb.physics.composition_nodes import high_altitudes_km, low_altitudes_km
from earthlimb.physics.profile_file import read_profile

Array = NDArray[np.float64]

FACTOR_RANGE = (0.02, 50.0)
"""The climatology's factor stays in this range: polar day gives some layers almost no chemistry."""


@dataclass(frozen=True)
class AtmosphereInputs:
    """What decides the emissions.

    Attributes
    ----------
    utc : datetime
        With a zone.
    f107, f107a : float
        Solar flux at 10.7 cm, daily and 81-day mean [solar flux units].
    ap : float
        Daily geomagnetic index.
    climatology : float
        1: amounts and heights as observed; 0: bare chemistry; between: factors to that power.
    factors : tuple of 6 floats
        The user's factor on each emission, order of EMISSIONS.
    shift_km : float
        Raises every layer of the low table [km].
    profile : Path or None
        File of emission rates used everywhere as given, instead of the model.
    uniform : (lat_rad, lon_rad) or None
        Place whose model profile is used everywhere.
    """

    utc: datetime
    f107: float = 85.0
    f107a: float = 85.0
    ap: float = 5.0
    climatology: float = 1.0
    factors: tuple[float, ...] = (1.0,) * len(EMISSIONS)
    shift_km: float = 0.0
    profile: Path | None = None
    uniform: tuple[float, float] | None = None


@dataclass(frozen=True)
class EmissionProfiles:
    """Volume emission rates [photon cm-3 s-1] at n places, linear between altitudes.

    Attributes
    ----------
    low : array (n, 6, 281)
        60 to 130 km, EMISSIONS order.
    high : array (n, 6, 236)
        130 to 600 km; the model has only OI 630.0 there, a profile file may have all.
    """

    low: Array
    high: Array


def chemistry_rates(air: Composition) -> EmissionProfiles:
    """Calibrated bare chemistry of a composition, with the standard Na and Fe columns.

    Notes
    -----
    `oi630` is 630.0 nm alone; one rayleigh of it carries the colour of 630.0 + 636.4 nm. It is left
    out below 130 km (4e-4 of its peak), the others above (less than 1e-4 of theirs).
    """
    alt_km = low_altitudes_km()
    low = air.low
    na_cm3 = chemistry.layer_density_cm3(alt_km, chemistry.SODIUM_LAYER_KM, chemistry.SODIUM_COLUMN_CM2)
    fe_cm3 = chemistry.layer_density_cm3(alt_km, chemistry.IRON_LAYER_KM, chemistry.IRON_COLUMN_CM2)
    o3_cm3 = chemistry.ozone_cm3(alt_km, low)
    raw = {
        "na589": chemistry.ver_na589(low, o3_cm3, na_cm3),
        "oi558": chemistry.ver_oi558(low),
        "oi630": np.zeros_like(o3_cm3),
        "oh": chemistry.ver_oh8(low, o3_cm3),
        "o2": chemistry.ver_o2_blue(low),
        "continuum": chemistry.ver_feo(low, o3_cm3, fe_cm3),
    }
    ver_low = np.stack([chemistry.CALIBRATION[name] * raw[name] for name in EMISSIONS], axis=1)
    ver_high = np.zeros((ver_low.shape[0], len(EMISSIONS), high_altitudes_km().size))
    ver_high[:, RED] = chemistry.CALIBRATION["oi630"] * chemistry.ver_oi630(air.high, air.ne_high_cm3)
    return EmissionProfiles(ver_low, ver_high)


def columns_rayleigh(ver: Array, step_km: float) -> Array:
    """Vertical columns [R] of profiles on an even grid: integral over the last axis."""
    return np.asarray(0.1 * step_km * (ver.sum(axis=-1) - 0.5 * (ver[..., 0] + ver[..., -1])))


def raised(ver: Array, shift_km: Array) -> Array:
    """Profiles (n, 6, 281) raised by shift_km (n, 6); what leaves the table is lost, zero comes in."""
    position = np.arange(ver.shape[-1]) - shift_km[..., None] / ALT_LOW_STEP_KM
    below = np.floor(position).astype(np.intp)
    share = position - below
    last = ver.shape[-1] - 1

    def at(index: NDArray[np.intp]) -> Array:
        value = np.take_along_axis(ver, np.clip(index, 0, last), axis=-1)
        return np.where((index >= 0) & (index <= last), value, 0.0)

    return np.asarray(at(below) * (1.0 - share) + at(below + 1) * share)


class EmissionModel:
    """Emission rates of one scene at any place.

    Parameters
    ----------
    inputs : AtmosphereInputs
    source : str
        Where the composition comes from; see `composition`.

    Attributes
    ----------
    sunlit_test : bool
        Whether sunlit air stays dark in the picture: not for the user's own profile.
    source : str
        `"table"`, `"msis"` or `"file"`: for the sidecar.
    """

    def __init__(self, inputs: AtmosphereInputs, source: Source = "auto") -> None:
        self.inputs = inputs
        self._composition_source: Source = source
        self.sunlit_test = inputs.profile is None
        self._file = None if inputs.profile is None else read_profile(inputs.profile)
        if self._file is not None:
            self.source = "file"
        else:
            at = inputs.uniform or (0.0, 0.0)
            self.source = self._air(np.array([at[0]]), np.array([at[1]])).source

    def _air(self, lat_rad: Array, lon_rad: Array) -> Composition:
        i = self.inputs
        return composition(i.utc, lat_rad, lon_rad, i.f107, i.f107a, i.ap, self._composition_source)

    def _model(self, lat_rad: Array, lon_rad: Array) -> tuple[EmissionProfiles, Array]:
        """Rates before the user's factors, and the climatology's shift (n, 6) [km]."""
        bare = chemistry_rates(self._air(lat_rad, lon_rad))
        strength = self.inputs.climatology
        utc = self.inputs.utc.astimezone(UTC)
        climate = climatology(lat_rad, utc.timetuple().tm_yday + utc.hour / 24.0, self.inputs.f107a)
        columns = columns_rayleigh(bare.low, ALT_LOW_STEP_KM)
        factor = climate.column_rayleigh / np.maximum(columns, 1e-12)  # polar day: no chemistry, see FACTOR_RANGE
        factor[:, RED] = climate.red_factor
        factor = np.clip(factor, *FACTOR_RANGE) ** strength
        return EmissionProfiles(
            bare.low * factor[..., None], bare.high * factor[..., None]
        ), strength * climate.shift_km

    def profiles(self, lat_rad: Array, lon_rad: Array) -> EmissionProfiles:
        """Emission rates over n places, with the scene's factors and shift.

        Parameters
        ----------
        lat_rad, lon_rad : array (n,)
            Geodetic latitude and longitude [rad].

        Returns
        -------
        EmissionProfiles
            Arrays (n, 6, 281) and (n, 6, 236); with a file or a uniform place all n are equal.
        """
        lat_rad = np.atleast_1d(np.asarray(lat_rad, dtype=np.float64))
        lon_rad = np.atleast_1d(np.asarray(lon_rad, dtype=np.float64))
        n = lat_rad.size
        if self._file is not None:
            rates, shift = (
                EmissionProfiles(self._file.low[None], self._file.high[None]),
                np.zeros((1, len(EMISSIONS))),
            )
        elif self.inputs.uniform is not None:
            lat, lon = self.inputs.uniform
            rates, shift = self._model(np.array([lat]), np.array([lon]))
        else:
            rates, shift = self._model(lat_rad, lon_rad)
        factors = np.asarray(self.inputs.factors, dtype=np.float64)[:, None]
        low = raised(rates.low * factors, shift + self.inputs.shift_km)
        high = rates.high * factors
        return EmissionProfiles(
            np.broadcast_to(low, (n, *low.shape[1:])).copy(),
            np.broadcast_to(high, (n, *high.shape[1:])).copy(),
        )
