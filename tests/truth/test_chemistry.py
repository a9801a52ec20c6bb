"""Emission rates and zenith brightness of the reference cases.

Outside numbers: an independent double-precision implementation with NRLMSIS 2.1, cases midlat_sep2021 and
equator_sep2021 (tests/data/air_ver_*.csv).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest

from earthlimb.constants import EMISSIONS
from earthlimb.physics.chemistry import CALIBRATION, Air
from earthlimb.physics.climatology import RED
from earthlimb.physics.emission import AtmosphereInputs, EmissionModel, columns_rayleigh
from tests.truth.tables import worst
from tests.unit.test_air_chemistry import CALIBRATED, CASES, case_table, rates

ZENITH_RAYLEIGH = {"na589": 30.69, "oi558": 232.9, "oi630": 13.21, "oh": 319.3, "o2": 191.3, "continuum": 568.4}
"""Summary of the case midlat_sep2021."""


@pytest.mark.parametrize("case", CASES)
def test_rates_from_the_references_composition(validated: Callable[..., None], case: str) -> None:
    table, inputs = case_table(case)
    hydrogen = table["H_cm3"] > 0.0  # below 76 km the reference has none, and no emission
    air = Air(*(table[k][hydrogen] for k in ("T_K", "N2_cm3", "O2_cm3", "O_cm3", "H_cm3")))
    got = rates(table["z_km"][hydrogen], air, table["ne_cm3"][hydrogen], inputs)
    for name in EMISSIONS:
        want = table[CALIBRATED[name]][hydrogen]
        off = worst(CALIBRATION[name] * got[name], want, want > 0.01 * want.max())
        claim = f"{name}, {case}, same composition: largest deviation"
        validated(claim, off, 0.1, f"reference: peak {want.max():.1f} cm-3 s-1", "%")


def test_zenith_brightness_from_the_shipped_table(validated: Callable[..., None]) -> None:
    """Date and place alone go in; composition comes from the shipped table of NRLMSIS."""
    inputs = AtmosphereInputs(utc=datetime(2021, 9, 20, tzinfo=UTC), climatology=0.0, ap=4.0)
    profiles = EmissionModel(inputs, "table").profiles(np.radians([45.0]), np.array([0.0]))
    got = columns_rayleigh(profiles.low[0], 0.25)
    got[RED] = columns_rayleigh(profiles.high[0, RED], 2.0)
    for name, want in ZENITH_RAYLEIGH.items():
        value = float(got[EMISSIONS.index(name)])
        bound = (0.99 * want, 1.01 * want)
        validated(f"{name}: zenith brightness, 45 N, 20 September 2021", value, bound, f"reference: {want}", "R")
