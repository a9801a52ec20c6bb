"""lib/airglow.glsl and lib/limb_map.glsl against their float64 twins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from earthlimb.physics import airglow_march as twin
from earthlimb.physics.geometry import geocentric_radius_km
from earthlimb.physics.limb_map import LimbMap
from tests.support.glsl import evaluate

N = 10_000
POLE = np.array([0.0, np.cos(0.7), np.sin(0.7)])  # 40 deg north
SUN = np.array([0.3, -0.5, -0.8]) / np.linalg.norm([0.3, -0.5, -0.8])
EARTH = f"Earth(vec3({','.join(map(repr, POLE.tolist()))}), vec3({','.join(map(repr, SUN.tolist()))}))"
RAY = "ray_from_eye(a.xyz, a.w)"
METRE = 1e-3
CUT = 3.4e-5


def rays(eye_km: float, seed: int = 1) -> np.ndarray:
    """Directions (N, 3), half of them about the limb, float32."""
    rng = np.random.default_rng(seed)
    radius = float(geocentric_radius_km(POLE[2])) + eye_km
    z = rng.uniform(-1.0, 1.0, N)
    z[: N // 2] = -np.sqrt(1.0 - np.minimum((6370.0 + rng.uniform(0, 140, N // 2)) / radius, 0.99999) ** 2)
    azimuth = rng.uniform(-np.pi, np.pi, N)
    c = np.sqrt(1.0 - z * z)
    return np.column_stack([c * np.sin(azimuth), c * np.cos(azimuth), z, np.full(N, radius)]).astype(np.float32)


@pytest.mark.parametrize("eye_km", [50.0, 95.0, 420.0], ids=["below", "inside", "above"])
def test_pieces_of_both_legs(eye_km: float) -> None:
    a = rays(eye_km)
    got = evaluate(
        ["lib/airglow.glsl"],
        f"shell_pieces(Shell(75.0, 125.0, 60.0, 0.25, 281.0, 49.0, 0.72), {RAY}, {EARTH})",
        a,
    )
    every = slice(0, N, 5)
    want = np.array(
        [
            twin.shell_pieces(twin.Ray.from_eye(row[:3].astype(float), float(row[3])), 75.0, 125.0, POLE)
            for row in a[every]
        ]
    )
    # s = sqrt((R - p)(R + p)): a metre of height is 6.5 km / s of path, so compare s^2 / 2R, which is a height
    height = np.abs(got[every].astype(float) ** 2 - want**2) / (2.0 * 6450.0)
    assert height.max() < 8 * METRE
    assert (np.sign(got[every]) == np.sign(want)).mean() > 0.999


def test_altitude_of_points() -> None:
    rng = np.random.default_rng(2)
    at = rng.normal(size=(N, 3))
    at *= (rng.uniform(6400.0, 6950.0, N) / np.linalg.norm(at, axis=1))[:, None]
    at = at.astype(np.float32)
    got = evaluate(["lib/airglow.glsl"], f"vec4(altitude(a.xyz, {EARTH}))", at)[:, 0]
    assert np.abs(got - twin.altitude_km(at.astype(float), POLE)).max() < 4 * METRE


def test_night_fraction() -> None:
    rng = np.random.default_rng(3)
    at = rng.normal(size=(N, 3))
    at *= (rng.uniform(6440.0, 6700.0, N) / np.linalg.norm(at, axis=1))[:, None]
    at = at.astype(np.float32)
    got = evaluate(["lib/airglow.glsl"], f"vec4(night_fraction(a.xyz, {EARTH}))", at)[:, 0]
    want = twin.night_fraction(at.astype(float), SUN, POLE)
    assert 0.1 < want.mean() < 0.9
    assert np.abs(got - want).max() < 3e-4  # slope 1.5 / 35 km times a few metres


def test_shadow_reaches_higher_where_the_sun_is_deeper() -> None:
    """At depression d the straight shadow stands R (1/cos d - 1) high: 101 km at 10 deg, 423 km at 20."""
    for depression, height in ((10.0, 98.6), (20.0, 409.2)):
        d = np.radians(depression)
        sun = np.array([np.cos(d), 0.0, -np.sin(d)])
        pole = np.array([0.0, 1.0, 0.0])
        radius = float(geocentric_radius_km(0.0))
        assert height == pytest.approx(radius * (1.0 / np.cos(d) - 1.0), abs=0.5)
        up = np.array([[0.0, 0.0, radius + height - 0.5], [0.0, 0.0, radius + height + 45.0]])
        dark, lit = twin.night_fraction(up, sun, pole)
        assert dark > 0.99 and lit < 0.01


def test_both_legs_by_altitude() -> None:
    """Crossings of both shells' rows: to 5 m of height at the limb and a metre from 10 km off it."""
    a = rays(420.0, seed=5)
    for bottom, top in ((60.0, 130.0), (130.0, 600.0)):
        legs = f"legs_of(Shell({bottom}, {top}, 60.0, 0.25, 281.0, 49.0, 0.72), {RAY}, {EARTH})"
        got = evaluate(
            ["lib/airglow.glsl"],
            "vec4(legs.middle, legs.square_bottom, legs.slope, legs.curve)".replace("legs", "legs_at(a)"),
            a,
            declarations=f"Legs legs_at(vec4 a) {{ return {legs}; }}",
        ).astype(float)
        every = slice(0, N, 10)
        want = [
            twin.Legs.of(twin.Ray.from_eye(row[:3].astype(float), float(row[3])), bottom, top, POLE) for row in a[every]
        ]
        middle = np.array([leg.middle_km for leg in want])
        assert np.abs(got[every, 0] - middle).max() < 0.05
        z = np.linspace(bottom, top, 9)
        for row, leg in zip(got[every], want, strict=True):
            square = row[1] + (z - bottom) * (row[2] + row[3] * (z - top))
            assert np.abs(square - leg.square_km2(z)).max() / (2.0 * 6450.0) < 5 * METRE


