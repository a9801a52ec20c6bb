"""Instants: one moment on the scales UTC, TAI, TT and UT1, as two-part Julian dates."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import erfa
import numpy as np
from numpy.typing import ArrayLike, NDArray

from earthlimb.errors import UsageError
from earthlimb.resources import asset

DAY_S = 86400.0
"""Length of a day of atomic time, s."""
MJD_ZERO_JD = 2400000.5
"""Julian date of Modified Julian Date zero, days."""

JulianDate = tuple[float, float]
"""Two-part Julian date, days; the sum is the date. UTC is ERFA's quasi-JD: a leap-second day has 86401 s."""


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment, held as TAI so that differences are true seconds.

    Parameters
    ----------
    tai1, tai2 : float
        Two-part Julian date on the scale TAI [days]; about 1e-11 s of resolution.

    Notes
    -----
    Leap seconds come from the table inside ERFA. Years after the table's end are taken without
    further leap seconds.

    Examples
    --------
    >>> first = Instant.from_iso("2016-12-31T23:59:59Z")
    >>> first.shifted(2.0).utc_iso(0)          # through the leap second
    '2017-01-01T00:00:00Z'
    """

    tai1: float
    tai2: float

    @classmethod
    def from_datetime(cls, when: datetime) -> Instant:
        """Instant of an aware `datetime`; one without a zone is a UsageError."""
        if when.tzinfo is None or when.utcoffset() is None:
            raise UsageError(
                f"time: {when.isoformat()}: a time needs its zone: write {when.isoformat()}Z when it is UTC"
            )
        try:
            utc = when.astimezone(UTC)
        except OverflowError:
            raise UsageError(
                f"time: {when.isoformat()}: in UTC the years 1 to 9999 are allowed: check the year"
            ) from None
        return cls._from_fields(utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second + utc.microsecond * 1e-6)

    @classmethod
    def from_iso(cls, text: str) -> Instant:
        """Instant of an ISO 8601 text with a zone, as `2021-09-09T22:42:40.05Z`."""
        try:
            when = datetime.fromisoformat(text)
        except ValueError as error:
            raise UsageError(
                f"time: {text!r}: not an ISO 8601 time ({error}): write it like 2021-09-09T22:42:40.05Z"
            ) from None
        return cls.from_datetime(when)

    @classmethod
    def from_utc_jd(cls, utc1: float, utc2: float) -> Instant:
        """Instant of a two-part quasi-JD on the scale UTC [days]."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", erfa.ErfaWarning)  # "dubious year": beyond the leap-second table
            tai1, tai2 = erfa.utctai(utc1, utc2)
        return cls(float(tai1), float(tai2))

    @classmethod
    def many_from_utc_jd(cls, utc1: ArrayLike, utc2: ArrayLike) -> list[Instant]:
        """`from_utc_jd` of arrays (n,) [days] at once: a hundredth of the time."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", erfa.ErfaWarning)
            tai1, tai2 = erfa.utctai(np.asarray(utc1, np.float64), np.asarray(utc2, np.float64))
        return [cls(a, b) for a, b in zip(tai1.tolist(), tai2.tolist(), strict=True)]

    @classmethod
    def _from_fields(cls, year: int, month: int, day: int, hour: int, minute: int, second: float) -> Instant:
        # the bare functions: their wrappers warn of dubious years, which takes longer; no field can be wrong
        utc1, utc2, _ = erfa.ufunc.dtf2d(b"UTC", year, month, day, hour, minute, second)
        tai1, tai2, _ = erfa.ufunc.utctai(utc1, utc2)
        return cls(float(tai1), float(tai2))

    @property
    def tai(self) -> JulianDate:
        """Two-part Julian date, TAI [days]."""
        return self.tai1, self.tai2

    @property
    def tt(self) -> JulianDate:
        """Two-part Julian date, Terrestrial Time [days]; TDB differs by less than 2 ms."""
        return self.tai1, self.tai2 + 32.184 / DAY_S

    @property
    def utc(self) -> JulianDate:
        """Two-part quasi-JD, UTC [days]."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", erfa.ErfaWarning)
            utc1, utc2 = erfa.taiutc(self.tai1, self.tai2)
        return float(utc1), float(utc2)

    @property
    def ut1(self) -> JulianDate:
        """Two-part Julian date, UT1 [days]; see `earth_orientation` for its accuracy."""
        return self.tai1, self.tai2 + earth_orientation(self).ut1_tai_s / DAY_S

    @property
    def datetime(self) -> datetime:
        """Aware UTC `datetime` to the microsecond; the inside of a leap second reads as 59.999999."""
        year, month, day, (hour, minute, second, micro) = self._fields(6)
        if second > 59:
            second, micro = 59, 999999
        return datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)

    def utc_iso(self, ndigits: int = 3) -> str:
        """ISO 8601 text in UTC with `ndigits` decimals of the second, ending in Z."""
        year, month, day, (hour, minute, second, fraction) = self._fields(ndigits)
        decimals = f".{fraction:0{ndigits}d}" if ndigits > 0 else ""
        return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}{decimals}Z"

    def shifted(self, seconds: float) -> Instant:
        """The instant that many seconds later [s]."""
        return Instant(self.tai1, self.tai2 + seconds / DAY_S)

    def minus(self, other: Instant) -> float:
        """Seconds from `other` to this instant [s]."""
        return ((self.tai1 - other.tai1) + (self.tai2 - other.tai2)) * DAY_S

    def _fields(self, ndigits: int) -> tuple[int, int, int, tuple[int, int, int, int]]:
        utc1, utc2 = self.utc
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", erfa.ErfaWarning)
            year, month, day, hmsf = erfa.d2dtf("UTC", ndigits, utc1, utc2)
        hour, minute, second, fraction = (int(hmsf[name]) for name in ("h", "m", "s", "f"))
        return int(year), int(month), int(day), (hour, minute, second, fraction)


