"""Amounts and heights of the emissions as observed: what is laid over the bare chemistry.

NRLMSIS gives the layers a good shape but not their amount: its atomic oxygen has the wrong season and
tide at the one observatory with a long record, and next to no solar cycle. So the climatology takes
the shape of each layer from the chemistry and sets its vertical column itself:

    column = photographed amount x solar cycle x season x latitude

Dividing by the chemistry's own column counts neither season nor solar cycle nor the sodium column
twice. OI 630.0 nm is the exception: its chemistry runs on the ionosphere's electron density, which has
season, solar cycle and the equatorial anomaly in it, so it gets a plain factor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from earthlimb.constants import EMISSIONS

Array = NDArray[np.float64]

NA, OI, RED, OH, O2, CONTINUUM = range(len(EMISSIONS))

TYPICAL_COLUMN_RAYLEIGH: Final = (1.6 * 30.69, 0.55 * 232.9, 0.0, 1.8 * 319.3, 0.40 * 191.3, 0.25 * 568.4)
"""Zenith brightness on a quiet night of F10.7 = 110, |latitude| < 40 deg [R], in the order of EMISSIONS.

The second number is the calibrated chemistry at 45 N in September 2021; the first the factor that 29
nights of photographs ask for, times 0.8 because our camera has one quantum efficiency for stars and
airglow. Spread between nights: a factor of 1.7 for OI, 2 for the continuum; Na and OH are known only
as a sum in red light."""

RED_FACTOR: Final = (0.8, 1.6)
"""OI 630.0: factor in the tropics (|latitude| < 20 deg) and beyond 35 deg; uncertain by a factor of 3."""

SHIFT_KM: Final = (1.3, 2.0)
"""All layers below 130 km stand higher than in NRLMSIS: tropics, mid-latitudes (photographs with orbits)."""
OXYGEN_SHIFT_KM: Final = 2.0
"""OI 557.7 and O2 blue stand that much higher still. Photographs ask for 1.5 (0 to 3) km in the camera's own
colours; the development draws colours together, so their half levels come out 0.5 km closer."""

SOLAR_SLOPE: Final = (0.0012, 0.0118, 0.0, 0.0001, 0.0077, 0.0075)
"""Change per flux unit of the brightness at F10.7 = 100 (Paranal, ESO sky model; 85 to 200)."""
SOLAR_REFERENCE: Final = 110.0
"""Flux of the photographs that set the amounts."""

PARANAL_SEASON: Final = {
    OI: (0.86, 1.13, 1.44, 0.86, 0.74, 0.99),
    O2: (0.86, 1.13, 1.44, 0.86, 0.74, 0.99),
    OH: (0.94, 0.94, 1.14, 1.01, 0.82, 1.14),
}
"""Dec-Jan, Feb-Mar, ... Oct-Nov at 24.6 S over the mean (ESO sky model). O2 recombines from the same
oxygen atoms as OI 557.7 and gets its season; sodium follows its column; the continuum has no record."""


@dataclass(frozen=True)
class Climatology:
    """What the observed climate asks for at n places.

    Attributes
    ----------
    column_rayleigh : array (n, 6)
        Vertical column of each emission [R]; the entry of OI 630.0 is NaN.
    red_factor : array (n,)
        Factor on OI 630.0.
    shift_km : array (n, 6)
        How much higher each layer stands than in the chemistry [km]; 0 for OI 630.0.
    """

    column_rayleigh: Array
    red_factor: Array
    shift_km: Array


def _ramp(x: Array, start: float, end: float) -> Array:
    """0 below start, 1 above end, smooth between."""
    t = np.clip((x - start) / (end - start), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def sodium_column_cm2(lat_rad: Array, day: float) -> Array:
    """Vertical column of Na by latitude and day of the year [cm-2], shape of `lat_rad`.

    Tropics 4.0e9 with a semiannual 15 %; mid-latitudes 4.5e9 with an annual 35 % (maximum in mid
    November, half a year later in the south); high latitudes 4.0e9 with 60 % (winter 6.4e9). A
    parametrisation of the lidar and satellite means in Moussaoui (2010), Langowski (2016) and Starfire's.

    Examples
    --------
    >>> float(sodium_column_cm2(np.radians([45.0]), 263.0)[0] / 1e9)  # September
    5.376...
    """
    year = 2.0 * np.pi / 365.25
    hemisphere = np.where(lat_rad >= 0.0, 1.0, -1.0)
    size_deg = np.degrees(np.abs(lat_rad))
    tropics = 4.0e9 * (1.0 + 0.15 * np.cos(2.0 * year * (day - 100.0)))
    middle = 4.5e9 * (1.0 + 0.35 * hemisphere * np.cos(year * (day - 320.0)))
    high = 4.0e9 * (1.0 + 0.60 * hemisphere * np.cos(year * (day - 350.0)))
    to_middle, to_high = _ramp(size_deg, 20.0, 40.0), _ramp(size_deg, 50.0, 70.0)
    return np.asarray((tropics * (1.0 - to_middle) + middle * to_middle) * (1.0 - to_high) + high * to_high)


SODIUM_MEAN_CM2: Final = 4.27e9
"""Mean of `sodium_column_cm2` over the globe and year: the photographs' sodium stands for it."""


