"""Orbit mean-elements messages (OMM, CCSDS 502.0): JSON, XML, KVN and CSV."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from earthlimb.astro.element_set import Elements, refuse_implausible
from earthlimb.astro.timescale import Instant
from earthlimb.errors import UsageError

_OMM_FIXED = {
    "MEAN_ELEMENT_THEORY": ("SGP4", "SGP/SGP4"),
    "REF_FRAME": ("TEME", "TEMEOFDATE"),
    "TIME_SYSTEM": ("UTC",),
    "CENTER_NAME": ("EARTH",),
}
"""What an OMM must say where it says anything, the usual value first."""
_XP = "4"
"""`EPHEMERIS_TYPE` of elements for SGP4-XP, which SGP4 carries kilometres away."""
_UNIT = re.compile(r"\s*\[[^\]]*\]$")
_DAY_OF_YEAR = re.compile(r"(\d{4})-(\d{3})(T.*)")
_ORDINAL_JD = 1721424.5

_Fields = Mapping[str, object]


def json_sets(text: str, where: str) -> list[_Fields]:
    """Fields of every set of a JSON object or list of objects."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: broken JSON: {error}: download the file again") from None
    sets = data if isinstance(data, list) else [data]
    if not all(isinstance(one, dict) for one in sets):
        raise UsageError(f"{where}: JSON without element sets: an object or a list of objects is needed")
    return sets


def xml_sets(text: str, where: str) -> list[_Fields]:
    """Fields of every `omm` element of an XML text, whatever its namespace."""
    if re.match(r"(<!doctype\s+|<)html", text, re.IGNORECASE):
        raise UsageError(f"{where}: a web page: element sets are needed: download the file again, a server refused it")
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise UsageError(f"{where}: broken XML: {error}: download the file again") from None
    groups = [element for element in root.iter() if element.tag.rpartition("}")[2] == "omm"] or [root]
    return [{e.tag.rpartition("}")[2]: (e.text or "").strip() for e in group.iter()} for group in groups]


def kvn_sets(text: str) -> list[_Fields]:
    """Fields of every set of lines KEY = VALUE, units in brackets left away."""
    sets: list[dict[str, object]] = []
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        key = key.strip()
        if not equals or key.startswith("COMMENT"):
            continue
        if not sets or key in sets[-1]:  # a key again: the next set begins
            sets.append({})
        value = value.strip()
        sets[-1][key] = _UNIT.sub("", value) if value.endswith("]") else value
    return list(sets)


def csv_sets(text: str, where: str) -> list[_Fields]:
    """Fields of every set of a CSV whose first line names them."""
    try:
        return list(csv.DictReader(io.StringIO(text)))
    except csv.Error as error:
        raise UsageError(f"{where}: broken CSV: {error}: download the file again") from None


def omm_sets(all_fields: Sequence[_Fields], where: str, any_orbit: bool = False) -> list[Elements]:
    """Element sets out of their fields."""
    whens = [_epoch(fields, f"{where}: set {k}") for k, fields in enumerate(all_fields, 1)]
    days = [_ORDINAL_JD + when.toordinal() for when in whens]
    shares = [(when.hour * 3600 + when.minute * 60 + when.second + when.microsecond * 1e-6) / 86400.0 for when in whens]
    epochs = Instant.many_from_utc_jd(days, shares) if whens else []
    pairs = zip(all_fields, epochs, strict=True)
    return [_from_omm(fields, epoch, f"{where}: set {k}", any_orbit) for k, (fields, epoch) in enumerate(pairs, 1)]


def omm_text(elements: Elements) -> str:
    """A set as the JSON of an OMM that reads as the same orbit, or its two lines where it has them."""
    if elements.line1:
        return f"{elements.line1}\n{elements.line2}\n"
    fields = {
        "OBJECT_NAME": elements.name,
        "NORAD_CAT_ID": elements.catalogue_number,
        "EPOCH": elements.epoch.utc_iso(6).removesuffix("Z"),
        "MEAN_MOTION": elements.mean_motion_rev_day,
        "ECCENTRICITY": elements.eccentricity,
        "INCLINATION": math.degrees(elements.inclination_rad),
        "RA_OF_ASC_NODE": math.degrees(elements.node_rad),
        "ARG_OF_PERICENTER": math.degrees(elements.perigee_rad),
        "MEAN_ANOMALY": math.degrees(elements.mean_anomaly_rad),
        "BSTAR": elements.bstar,
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"


def _given(fields: _Fields, key: str, place: str) -> str:
    value = fields.get(key)
    text = "" if value is None else str(value).strip()
    if not text:
        raise UsageError(f"{place}: {key} is missing: an OMM needs it: download the file again")
    return text


def _number(fields: _Fields, key: str, place: str) -> float:
    text = _given(fields, key, place)
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{place}: {key} = {text}: a number is needed: download the file again") from None


def _from_omm(fields: _Fields, epoch: Instant, place: str, any_orbit: bool) -> Elements:
    for key, allowed in _OMM_FIXED.items():
        value = fields.get(key)
        if value and str(value).strip().upper() not in ("", *allowed):
            raise UsageError(f"{place}: {key} = {value}: {allowed[0]} is allowed: give mean elements for SGP4")
    if str(fields.get("EPHEMERIS_TYPE", "")).strip() == _XP:
        raise UsageError(f"{place}: EPHEMERIS_TYPE = 4 (SGP4-XP): 0 is allowed: give mean elements for SGP4")
    elements = Elements(
        name=str(fields.get("OBJECT_NAME") or "").strip(),
        catalogue_number=_whole(_number(fields, "NORAD_CAT_ID", place)),
        epoch=epoch,
        inclination_rad=math.radians(_number(fields, "INCLINATION", place)),
        node_rad=math.radians(_number(fields, "RA_OF_ASC_NODE", place)),
        eccentricity=_number(fields, "ECCENTRICITY", place),
        perigee_rad=math.radians(_number(fields, "ARG_OF_PERICENTER", place)),
        mean_anomaly_rad=math.radians(_number(fields, "MEAN_ANOMALY", place)),
        mean_motion_rev_day=_number(fields, "MEAN_MOTION", place),
        bstar=_number(fields, "BSTAR", place),
    )
    refuse_implausible(elements, place, any_orbit)
    return elements


def _whole(number: float) -> int:
    """The number as an integer, 0 where it is none: the catalogue number only tells objects apart."""
    return int(number) if math.isfinite(number) else 0


def _epoch(fields: _Fields, place: str) -> datetime:
    """Epoch of an OMM: UTC by definition, written without a zone; the day may be that of the year."""
    text = _given(fields, "EPOCH", place)
    plain = text.removesuffix("Z")
    try:
        match = _DAY_OF_YEAR.fullmatch(plain)
        if match:
            plain = datetime.strptime(f"{match[1]}-{match[2]}", "%Y-%j").strftime("%Y-%m-%d") + match[3]
        when = datetime.fromisoformat(plain)
        return when if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(f"{place}: EPOCH = {text}: not an ISO 8601 time: download the file again") from None