@lru_cache(maxsize=64)
def tai_minus_utc_s(year: int, month: int) -> float:
    """TAI - UTC in a month [s]: leap seconds come at the end of one.

    Examples
    --------
    >>> tai_minus_utc_s(2016, 12), tai_minus_utc_s(2017, 1)
    (36.0, 37.0)
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", erfa.ErfaWarning)
        return float(erfa.dat(year, month, 1, 0.0))


@dataclass(frozen=True, slots=True)
class EarthOrientation:
    """Where the Earth has turned beyond what theory gives: UT1 - TAI [s] and the pole [rad]."""

    ut1_tai_s: float
    pole_x_rad: float
    pole_y_rad: float


@lru_cache(maxsize=1)
def _table() -> NDArray[np.float64]:
    return np.loadtxt(asset("ut1.csv"), delimiter=",", comments="#", skiprows=0, dtype=np.float64)


@lru_cache(maxsize=256)
def earth_orientation(instant: Instant) -> EarthOrientation:
    """UT1 - TAI and polar motion at an instant, from the shipped table.

    Notes
    -----
    IERS values every five days, linear between: the error of UT1 stays under 1 ms (0.5 m at the equator).
    Outside the table UT1 - UTC and the pole keep the table's end value: leap seconds hold the error of
    UT1 under 1.8 s (0.8 km), in practice 0.1 s for each year since 2020; the pole's is under 0.6" (20 m).

    References
    ----------
    IERS Rapid Service, finals2000A; the end of the table is IERS prediction.
    """
    table = _table()
    mjd = (instant.tai1 - MJD_ZERO_JD) + instant.tai2
    ut1_tai, pole_x, pole_y = (float(np.interp(mjd, table[:, 0], table[:, k])) for k in (1, 2, 3))
    end_mjd = float(np.clip(mjd, table[0, 0], table[-1, 0]))
    if end_mjd != mjd:
        ut1_tai += _tai_minus_utc_s(end_mjd) - _tai_minus_utc_s(mjd)
    arcsec_rad = float(erfa.DAS2R)
    return EarthOrientation(ut1_tai, pole_x * arcsec_rad, pole_y * arcsec_rad)


def _tai_minus_utc_s(mjd: float) -> float:
    """TAI - UTC [s] on a Modified Julian Date [days]."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", erfa.ErfaWarning)
        year, month, day, fraction = erfa.jd2cal(MJD_ZERO_JD, mjd)
        return float(erfa.dat(year, month, day, fraction))