def season_factor(two_months: tuple[float, ...], lat_rad: Array, day: float) -> Array:
    """Annual and semiannual waves through six two-month means at 24.6 S, for other latitudes.

    The annual wave belongs to the hemisphere: as given in the south, half a year later in the north,
    fading out over 15 degrees about the equator. The semiannual wave is the same everywhere (the
    maxima of April and October in ISIS-2's limb survey).
    """
    months = 2.0 * np.pi * np.arange(6) / 6.0  # centres: turn of the year, 1 March, ...
    values = np.asarray(two_months) / np.mean(two_months)
    now = 2.0 * np.pi * (day - 1.0) / 365.25
    annual = np.mean(values * np.cos(now - months)) * 2.0
    semiannual = np.mean(values * np.cos(2.0 * (now - months))) * 2.0
    return np.asarray(1.0 + semiannual - annual * np.tanh(np.degrees(lat_rad) / 15.0))


def solar_factor(f107a: float) -> Array:
    """Brightness of each emission against that at F10.7 = 110, shape (6,).

    Examples
    --------
    >>> float((solar_factor(200.0) / solar_factor(85.0))[OI].round(2))
    2.65
    """
    slope = np.asarray(SOLAR_SLOPE)
    flux = np.clip(f107a, 60.0, 260.0)
    return np.asarray((1.0 + slope * (flux - 100.0)) / (1.0 + slope * (SOLAR_REFERENCE - 100.0)))


def oxygen_latitude_factor(lat_rad: Array) -> Array:
    """OI 557.7 and O2: 1 up to 40 degrees, 1.5/0.7 from 53 degrees on (photographs)."""
    return 1.0 + (1.5 / 0.7 - 1.0) * _ramp(np.degrees(np.abs(lat_rad)), 40.0, 53.0)


def climatology(lat_rad: Array, day: float, f107a: float) -> Climatology:
    """Observed amounts and heights.

    Parameters
    ----------
    lat_rad : array (n,)
        Geodetic latitude [rad].
    day : float
        Day of the year.
    f107a : float
        81-day mean of F10.7 [solar flux units].
    """
    n = lat_rad.size
    column = np.asarray(TYPICAL_COLUMN_RAYLEIGH) * solar_factor(f107a) * np.ones((n, 1))
    for emission, months in PARANAL_SEASON.items():
        column[:, emission] *= season_factor(months, lat_rad, day)
    for emission in (OI, O2):
        column[:, emission] *= oxygen_latitude_factor(lat_rad)
    column[:, NA] *= sodium_column_cm2(lat_rad, day) / SODIUM_MEAN_CM2
    column[:, RED] = np.nan
    size_deg = np.degrees(np.abs(lat_rad))
    red = RED_FACTOR[0] + (RED_FACTOR[1] - RED_FACTOR[0]) * _ramp(size_deg, 20.0, 35.0)
    shift = np.repeat((SHIFT_KM[0] + (SHIFT_KM[1] - SHIFT_KM[0]) * _ramp(size_deg, 15.0, 30.0))[:, None], 6, axis=1)
    shift[:, [OI, O2]] += OXYGEN_SHIFT_KM
    shift[:, RED] = 0.0
    return Climatology(column, red, shift)
