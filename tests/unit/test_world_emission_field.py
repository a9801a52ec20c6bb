"""The emission field around the station: grid, waves, bounds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earthlimb.constants import EMISSIONS
from earthlimb.physics.waves import BRIGHTNESS_RMS, HEIGHT_RMS_KM, Waves
from earthlimb.scene import load_scene
from earthlimb.world import build_world
from earthlimb.world import emission_field as ef


@dataclass
class Profiles:
    low: np.ndarray
    high: np.ndarray


class Layer:
    """A model with one Gaussian layer of each emission, brighter towards the north."""

    sunlit_test = True

    def profiles(self, lat_rad: np.ndarray, lon_rad: np.ndarray) -> Profiles:
        z, zh = np.arange(60.0, 130.01, 0.25), np.arange(130.0, 600.01, 2.0)
        low = np.exp(-0.5 * ((z - 92.0) / 3.0) ** 2)[None, None] * (2.0 + lat_rad)[:, None, None]
        high = np.exp(-0.5 * ((zh - 250.0) / 40.0) ** 2)[None, None] * np.eye(6)[2][:, None]
        low = np.repeat(low, 6, axis=1)
        low[:, 2] = 0.0
        return Profiles(low, np.repeat(high, len(lat_rad), axis=0))


def test_without_waves_the_field_is_the_model() -> None:
    field = ef.build_emission_field(Layer(), np.eye(3), 0.0, 0.0, 0)  # type: ignore[arg-type]
    middle = ef.COARSE_NODES // 2
    column = 0.025 * field.low[middle, middle, :, 1].sum()
    assert column == pytest.approx(0.1 * (2.0 + np.pi / 2) * 3.0 * np.sqrt(2 * np.pi), rel=1e-6)
    low_km, high_km = field.bounds_km((1.0,) * 6)
    assert low_km[0] == pytest.approx(92.0 - 3.0 * np.sqrt(-2 * np.log(3e-4)), abs=0.5)
    assert high_km[1] < 450.0
    assert field.bounds_km((1.0, 1.0, 0.0, 1.0, 1.0, 1.0)) == (low_km, (130.0, 130.0))
    (bottom, top), high = field.bounds_km((0.0, 0.0, 3.0, 0.0, 0.0, 0.0))
    assert bottom == top and high == high_km


def test_waves_leave_the_mean_and_move_the_layers() -> None:
    directions = np.random.default_rng(0).normal(size=(20000, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    factor, rise = Waves.from_seed(3).at(directions, 1e6)
    assert factor.mean() == pytest.approx(1.0, abs=0.02)
    assert np.log(factor[:, 1]).std() == pytest.approx(BRIGHTNESS_RMS, rel=0.15)
    assert rise[:, 1].std() == pytest.approx(HEIGHT_RMS_KM, rel=0.15)
    red = EMISSIONS.index("oi630")
    assert (factor[:, red] == 1.0).all() and (rise[:, red] == 0.0).all()


def test_waves_depend_on_their_seed_alone() -> None:
    at = np.array([[0.6, 0.0, 0.8]])
    again = Waves.from_seed(5).at(at, 100.0)[0]
    assert (Waves.from_seed(5).at(at, 100.0)[0] == again).all()
    assert (Waves.from_seed(6).at(at, 100.0)[0] != again).any()


@given(st.integers(0, 2**62), st.floats(-1e9, 1e9))
def test_emission_stays_positive(seed: int, seconds: float) -> None:
    factor, _ = Waves.from_seed(seed).at(np.eye(3), seconds)
    assert (factor > 0.0).all() and np.isfinite(factor).all()


def test_a_displaced_profile_keeps_its_column() -> None:
    table = np.zeros((2, 2, 281, 6))
    table[:, :, 100:160] = np.hanning(60)[:, None]
    moved = ef._displaced(table, np.full((2, 2, 6), 1.13))
    assert moved.sum(axis=2) == pytest.approx(table.sum(axis=2), rel=1e-9)
    z = np.arange(281)[:, None] * 0.25
    shift = (moved * z).sum(axis=2) / moved.sum(axis=2) - (table * z).sum(axis=2) / table.sum(axis=2)
    assert shift == pytest.approx(1.13, rel=1e-9)


def test_columns_above_the_station_count_the_seam_once(tmp_path: Path) -> None:
    """10 photon cm-3 s-1 from 100 to 160 km are 60 rayleigh, on both sides of the tables' seam at 130 km."""
    path = tmp_path / "constant.csv"
    path.write_text("alt_km,oh\n100,10\n160,10\n")
    world = build_world(load_scene("italy", {"atmosphere.profile": str(path)}))
    columns = dict(zip(EMISSIONS, world.zenith_columns_rayleigh, strict=True))
    assert columns.pop("oh") == pytest.approx(60.0, rel=1e-9)
    assert set(columns.values()) == {0.0}
