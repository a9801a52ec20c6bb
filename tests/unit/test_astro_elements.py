"""Element sets from every format, what is refused and in which words, the nearest set, and age."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earthlimb.astro.elements import (
    check_age,
    nearest_elements,
    parse_elements,
    shipped_elements,
)
from earthlimb.astro.history import History
from earthlimb.astro.omm import omm_text
from earthlimb.astro.orbit import station_state
from earthlimb.astro.timescale import Instant
from earthlimb.errors import UsageError

LINE1 = "1 25544U 98067A   21252.50949163  .00001550  00000+0  36756-4 0  9990"
LINE2 = "2 25544  51.6444 285.7692 0003404  13.6408 132.5925 15.48614249301665"
FIELDS = {
    "OBJECT_NAME": "ISS (ZARYA)",
    "OBJECT_ID": "1998-067A",
    "EPOCH": "2021-09-09T12:13:40.076832",
    "MEAN_MOTION": 15.48614249,
    "ECCENTRICITY": 0.0003404,
    "INCLINATION": 51.6444,
    "RA_OF_ASC_NODE": 285.7692,
    "ARG_OF_PERICENTER": 13.6408,
    "MEAN_ANOMALY": 132.5925,
    "EPHEMERIS_TYPE": 0,
    "NORAD_CAT_ID": 25544,
    "BSTAR": 0.36756e-4,
    "MEAN_MOTION_DOT": 0.0000155,
    "MEAN_MOTION_DDOT": 0,
}
LATER = {**FIELDS, "EPOCH": "2021-09-20T12:13:40.076832"}

ten_centimeters_km = 1e-4


def as_json(*sets: dict[str, object]) -> str:
    return json.dumps(sets[0] if len(sets) == 1 else list(sets))


def as_xml(*sets: dict[str, object]) -> str:
    omms = "".join(
        '<omm id="CCSDS_OMM_VERS" version="2.0"><body><segment><data><meanElements>'
        + "".join(f"<{key}>{value}</{key}>" for key, value in one.items())
        + "</meanElements></data></segment></body></omm>"
        for one in sets
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<ndm xmlns="urn:ccsds:schema:ndmxml">{omms}</ndm>\n'


def as_kvn(*sets: dict[str, object]) -> str:
    units = {"INCLINATION": " [deg]", "MEAN_MOTION": " [rev/day]"}
    return "\n\n".join(
        "CCSDS_OMM_VERS = 2.0\nCOMMENT made by hand = no key\n"
        + "\n".join(f"{key} = {value}{units.get(key, '')}" for key, value in one.items())
        for one in sets
    )


def as_csv(*sets: dict[str, object]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(sets[0]))
    writer.writeheader()
    writer.writerows(sets)
    return out.getvalue()


FORMATS = [as_json, as_xml, as_kvn, as_csv]


def refused(text: str, where: str = "station.tle") -> str:
    with pytest.raises(UsageError) as caught:
        parse_elements(text, where)
    return str(caught.value)


def test_tle_fields() -> None:
    (one,) = parse_elements(f"\nISS (ZARYA)  # a comment\n{LINE1}  \r\n{LINE2}\n")
    assert (one.name, one.catalogue_number) == ("ISS (ZARYA)", 25544)
    assert one.epoch.utc_iso(3) == "2021-09-09T12:13:40.077Z"
    assert math.degrees(one.inclination_rad) == pytest.approx(51.6444)
    assert math.degrees(one.node_rad) == pytest.approx(285.7692)
    assert math.degrees(one.perigee_rad) == pytest.approx(13.6408)
    assert math.degrees(one.mean_anomaly_rad) == pytest.approx(132.5925)
    assert (one.eccentricity, one.mean_motion_rev_day) == (0.0003404, 15.48614249)
    assert one.bstar == pytest.approx(0.36756e-4)
    # SGP4's own reader agrees
    assert one.satrec.bstar == pytest.approx(one.bstar, rel=1e-12)
    assert one.satrec.nodeo == pytest.approx(one.node_rad, rel=1e-12)
    assert (one.satrec.jdsatepoch - one.epoch.utc[0]) + (one.satrec.jdsatepochF - one.epoch.utc[1]) == pytest.approx(
        0.0, abs=1e-11
    )


@pytest.mark.parametrize("write", FORMATS)
def test_omm_stands_where_its_tle_stands(write) -> None:
    instant = Instant.from_iso("2021-09-09T22:42:40.05Z")
    (from_omm,) = parse_elements(write(FIELDS), "iss.omm")
    (from_tle,) = parse_elements(f"{LINE1}\n{LINE2}")
    assert from_omm.name == "ISS (ZARYA)"
    apart = station_state(from_omm, instant).pos_gcrs_km - station_state(from_tle, instant).pos_gcrs_km
    assert np.linalg.norm(apart) < ten_centimeters_km  # the OMM's epoch is cut to a microsecond: 8 mm


@pytest.mark.parametrize("write", FORMATS)
def test_many_sets_nearest_in_time(write) -> None:
    sets = parse_elements(write(LATER, FIELDS), "iss.omm")
    assert len(sets) == 2
    assert nearest_elements(sets, Instant.from_iso("2021-09-14T00:00:00Z")).epoch.utc_iso(0)[:10] == "2021-09-09"
    assert nearest_elements(sets, Instant.from_iso("2021-09-16T00:00:00Z")).epoch.utc_iso(0)[:10] == "2021-09-20"


def test_station_is_preferred_among_objects() -> None:
    other = {**LATER, "OBJECT_NAME": "CSS (TIANHE)", "NORAD_CAT_ID": 48274}
    sets = parse_elements(as_json(other, FIELDS))
    assert nearest_elements(sets, Instant.from_iso("2021-09-20T00:00:00Z")).catalogue_number == 25544
    assert nearest_elements(sets[:1], Instant.from_iso("2021-09-20T00:00:00Z")).catalogue_number == 48274


def test_nine_figure_and_letter_numbers() -> None:
    (one,) = parse_elements(as_json({**FIELDS, "NORAD_CAT_ID": "799501234"}))
    assert one.catalogue_number == 799501234
    station_state(one, one.epoch)
    lines = []
    for line in (LINE1, LINE2):
        line = line[:2] + "T0001" + line[7:68]
        lines.append(line + str(sum(int(c) if c.isdigit() else c == "-" for c in line) % 10))
    assert parse_elements("\n".join(lines))[0].catalogue_number == 270001


def test_checksum_message_names_line_and_both_figures() -> None:
    message = refused(f"{LINE1}\n{LINE2[:-1]}7")
    assert message == (
        "station.tle: line 2: checksum 7: 5 is what its figures add up to: a character is wrong, copy the set again"
    )


@given(st.integers(0, 1), st.integers(2, 67), st.integers(0, 9))
def test_every_wrong_figure_is_noticed(which: int, column: int, figure: int) -> None:
    lines = [LINE1, LINE2]
    if not lines[which][column].isdigit() or lines[which][column] == str(figure):
        return
    lines[which] = lines[which][:column] + str(figure) + lines[which][column + 1 :]
    assert f"line {which + 1}: checksum" in refused("\n".join(lines))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the text is empty"),
        ("hello", "no element set found"),
        (LINE1, "line 1: line 1 of a set without its line 2"),
        (LINE2, "line 1: '2 25544  51.6444 285.769': line 1 of the set must precede it"),
        (f"{LINE1}\nISS\n{LINE2}", "line 2: 'ISS': line 2 of the set must follow line 1"),
        (f"{LINE1[:60]}\n{LINE2}", "line 1: 60 characters: a TLE line has 69"),
        (
            f"{LINE1}\n{LINE2.replace('25544', '25545')[:-1]}6",
            "line 2: catalogue number 25545: line 1 has 25544",
        ),
        ("[1, 2]", "JSON without element sets"),
        ('{"EPOCH": ', "broken JSON"),
        ("<omm><EPOCH></omm>", "broken XML"),
        (as_json({**FIELDS, "EPOCH": "soon"}), "set 1: EPOCH = soon: not an ISO 8601 time"),
        (as_json(FIELDS, {k: v for k, v in FIELDS.items() if k != "BSTAR"}), "set 2: BSTAR is missing"),
        (as_kvn({**FIELDS, "INCLINATION": "steep"}), "set 1: INCLINATION = steep: a number is needed"),
        (as_csv({**FIELDS, "MEAN_MOTION": 1.0}), "set 1: mean motion 1 revolutions a day: 11.25 to 16.6"),
        (as_json({**FIELDS, "ECCENTRICITY": 0.2}), "set 1: eccentricity 0.2: the perigee would lie"),
        (as_json({**FIELDS, "BSTAR": math.nan}), "set 1: an element is not a finite number"),
        (as_json({**FIELDS, "NORAD_CAT_ID": math.inf, "INCLINATION": 190}), "inclination 190 deg: 0 to 180"),
        (as_xml({**FIELDS, "REF_FRAME": "GCRF"}), "set 1: REF_FRAME = GCRF: TEME is allowed"),
        (as_kvn({**FIELDS, "CENTER_NAME": "MARS"}), "set 1: CENTER_NAME = MARS: EARTH is allowed"),
        (as_csv({**FIELDS, "TIME_SYSTEM": "TAI"}), "set 1: TIME_SYSTEM = TAI: UTC is allowed"),
        (as_json({**FIELDS, "MEAN_ELEMENT_THEORY": "DSST"}), "set 1: MEAN_ELEMENT_THEORY = DSST: SGP4 is allowed"),
        (as_json({**FIELDS, "EPHEMERIS_TYPE": 4}), "set 1: EPHEMERIS_TYPE = 4 (SGP4-XP): 0 is allowed"),
        (f"{LINE1[:62]}4{LINE1[63:68]}4\n{LINE2}", "line 1: ephemeris type 4 (SGP4-XP): 0 is allowed"),
        (f"{LINE1.replace('-', chr(0x2212))}\n{LINE2}", "line 1: '\u2212': a TLE line is plain ASCII"),
        (as_csv(FIELDS) + '"' + "x" * 200_000, "broken CSV: field larger than field limit"),
        (as_csv(FIELDS)[:-60], "set 1: NORAD_CAT_ID is missing"),
        (as_kvn({k: v for k, v in FIELDS.items() if k != "MEAN_MOTION"}), "set 1: MEAN_MOTION is missing"),
        ("<!DOCTYPE html>\n<html><body><br></body></html>", "a web page: element sets are needed: download"),
        ('{"error": "You must be logged in"}', "set 1: EPOCH is missing"),
    ],
)
def test_wrong_elements_are_refused(text: str, said: str) -> None:
    message = refused(text, "iss.txt")
    assert message.startswith("iss.txt: ")
    assert said in message


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeff{LINE1}\n{LINE2}\n",
        f"\ufeffISS (ZARYA)\r\n{LINE1}\r\n{LINE2}\r\n",
        f"    {LINE1}\n    {LINE2}\n",  # as indented in a scene file
        f"1 KUNS-PF\n{LINE1}\n{LINE2}\n",  # names that begin with a figure
        f"2 BE OR NOT\n{LINE1}\n{LINE2}\n",
        "\ufeff" + as_csv(FIELDS).replace("\n", "\r\n"),
        "\ufeff" + as_kvn(FIELDS),
        as_kvn({**FIELDS, "EPOCH": "2021-09-09T12:13:40.076832+00:00"}),
        as_kvn({**FIELDS, "REF_FRAME": "TEMEOFDATE", "CENTER_NAME": "EARTH", "TIME_SYSTEM": "UTC"}),
        as_json({key: str(value) for key, value in FIELDS.items()}),
        as_json({k: v for k, v in FIELDS.items() if k not in ("OBJECT_NAME", "OBJECT_ID", "MEAN_MOTION_DOT")}),
        # Space-Track: every value quoted, a comment among the columns
        '"CCSDS_OMM_VERS","COMMENT","' + '","'.join(FIELDS) + '"\n"3.0","GENERATED VIA SPACE-TRACK.ORG API","'
        + '","'.join(str(value) for value in FIELDS.values()) + '"\n',
    ],
)  # fmt: skip
def test_what_people_really_have_is_read(text: str) -> None:
    (one,) = parse_elements(text)
    assert one.epoch.utc_iso(6) == "2021-09-09T12:13:40.076832Z"
    assert (one.catalogue_number, one.mean_motion_rev_day) == (25544, 15.48614249)


def test_two_and_three_lines_mixed() -> None:
    pair = f"{LINE1}\n{LINE2}\n"
    assert [one.name for one in parse_elements(f"ISS\n{pair}{pair}\n# again\n0 ISS (ZARYA)\n{pair}")] == [
        "ISS", "", "ISS (ZARYA)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", [f"{LINE1}\n{LINE2}\n", as_json(FIELDS), as_json({**FIELDS, "NORAD_CAT_ID": 799501234})]
)
def test_a_set_written_out_reads_as_the_same(text: str) -> None:
    (one,) = parse_elements(text)
    (again,) = parse_elements(omm_text(one))
    assert again.epoch == one.epoch and again.catalogue_number == one.catalogue_number
    apart = np.subtract(station_state(again, one.epoch.shifted(8e4)).pos_gcrs_km,
                        station_state(one, one.epoch.shifted(8e4)).pos_gcrs_km)  # fmt: skip
    assert np.linalg.norm(apart) < 1e-6


def test_several_objects_without_the_station_are_refused() -> None:
    sets = parse_elements(as_json({**FIELDS, "NORAD_CAT_ID": 44713}, {**LATER, "NORAD_CAT_ID": 48274}))
    with pytest.raises(UsageError) as caught:
        History.of(sets, "--tle x")
    assert str(caught.value) == (
        "--tle x: 2 objects (44713, 48274), none of them the station (25544): one object is allowed: "
        "take the others out"
    )


def test_the_nearest_of_many_is_that_of_a_search() -> None:
    rng = np.random.default_rng(5)
    (one,) = parse_elements(f"{LINE1}\n{LINE2}")
    many = [replace(one, epoch=one.epoch.shifted(t)) for t in rng.uniform(0.0, 3e7, 300).tolist()]
    history = History.of([*many, many[7]])
    for t in rng.uniform(-1e7, 4e7, 200).tolist():
        instant = one.epoch.shifted(t)
        nearest = min(many, key=lambda other: abs(other.age_days(instant)))
        assert history.nearest(instant).epoch == nearest.epoch
        assert nearest.epoch in [other.epoch for other in history.around(instant)]


def test_shipped_sets_are_one_orbit() -> None:
    sets = shipped_elements()
    assert len(sets) == 69
    assert [one.epoch.utc_iso(0)[:4] for one in (sets[0], sets[-1])] == ["2011", "2025"]
    assert {one.catalogue_number for one in sets} == {25544}
    for before, after in pairwise(sets):
        days = after.age_days(before.epoch) * -1.0
        assert days > 0.0
        if 0.3 < days < 20.0:  # the node falls back by 4.95 (2021) to 5.03 deg (2011, lower) a day
            turned = (math.degrees(after.node_rad - before.node_rad) + 180.0) % 360.0 - 180.0
            expected = -5.0 * days
            assert (turned - expected + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=0.09 * days)


def test_nearest_shipped_set() -> None:
    nearest = nearest_elements(shipped_elements(), Instant.from_iso("2021-09-09T22:42:40.05Z"))
    assert (nearest.line1, nearest.line2) == (LINE1, LINE2)
    with pytest.raises(UsageError, match="no element set"):
        nearest_elements([], Instant.from_iso("2021-09-09T22:42:40.05Z"))


def test_age_limit_and_warnings() -> None:
    (elements,) = parse_elements(f"{LINE1}\n{LINE2}")
    epoch = elements.epoch
    assert check_age(elements, epoch.shifted(2.5 * 86400), 30.0) == []
    assert check_age(elements, epoch.shifted(-2.9 * 86400), 30.0) == []
    (aged,) = check_age(elements, epoch.shifted(-5.0 * 86400), 30.0)
    assert "5.0 days before the elements' epoch 2021-09-09T12:13:40Z" in aged
    for days, side in ((30.5, "after"), (-30.5, "before")):
        with pytest.raises(UsageError) as caught:
            check_age(elements, epoch.shifted(days * 86400), 30.0, "scene.toml: station")
        message = str(caught.value)
        assert message.startswith("scene.toml: station: ")
        assert f"30.5 days {side}" in message
        assert "max_age_days = 30 is allowed" in message and "raise station.max_age_days" in message


def test_reboost_between_epoch_and_instant_is_told() -> None:
    (elements,) = parse_elements(f"{LINE1}\n{LINE2}")
    warnings = check_age(elements, Instant.from_iso("2021-09-15T20:00:00Z"), 30.0)
    assert any("raised between 2021-09-12T05:03:00Z and 2021-09-15T17:49:00Z" in one for one in warnings)
    assert not any("raised" in one for one in check_age(elements, Instant.from_iso("2021-09-02T13:00:00Z"), 30.0))
