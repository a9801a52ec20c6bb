"""Orbit mean-elements messages (OMM, CCSDS 502.0): JSON, XML, KVN and CSV."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping
from datetime import datetime

from earthlimb.astro.element_set import Elements, implausible
from earthlimb.astro.timescale import Instant
from earthlimb.errors import UsageError

_OMM_FIXED = {
    "MEAN_ELEMENT_THEORY": ("SGP4", "SGP/SGP4"),
    "REF_FRAME": ("TEME",),
    "TIME_SYSTEM": ("UTC",),
}
"""What an OMM must say where it says anything, the usual value first."""


def json_sets(text: str, where: str) -> list[Mapping[str, object]]:
    """Fields of every set of a JSON object or list of objects."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where}: broken JSON: {error}: download the file again") from None
    sets = data if isinstance(data, list) else [data]
    if not all(isinstance(one, dict) for one in sets):
        raise UsageError(f"{where}: JSON without element sets: an object or a list of objects is needed")
    return sets


def xml_sets(text: str, where: str) -> list[Mapping[str, object]]:
    """Fields of every `omm` element of an XML text, whatever its namespace."""
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise UsageError(f"{where}: broken XML: {error}: download the file again") from None
    groups = [element for element in root.iter() if element.tag.rpartition("}")[2] == "omm"] or [root]
    return [{e.tag.rpartition("}")[2]: (e.text or "").strip() for e in group.iter()} for group in groups]


def kvn_sets(text: str) -> list[Mapping[str, object]]:
    """Fields of every set of lines KEY = VALUE, units in brackets left away."""
    sets: list[dict[str, object]] = []
    for line in text.splitlines():
        key, equals, value = (part.strip() for part in line.partition("="))
        if not equals or key.startswith("COMMENT"):
            continue
        if not sets or key in sets[-1]:  # a key again: the next set begins
            sets.append({})
        sets[-1][key] = re.sub(r"\s*\[[^\]]*\]$", "", value)
    return list(sets)


def csv_sets(text: str) -> list[Mapping[str, object]]:
    """Fields of every set of a CSV whose first line names them."""
    return list(csv.DictReader(io.StringIO(text)))


def omm_sets(all_fields: Iterable[Mapping[str, object]], where: str, any_orbit: bool = False) -> list[Elements]:
    """Element sets out of their fields."""
    return [_from_omm(fields, f"{where}: set {k}", any_orbit) for k, fields in enumerate(all_fields, 1)]


def _from_omm(fields: Mapping[str, object], place: str, any_orbit: bool) -> Elements:
    def given(key: str) -> str:
        value = fields.get(key)
        if value is None or str(value).strip() == "":
            raise UsageError(f"{place}: {key} is missing: an OMM needs it: download the file again")
        return str(value).strip()

    def number(key: str) -> float:
        try:
            return float(given(key))
        except ValueError:
            raise UsageError(f"{place}: {key} = {given(key)}: a number is needed: download the file again") from None

    for key, allowed in _OMM_FIXED.items():
        value = str(fields.get(key) or allowed[0]).strip()
        if value not in allowed:
            raise UsageError(f"{place}: {key} = {value}: {allowed[0]} is allowed: give mean elements for SGP4")
    elements = Elements(
        name=str(fields.get("OBJECT_NAME") or "").strip(),
        catalogue_number=_whole(number("NORAD_CAT_ID")),
        epoch=_omm_epoch(given("EPOCH"), place),
        inclination_rad=math.radians(number("INCLINATION")),
        node_rad=math.radians(number("RA_OF_ASC_NODE")),
        eccentricity=number("ECCENTRICITY"),
        perigee_rad=math.radians(number("ARG_OF_PERICENTER")),
        mean_anomaly_rad=math.radians(number("MEAN_ANOMALY")),
        mean_motion_rev_day=number("MEAN_MOTION"),
        bstar=number("BSTAR"),
    )
    fault = implausible(elements, any_orbit)
    if fault:
        raise UsageError(f"{place}: {fault}: give elements of {'a satellite' if any_orbit else 'the station'}")
    return elements


def _whole(number: float) -> int:
    """The number as an integer, 0 where it is none: the catalogue number only tells objects apart."""
    return int(number) if math.isfinite(number) else 0


def _omm_epoch(text: str, place: str) -> Instant:
    """Epoch of an OMM: UTC by definition, written without a zone; the day may be that of the year."""
    plain = text.removesuffix("Z")
    try:
        match = re.fullmatch(r"(\d{4})-(\d{3})(T.*)", plain)
        if match:
            plain = datetime.strptime(f"{match[1]}-{match[2]}", "%Y-%j").strftime("%Y-%m-%d") + match[3]
        datetime.fromisoformat(plain)
    except ValueError:
        raise UsageError(f"{place}: EPOCH = {text}: not an ISO 8601 time: download the file again") from None
    return Instant.from_iso(plain + "Z")
