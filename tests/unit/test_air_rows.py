"""The march from row to row of a profile's table: thin layers and slabs against a dense sum over WGS84."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from earthlimb.physics import airglow_march as twin
from earthlimb.physics.emission import AtmosphereInputs, EmissionModel
from earthlimb.physics.geometry import geocentric_radius_km, geodetic_from_itrs
from earthlimb.world import emission_field as ef

Z_KM = np.arange(60.0, 130.01, 0.25)
LAT = np.radians(44.5)
POLE = np.array([0.0, np.cos(LAT), np.sin(LAT)])
ROT_ITRS_FROM_LOCAL = np.stack([np.array([1.0, 0.0, 0.0]), np.cross(POLE, [1.0, 0.0, 0.0]), POLE])
ONE_PERCENT = 0.01


def profiles() -> np.ndarray:
    """(281, k): Gaussian layers of 0.5 to 4 km FWHM at four heights, slabs of 1 and 10 km with edges of 0.25 km."""
    layers = [
        np.exp(-0.5 * ((Z_KM - centre) / (width * 0.42466)) ** 2)
        for centre in (66.0, 90.125, 92.3, 110.0)
        for width in (0.5, 1.0, 2.0, 4.0)
    ]
    slabs = [((a <= Z_KM) & (b >= Z_KM)) * 1.0 for a, b in ((88.0, 98.0), (92.0, 93.0))]
    return np.column_stack(layers + slabs)


def ray_to(tangent_km: float, eye_km: float) -> twin.Ray:
    """Towards the north-east past a tangent height above the sphere through the ground below."""
    eye_radius = float(geocentric_radius_km(POLE[2])) + eye_km
    c = (eye_radius - eye_km + tangent_km) / eye_radius
    return twin.Ray.from_eye(np.array([0.6 * c, 0.8 * c, -np.sqrt(1.0 - c * c)]), eye_radius)


def dense(ray: twin.Ray, rates: np.ndarray, s_from_km: float, s_to_km: float) -> np.ndarray:
    """Columns (k,), rayleigh, by midpoints 0.05 km apart and geodetic altitudes."""
    n = int(np.ceil((s_to_km - s_from_km) / 0.05))
    s = s_from_km + (np.arange(n) + 0.5) * (s_to_km - s_from_km) / n
    alt_km = geodetic_from_itrs(ray.at(s) @ ROT_ITRS_FROM_LOCAL.T)[2]
    at = np.clip((alt_km - 60.0) / 0.25, 0.0, 279.999)
    i = at.astype(int)
    share = ((at - i) * ((alt_km >= 60.0) & (alt_km <= 130.0)))[:, None]
    inside = ((alt_km >= 60.0) & (alt_km <= 130.0))[:, None]
    values = inside * (rates[i] * (1.0 - share) + rates[i + 1] * share)
    return np.asarray(0.1 * (s_to_km - s_from_km) / n * values.sum(axis=0))


@pytest.mark.parametrize("eye_km", [420.0, 95.0, 40.0], ids=["above", "inside", "below"])
def test_thin_layers_and_slabs_on_the_limb(eye_km: float) -> None:
    """1 % wherever a layer gives a hundredth of its brightest limb, 0.1 % of that elsewhere."""
    rates = profiles()
    tangents = [
        h for h in (110.3, 103.0, 92.3, 91.9, 90.0, 87.2, 79.0, 65.8, 60.1, 45.0, 20.0, 2.0) if h < eye_km - 1.0
    ]
    got, want = [], []
    for height in tangents:
        ray = ray_to(height, eye_km)
        want.append(dense(ray, rates, ray.eye_s_km, 1300.0))
        got.append(sum(twin.march_rows(lambda at: rates, ray, Z_KM, side, POLE) for side in (-1.0, 1.0)))
    columns, true = np.array(got), np.array(want)
    peak = true.max(axis=0)
    assert (np.abs(columns - true) < 0.001 * peak + ONE_PERCENT * true).all()
    bright = true > 0.01 * peak
    assert bright.sum() >= 36
    assert np.abs(columns[bright] / true[bright] - 1.0).max() < ONE_PERCENT


@pytest.mark.parametrize("eye_km", [420.0, 40.0], ids=["down", "up"])
def test_straight_through_the_layers_is_the_vertical_column(eye_km: float) -> None:
    rates = profiles()
    side = -1.0 if eye_km > 200.0 else 1.0
    ray = twin.Ray.from_eye(np.array([0.0, 0.0, side]), float(geocentric_radius_km(POLE[2])) + eye_km)
    got = twin.march_rows(lambda at: rates, ray, Z_KM, side, POLE)
    vertical = 0.025 * (rates.sum(axis=0) - 0.5 * (rates[0] + rates[-1]))
    # the geodetic vertical leans 0.19 degrees from the geocentric one
    assert got == pytest.approx(vertical, rel=1e-4)
    assert 50.0 * got[9] == pytest.approx(5.32, abs=0.01)  # the sodium layer of 1 km


def test_an_eye_inside_a_layer_sees_what_is_ahead() -> None:
    """Up and down from 92.3 km each is half the layer, and level along it two halves of the limb."""
    rates = np.exp(-0.5 * ((Z_KM - 92.3) / 0.42466) ** 2)[:, None]
    radius = float(geocentric_radius_km(POLE[2])) + 92.3
    up, down = (twin.Ray.from_eye(np.array([0.0, 0.0, z]), radius) for z in (1.0, -1.0))
    above = twin.march_rows(lambda at: rates, up, Z_KM, 1.0, POLE)[0]
    below = twin.march_rows(lambda at: rates, down, Z_KM, -1.0, POLE)[0]
    whole = 0.025 * float(rates.sum())
    assert above == pytest.approx(0.5 * whole, rel=0.02) and below == pytest.approx(0.5 * whole, rel=0.02)
    assert above + below == pytest.approx(whole, rel=1e-4)
    assert twin.march_rows(lambda at: rates, up, Z_KM, -1.0, POLE)[0] == 0.0


@given(st.floats(-1e5, 1e6), st.floats(10.0, 1e4), st.floats(0.0, 900.0), st.floats(0.0, 900.0), st.floats(0.0, 1.0))
def test_paths_of_an_interval_are_the_integral(
    square: float, rise: float, least: float, beyond: float, slope: float
) -> None:
    most = least + beyond
    paths = twin.row_paths_km(np.array([square]), np.array([rise]), least**2, most**2)[0]
    from_km, to_km = (float(np.clip(np.sqrt(max(end, 0.0)), least, most)) for end in (square, square + rise))
    rates = 1.0 - slope, 1.0 + slope

    def rate(h_km: float) -> float:
        return float(np.interp((h_km * h_km - square) / rise, [0.0, 1.0], rates))

    assert (paths >= 0.0).all()
    assert paths @ rates == pytest.approx(quad(rate, from_km, to_km)[0], rel=1e-6, abs=1e-6)


def test_rows_that_are_kept_hold_the_profile() -> None:
    table = np.zeros((2, 2, 281, 6))
    table[:, :, :, 0] = 50.0 * np.exp(-0.5 * ((Z_KM - 92.3) / 0.42466) ** 2)
    table[:, :, :, 4] = np.exp(-0.5 * ((Z_KM - 97.0) / 9.0) ** 2)
    table[1, 1, 80, 3] = 1.0
    rows, bounds = ef._rows(table, table.max(axis=(0, 1, 2)), (70.3, 125.0), 60.0, 0.25)
    assert bounds == (70.25, 125.0) == (Z_KM[rows[0]], Z_KM[rows[-1]])
    assert 50 < len(rows) < 110
    assert np.diff(rows).min() == 1 and np.diff(rows).max() <= 4
    inside = slice(int(rows[0]), int(rows[-1]) + 1)
    for k in (0, 3, 4):
        line = np.interp(Z_KM[inside], Z_KM[rows], table[1, 1, rows, k])
        assert np.abs(line - table[1, 1, inside, k]).max() <= 3e-3 * table[..., k].max()


@pytest.mark.parametrize(("width_km", "thin"), [(1.0, True), (4.0, True), (5.0, False), (9.0, False)])
def test_only_thin_layers_ask_for_close_rows_of_the_limb_map(width_km: float, thin: bool, tmp_path: Path) -> None:
    rates = np.exp(-0.5 * ((Z_KM - 92.3) / (width_km * 0.42466)) ** 2)
    path = tmp_path / "layer.csv"
    path.write_text("alt_km,na589\n" + "\n".join(f"{z:.2f},{v:.8g}" for z, v in zip(Z_KM, rates, strict=True)) + "\n")
    at = datetime(2021, 9, 9, 22, tzinfo=UTC)
    field = ef.build_emission_field(EmissionModel(AtmosphereInputs(at, profile=path)), np.eye(3), 0.0, 0.0, 0)
    assert field.rows is not None and field.thin.tolist() == [thin] + [False] * 5
    low_km, high_km = field.bounds_km((1.0,) * 6)
    assert low_km == (field.rows_km[0][0], field.rows_km[0][-1])
    assert len(field.rows[1]) == 1 and high_km == (130.0, 130.0)  # nothing glows up there


def test_the_model_is_summed_at_midpoints() -> None:
    at = datetime(2021, 9, 9, 22, tzinfo=UTC)
    field = ef.build_emission_field(EmissionModel(AtmosphereInputs(at)), np.eye(3), 0.0, 1.0, 0)
    assert field.rows is None and not field.thin.any()
    assert (
        ef._bend(field.low.astype(float))[[0, 1, 3, 4, 5]] < ef.SMOOTH * field.low.max(axis=(0, 1, 2))[[0, 1, 3, 4, 5]]
    ).all()
