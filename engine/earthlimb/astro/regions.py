"""Regions of the Earth by name: continents and countries, as the cells in which people live."""
# ruff: noqa: E501 (lists of countries)

from __future__ import annotations

import difflib
import math

import numpy as np
from numpy.typing import NDArray

from earthlimb.astro.places import places_of
from earthlimb.errors import UsageError

_EUROPE = (
    "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT NL NO "
    "PL PT RO RS RU SE SI SJ SK SM UA VA XK"
)
_AFRICA = (
    "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU MW MZ NA NE NG RE "
    "RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW"
)
_ASIA = (
    "AE AF AM AZ BD BH BN BT CN GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM PH PK PS QA RU SA "
    "SG SY TH TJ TL TM TR TW UZ VN YE"
)
_NORTH_AMERICA = "AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI PA PM PR SV SX TC TT US VC VG VI"
_SOUTH_AMERICA = "AR BO BR CL CO EC FK GF GY PE PY SR UY VE"
_OCEANIA = "AS AU CK FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV VU WF WS"

_BOXES = {"europe": (-32.0, 60.0, 27.0, 82.0), "asia": (25.0, 180.0, -12.0, 82.0)}
"""West, east, south, north [deg] where the countries reach beyond: islands overseas, Russia."""
REGIONS = {
    "Europe": _EUROPE,
    "Africa": _AFRICA,
    "Asia": _ASIA,
    "North America": _NORTH_AMERICA,
    "South America": _SOUTH_AMERICA,
    "Oceania": _OCEANIA,
    "Scandinavia": "DK NO SE FI",
    "Mediterranean": "AL BA CY DZ EG ES FR GR HR IL IT LB LY MA MC ME MT PS SI SY TN TR",
    "Middle East": "AE BH EG IL IQ IR JO KW LB OM PS QA SA SY TR YE",
    "Central America": "BZ CR GT HN NI PA SV",
    "Caribbean": "AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI",
}
"""Country codes (ISO 3166) by name; every two-letter code is a region, too."""
_CELL_DEG = 2.0


def region_places(name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latitudes and longitudes [rad] of one place in each cell of 2 degrees in which the region is inhabited.

    Raises
    ------
    UsageError
        No region of that name.
    """
    wanted = {key.casefold(): codes for key, codes in REGIONS.items()}
    plain = name.strip().casefold()
    codes = wanted.get(plain, name.strip().upper() if len(name.strip()) == 2 else "").split()
    lat_rad, lon_rad = places_of(codes) if codes else (np.empty(0), np.empty(0))
    if not lat_rad.size:
        near = difflib.get_close_matches(plain, wanted, 1, 0.6)
        title = next((key for key in REGIONS if near and key.casefold() == near[0]), "")
        raise UsageError(
            f"--region: {name}: {', '.join(REGIONS)} or a country's two letters (IT) is allowed"
            + (f"; did you mean {title}?" if title else ": choose one")
        )
    lat, lon = np.degrees(lat_rad), np.degrees(lon_rad)
    if plain in _BOXES:
        west, east, south, north = _BOXES[plain]
        inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        lat, lon = lat[inside], lon[inside]
    width = _CELL_DEG / np.maximum(np.cos(np.radians(lat)), 0.1)
    cells = np.stack([np.floor(lat / _CELL_DEG), np.floor(lon / width)], axis=1)
    first = np.unique(cells, axis=0, return_index=True)[1]
    return np.asarray(lat[first] * math.pi / 180.0), np.asarray(lon[first] * math.pi / 180.0)
