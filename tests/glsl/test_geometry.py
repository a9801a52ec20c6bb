"""lib/math.glsl and lib/geometry.glsl against their float64 twins on 10,000 inputs each."""

from __future__ import annotations

import numpy as np
import pytest

from earthlimb.physics import geometry
from earthlimb.physics.lens import Lens
from tests.support.glsl import evaluate

N = 10_000
METRE = 1e-3
"""km; float32 holds 6800 km to half a metre."""


@pytest.fixture(scope="module")
def rng() -> np.random.Generator:
    return np.random.default_rng(20210909)


def test_arc_tangent_is_good_to_half_a_microradian(rng: np.random.Generator) -> None:
    xy = rng.normal(size=(N, 2)).astype(np.float32)
    xy[:8] = [(0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (-1, 1), (1e-20, 1), (1, -1e-20)]
    got = evaluate(["lib/math.glsl"], "vec4(atan2_precise(a.x, a.y))", xy)[:, 0]
    want = np.arctan2(xy[:, 0].astype(float), xy[:, 1].astype(float))
    assert np.abs(got - want).max() < 5e-7


def test_rays_follow_the_lens(rng: np.random.Generator) -> None:
    lens = Lens(793.766434, 500.5, 333.0, 0.04965, 1000, 665)
    at = rng.uniform((0, 0), (1000, 665), (N, 2))
    got = evaluate(
        ["lib/geometry.glsl"],
        "vec4(ray_cam(a.xy, lens), 0.0)",
        at,
        uniforms={"lens": ("vec4", (lens.f_px, lens.cx_px, lens.cy_px, lens.k1))},
    )
    want = lens.rays_cam(at[:, 0].astype(np.float32), at[:, 1].astype(np.float32))
    assert np.abs(got[:, :3] - want).max() < 4 * 6e-8 * 2  # four roundings of numbers up to 1


def _eyes_and_rays(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    lat, lon = rng.uniform(-0.9, 0.9, N), rng.uniform(-np.pi, np.pi, N)
    eye = geometry.itrs_from_geodetic(lat, lon, rng.uniform(330.0, 440.0, N)).astype(np.float32)
    direction = -eye / np.linalg.norm(eye, axis=1, keepdims=True) + 0.45 * rng.normal(size=(N, 3))
    direction = (direction / np.linalg.norm(direction, axis=1, keepdims=True)).astype(np.float32)
    scaled = eye.astype(float) / np.array([geometry.WGS84_A_KM, geometry.WGS84_A_KM, geometry.WGS84_B_KM])
    size = np.linalg.norm(scaled, axis=1)
    return eye, direction, (size - 1.0) * (size + 1.0)


def test_range_to_the_ground(rng: np.random.Generator) -> None:
    eye, direction, excess = _eyes_and_rays(rng)
    got = evaluate(
        ["lib/geometry.glsl"],
        "vec4(ellipsoid_range(a.xyz, vec3(a.w, b.xy), b.z))",
        np.column_stack([eye, direction, excess]),
    )[:, 0]
    unit = direction.astype(float) / np.linalg.norm(direction.astype(float), axis=1, keepdims=True)
    want = np.array([geometry.ellipsoid_range_km(e.astype(float), d[None])[0] for e, d in zip(eye, unit, strict=True)])
    tangent = np.array([geometry.tangent_km(e.astype(float), d[None])[0][0] for e, d in zip(eye, unit, strict=True)])
    clear = np.abs(tangent) > 0.005  # at 5 m of the horizon float32 may decide otherwise
    assert ((got > 0.0) == np.isfinite(want))[clear].all()
    steep = np.isfinite(want) & (tangent < -50.0)
    assert 3000 < steep.sum()
    assert np.abs(got - want)[steep].max() < 4 * METRE
    grazing = np.isfinite(want) & (tangent < -0.5) & (tangent >= -50.0)
    # the error grows as 1 / sin(elevation): 0.5 m across the ray is 40 m along it at the horizon of -0.5 km
    assert np.abs(got - want)[grazing].max() < 0.2


def test_normal_latitude_longitude(rng: np.random.Generator) -> None:
    lat, lon = rng.uniform(-1.57, 1.57, N), rng.uniform(-3.14, 3.14, N)
    at = geometry.itrs_from_geodetic(lat, lon, 0.0)
    got = evaluate(["lib/geometry.glsl"], "vec4(latlon_from_normal(surface_normal(a.xyz)), 0.0, 0.0)", at)
    off = np.hypot(got[:, 0] - lat, (got[:, 1] - lon) * np.cos(lat)) * 6371.0
    assert off.max() < 4 * METRE


def test_geocentric_radius() -> None:
    s = np.linspace(-1.0, 1.0, N)[:, None]
    got = evaluate(["lib/geometry.glsl"], "vec4(geocentric_radius(a.x))", s)[:, 0]
    assert np.abs(got - geometry.geocentric_radius_km(s[:, 0].astype(np.float32))).max() < 2 * METRE
