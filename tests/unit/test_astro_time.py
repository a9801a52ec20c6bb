"""Instants and Earth rotation against astropy and skyfield."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import GCRS, ITRS, CartesianRepresentation
from astropy.time import Time
from astropy.utils import iers
from hypothesis import given
from hypothesis import strategies as st

from earthlimb.astro.earth_rotation import rot_gcrs_from_teme, rot_itrs_from_gcrs, rot_itrs_from_teme
from earthlimb.astro.timescale import Instant, earth_orientation
from earthlimb.errors import UsageError

one_microsecond_s = 1e-6
two_milliseconds_s = 2e-3  # linear between rows five days apart: tides of 14 days leave under 1 ms
two_meters_rad = 2.0 / 6.4e6  # 1 ms of UT1 is 0.5 m; the celestial pole offsets that we leave out are 2 cm


@pytest.fixture(autouse=True)
def _offline():
    with iers.conf.set_temp("auto_download", False), iers.conf.set_temp("iers_degraded_accuracy", "warn"):
        yield


@pytest.mark.parametrize("iso", ["2001-02-03T04:05:06.789", "2016-12-31T23:59:59.5", "2021-09-09T22:42:40.05"])
def test_scales_agree_with_astropy(iso: str) -> None:
    ours, theirs = Instant.from_iso(iso + "Z"), Time(iso, scale="utc")
    for ours_jd, scale in ((ours.tai, theirs.tai), (ours.tt, theirs.tt), (ours.utc, theirs.utc)):
        apart_s = ((ours_jd[0] - scale.jd1) + (ours_jd[1] - scale.jd2)) * 86400.0
        assert abs(apart_s) < one_microsecond_s


def test_leap_second_counts() -> None:
    before, after = Instant.from_iso("2016-12-31T23:59:59Z"), Instant.from_iso("2017-01-01T00:00:00Z")
    assert after.minus(before) == pytest.approx(2.0, abs=one_microsecond_s)
    assert before.shifted(1.0).utc_iso(1) == "2016-12-31T23:59:60.0Z"
    assert before.shifted(1.0).datetime == datetime(2016, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


@given(st.datetimes(datetime(1998, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))
def test_datetime_round_trip(when: datetime) -> None:
    assert Instant.from_datetime(when).datetime == when


def test_iso_text_and_zones() -> None:
    instant = Instant.from_datetime(datetime(2021, 9, 10, 0, 42, 40, 50000, tzinfo=timezone(timedelta(hours=2))))
    assert instant == Instant.from_iso("2021-09-09T22:42:40.05Z")
    assert instant.utc_iso() == "2021-09-09T22:42:40.050Z"
    assert instant.shifted(19.9499).utc_iso(0) == "2021-09-09T22:43:00Z"
    assert instant.shifted(0.001).minus(instant) == pytest.approx(0.001, abs=1e-10)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2021-09-09T22:42:40", "zone"),
        ("yesterday", "ISO 8601"),
        ("2021-02-30T00:00:00Z", "ISO 8601"),
        ("0001-01-01T00:00:00+05:00", "1 to 9999"),
    ],
)
def test_wrong_times_are_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        Instant.from_iso(text)
    assert text in str(caught.value)


def test_ut1_against_the_published_daily_values() -> None:
    table = iers.IERS_B.open()
    for iso in (
        "1999-05-06",
        "2005-12-31",
        "2006-01-01",
        "2012-03-19",
        "2016-12-31",
        "2021-09-09",
        "2024-08-10",
    ):
        instant, time = Instant.from_iso(iso + "T13:00:00Z"), Time(iso + "T13:00:00", scale="utc")
        time.delta_ut1_utc = table.ut1_utc(time)
        apart_s = ((instant.ut1[0] - time.ut1.jd1) + (instant.ut1[1] - time.ut1.jd2)) * 86400.0
        assert abs(apart_s) < two_milliseconds_s, iso
        pole_x, pole_y = table.pm_xy(time)
        ours = earth_orientation(instant)
        assert abs(ours.pole_x_rad - pole_x.to_value(u.rad)) < two_meters_rad / 10
        assert abs(ours.pole_y_rad - pole_y.to_value(u.rad)) < two_meters_rad / 10


@pytest.mark.parametrize("iso", ["1975-06-01T00:00:00Z", "2049-01-01T00:00:00Z"])
def test_outside_the_table_ut1_stays_near_utc(iso: str) -> None:
    instant = Instant.from_iso(iso)
    apart_s = ((instant.ut1[0] - instant.utc[0]) + (instant.ut1[1] - instant.utc[1])) * 86400.0
    assert abs(apart_s) < 0.9


@pytest.mark.parametrize("iso", ["2003-01-14T09:00:00", "2012-03-20T12:00:00", "2021-09-09T22:42:40.05"])
def test_itrs_from_gcrs_agrees_with_astropy(iso: str) -> None:
    time = Time(iso, scale="utc")
    ours = rot_itrs_from_gcrs(Instant.from_iso(iso + "Z"))
    for axis in np.eye(3):
        fixed = GCRS(CartesianRepresentation(*axis * 7000.0 * u.km), obstime=time).transform_to(ITRS(obstime=time))
        theirs = fixed.cartesian.xyz.to_value(u.km)
        assert np.linalg.norm(ours @ axis - theirs / np.linalg.norm(theirs)) < two_meters_rad


@given(st.floats(-2e8, 8e8))
def test_rotations_are_orthonormal_and_chain(seconds: float) -> None:
    instant = Instant.from_iso("2010-01-01T00:00:00Z").shifted(seconds)
    itrs_from_gcrs, itrs_from_teme = rot_itrs_from_gcrs(instant), rot_itrs_from_teme(instant)
    for rotation in (itrs_from_gcrs, itrs_from_teme):
        assert np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
        assert np.linalg.det(rotation) == pytest.approx(1.0, abs=1e-12)
    assert np.allclose(itrs_from_gcrs @ rot_gcrs_from_teme(instant), itrs_from_teme, atol=1e-12)
    # precession and nutation since J2000 only: less than 60" a year about any axis
    years = abs(seconds) / 3.156e7 + 10.0
    assert np.abs(rot_gcrs_from_teme(instant) - np.eye(3)).max() < np.radians(60.0 / 3600.0) * years
