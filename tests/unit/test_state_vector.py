"""A state vector instead of elements: at its instant exact, then as good as elements of that moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earthlimb.astro.elements import nearest_elements, shipped_elements
from earthlimb.astro.orbit import StationState, station_state
from earthlimb.astro.state_vector import elements_of_state
from earthlimb.astro.timescale import Instant
from earthlimb.errors import UsageError
from earthlimb.scene import load_scene, scene_text
from earthlimb.world.build import station_of
from earthlimb.world.timeline import Timeline

START = Instant.from_iso("2021-09-09T22:42:40.05Z")
A_CENTIMETER_KM = 1e-5


def state_at(start: Instant) -> StationState:
    return station_state(nearest_elements(shipped_elements(), start), start)


@pytest.mark.parametrize("minutes", [0.0, 13.0, 31.0, 47.0, 71.0])
def test_the_state_is_met_and_carried_on(minutes: float) -> None:
    """Against the elements that the state came from: the drag alone is not known."""
    start = START.shifted(60.0 * minutes)
    source = nearest_elements(shipped_elements(), start)
    given = station_state(source, start)
    elements = elements_of_state(start, given.pos_gcrs_km, given.vel_gcrs_km_s, "x")
    assert station_state(elements, start).pos_gcrs_km == pytest.approx(given.pos_gcrs_km, abs=A_CENTIMETER_KM)
    for hours, limit_km in ((1.5, 0.02), (24.0, 3.0)):
        later = start.shifted(3600.0 * hours)
        off_km = np.linalg.norm(station_state(elements, later).pos_gcrs_km - station_state(source, later).pos_gcrs_km)
        assert off_km < limit_km


def scene_with(**state: Any) -> dict[str, Any]:
    return {"time": {"utc": "2021-09-09T23:00:00Z"}, "station": {"state": state}, "camera": {"point": {"limb": {}}}}


def given_state() -> dict[str, Any]:
    state = state_at(START)
    pos, vel = (v.tolist() for v in (state.pos_gcrs_km, state.vel_gcrs_km_s))
    return {"utc": "2021-09-09T22:42:40.05Z", "pos_gcrs_km": pos, "vel_gcrs_km_s": vel}


def test_a_scene_may_give_a_state(tmp_path: Path) -> None:
    scene = load_scene(scene_with(**given_state()))
    instant, _, warnings, station = station_of(scene)
    assert warnings == []
    there = station_state(nearest_elements(shipped_elements(), START), instant)
    assert station.pos_gcrs_km == pytest.approx(there.pos_gcrs_km, abs=0.02)
    path = tmp_path / "x.toml"
    path.write_text(scene_text(scene), encoding="utf-8")
    assert load_scene(path) == scene
    assert Timeline(scene).scene_at(3).station.state == scene.station.state


def test_what_is_no_state_is_refused() -> None:
    good = given_state()
    fast = good | {"vel_gcrs_km_s": [10.0 * v for v in good["vel_gcrs_km_s"]]}
    with pytest.raises(UsageError, match=r"^station\.state: not a closed orbit: position 679\d km from the Earth's"):
        station_of(load_scene(scene_with(**fast)))
    slow = good | {"vel_gcrs_km_s": [0.5 * v for v in good["vel_gcrs_km_s"]]}
    with pytest.raises(UsageError, match=r"^station\.state: .*: a state vector of the station in GCRS is wanted"):
        station_of(load_scene(scene_with(**slow)))
    with pytest.raises(UsageError, match="both tle and state are given: one element source is allowed"):
        load_scene(scene_with(**good) | {"station": {"state": good, "tle": "1 \n2 "}})
    with pytest.raises(UsageError, match=r"station\.state\.vel_gcrs_km_s: missing"):
        load_scene(scene_with(utc=good["utc"], pos_gcrs_km=good["pos_gcrs_km"]))