def test_paths_of_an_interval_between_rows() -> None:
    rng = np.random.default_rng(6)
    square = np.where(rng.random(N) < 0.5, rng.uniform(-4e3, 1e6, N), rng.uniform(4.1e7, 4.3e7, N))
    a = np.column_stack([square, rng.uniform(300.0, 3.0e4, N), np.zeros(N), np.full(N, 1e12)]).astype(np.float32)
    cut = (a[:, 0] + rng.random(N) * a[:, 1]).clip(0.0)  # an eye between the rows cuts the leg before it or behind it
    a[: N // 6, 2], a[N // 6 : N // 3, 3] = cut[: N // 6], cut[N // 6 : N // 3]
    got = evaluate(["lib/airglow.glsl"], "vec4(row_paths(a.x, a.y, a.z, a.w), 0.0, 0.0)", a)[:, :2]
    b = a.astype(float)
    want = np.array([twin.row_paths_km(r[:1], r[1:2], r[2], r[3])[0] for r in b])
    off = np.abs(got - want) / np.maximum(want.sum(axis=1, keepdims=True), 0.05)
    whole = (np.arange(N) >= N // 3) & (a[:, 0] > 0.0)
    assert off[whole].max() < 4 * 2e-7
    assert off[~whole].max() < 4 * CUT  # where the eye or the lowest point leaves a thin slice of the interval


def _limb_map() -> LimbMap:
    return LimbMap(0.4, 181, False, (0, 10), 6790.0, 6368.0)


def _map_glsl(m: LimbMap) -> str:
    def vec(values: object) -> str:
        return ",".join(f"{float(v)!r}" for v in values)  # type: ignore[attr-defined]

    return (
        f"LimbMap(vec2({vec([np.cos(m.centre_rad), np.sin(m.centre_rad)])}), {float(m.per_rad)!r}, "
        f"vec2({m.n_columns}.0,{m.n_rows}.0), {m.eye_radius_km!r}, {m.reference_km!r}, vec4({vec(m.z_knots)}), "
        f"vec4({vec(m.z_rows)}), vec3({vec(m.q_knots)}), vec3({vec(m.q_rows)}))"
    )


@pytest.mark.parametrize("fine", [False, True], ids=["coarse", "fine"])
def test_limb_map_coordinates_match_the_twin_and_return(fine: bool) -> None:
    m = replace(_limb_map(), fine=fine)
    a = rays(6790.0 - float(geocentric_radius_km(POLE[2])), seed=4)
    got = evaluate(["lib/limb_map.glsl"], f"vec4(limb_map_uv({_map_glsl(m)}, a.xyz), 0.0, 0.0)", a)
    row = m.row(a[:, :3].astype(float))
    assert np.abs(got[:, 1] * m.n_rows - 0.5 - row).max() < 0.02
    column = m.column(a[:, :3].astype(float))
    inside = np.abs(column - 90.0) < 120.0  # away from the seam
    assert np.abs(got[:, 0] * m.n_columns - 0.5 - column)[inside].max() < 0.002
    texel = np.column_stack([np.tile(np.arange(181.0), 60)[:N], np.linspace(0, m.n_rows - 1, N)])
    back = evaluate(["lib/limb_map.glsl"], f"vec4(limb_map_direction({_map_glsl(m)}, a.x, a.y), 0.0)", texel)
    assert np.abs(np.linalg.norm(back[:, :3], axis=1) - 1.0).max() < 1e-6
    again = m.row(back[:, :3].astype(float))
    # rows: 4 times float32's 1.1 m of tangent height where they are 0.05 km apart, 8 m where 0.4 km
    assert np.abs(again - texel[:, 1].astype(np.float32)).max() < (0.09 if fine else 0.02)
