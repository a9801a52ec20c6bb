"""Whether element sets can be the station's: its inclination, its height, and the turn of its orbit plane."""

from __future__ import annotations

import math
from collections.abc import Sequence

from earthlimb.astro.element_set import Elements
from earthlimb.astro.elements import STATION_NUMBER, shipped_elements
from earthlimb.astro.timescale import DAY_S
from earthlimb.constants import EARTH_EQUATOR_KM, EARTH_GM_KM3_S2, EARTH_J2

INCLINATION_DEG = (51.3, 52.0)
"""Of the station since 1998, deg."""
HEIGHT_KM = (320.0, 450.0)
"""Mean height of the station above the equator's radius since 1998, km."""
NODE_OFF_DEG = 1.0
"""By how much the node of a real set may miss the regression of another one, and 0.01 more for each day between."""
_NEAR_DAYS = 60.0


def node_rate_rad_day(elements: Elements) -> float:
    """Regression of the node by the Earth's flattening [rad per day], secular first order (Kaula 1966).

    Examples
    --------
    The station's orbit plane turns by 5 degrees a day:

    >>> round(math.degrees(node_rate_rad_day(shipped_elements()[-1])), 1)
    -5.0
    """
    n_rad_s = elements.mean_motion_rev_day * 2.0 * math.pi / DAY_S
    p_km = _semi_major_km(elements) * (1.0 - elements.eccentricity**2)
    return -1.5 * EARTH_J2 * n_rad_s * (EARTH_EQUATOR_KM / p_km) ** 2 * math.cos(elements.inclination_rad) * DAY_S


def doubts(elements: Elements, sets: Sequence[Elements], where: str) -> list[str]:
    """Warnings about a set that says it is the station's.

    Parameters
    ----------
    elements : Elements
        The set that is used; other objects than the station are not judged.
    sets : sequence of Elements
        All sets of its source; the shipped ones are asked, too.
    where : str
        What a message begins with.
    """
    if elements.catalogue_number != STATION_NUMBER:
        return []
    found = []
    inclination_deg = math.degrees(elements.inclination_rad)
    height_km = _semi_major_km(elements) - EARTH_EQUATOR_KM
    if not INCLINATION_DEG[0] <= inclination_deg <= INCLINATION_DEG[1]:
        found.append(f"{where}: inclination {inclination_deg:.2f} deg: the station's is 51.6: check the elements")
    if not HEIGHT_KM[0] <= height_km <= HEIGHT_KM[1]:
        found.append(
            f"{where}: mean height {height_km:.0f} km: the station flies at {HEIGHT_KM[0]:.0f} to {HEIGHT_KM[1]:.0f}: "
            "check the elements"
        )
    others = [one for one in (*sets, *shipped_elements()) if one.catalogue_number == STATION_NUMBER]
    near = [(abs(one.epoch.minus(elements.epoch)) / DAY_S, one) for one in others]
    near = sorted((pair for pair in near if 0.01 < pair[0] < _NEAR_DAYS), key=lambda pair: pair[0])
    for days, one in near[:2]:
        between_days = elements.epoch.minus(one.epoch) / DAY_S
        rate = 0.5 * (node_rate_rad_day(elements) + node_rate_rad_day(one))
        off_rad = math.remainder(elements.node_rad - one.node_rad - rate * between_days, 2.0 * math.pi)
        if abs(math.degrees(off_rad)) > NODE_OFF_DEG + 0.01 * days:
            found.append(
                f"{where}: the node of {elements.epoch.utc_iso(0)} lies {abs(math.degrees(off_rad)):.1f} deg from "
                f"where the set of {one.epoch.utc_iso(0)} puts it: one of them is made up "
                "or of another object: check both"
            )
    return found


def _semi_major_km(elements: Elements) -> float:
    n_rad_s = elements.mean_motion_rev_day * 2.0 * math.pi / DAY_S
    return float((EARTH_GM_KM3_S2 / n_rad_s**2) ** (1.0 / 3.0))
