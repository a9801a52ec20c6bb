"""lib/noise.glsl and the vignetting of lib/sensor.glsl against their float64 twins."""

from __future__ import annotations

import numpy as np
import pytest

from earthlimb.physics.sensor_model import noisy_electrons, normal_from_bits, random_bits, vignetting
from tests.support.glsl import evaluate

NOISE = ["lib/noise.glsl"]
N = 20_000


def pixels() -> np.ndarray:
    rng = np.random.default_rng(3)
    places = rng.integers(0, 16384, (N, 2)).astype(np.float32)
    places[:3] = [[0, 0], [16383, 0], [0, 16383]]
    return places


@pytest.mark.parametrize("seed", [0, 1, 0xDEADBEEF, 0xFFFFFFFF])
@pytest.mark.parametrize("half", ["& 0xffffu", ">> 16u"])
def test_bits_are_equal(seed: int, half: str) -> None:
    places = pixels()
    found = evaluate(
        NOISE,
        f"vec4(random_bits(uvec3(uint(a.x), uint(a.y), seed)) {half}, 0.0)",
        places,
        uniforms={"seed": ("uint", seed)},
    )[:, :3]
    bits = random_bits(places[:, 0].astype(np.uint32), places[:, 1].astype(np.uint32), seed)
    expected = bits & np.uint32(0xFFFF) if half.startswith("&") else bits >> np.uint32(16)
    assert np.array_equal(found, expected.astype(np.float32))


def test_normal_deviates() -> None:
    """Measured 5.1e-7 of a sigma, times four; the bits that it starts from are equal."""
    places = pixels()
    found = evaluate(NOISE, "vec4(normal_from_bits(random_bits(uvec3(uint(a.x), uint(a.y), 9u))), 0.0)", places)
    expected = normal_from_bits(random_bits(places[:, 0].astype(np.uint32), places[:, 1].astype(np.uint32), 9))
    assert np.abs(expected).max() > 4.0  # the tail took part
    assert np.abs(found[:, :3] - expected).max() < 4 * 5.2e-7


def test_noisy_electrons() -> None:
    rng = np.random.default_rng(4)
    mean = np.concatenate([[0.0, -5.0, 1e6], 10.0 ** rng.uniform(-3, 6, N - 3)])
    variance = np.where(rng.random(N) < 0.1, 0.0, 10.0 ** rng.uniform(-1, 3, N))
    z = rng.normal(size=N)
    inputs = np.stack([mean, variance, z], 1).astype(np.float32)
    found = evaluate(NOISE, "vec4(noisy_electrons(a.xxx, a.yyy, a.zzz), 0.0)", inputs)
    exact = inputs.astype(float)
    expected = np.array([noisy_electrons(m, v, d) for m, v, d in exact])
    # of the numbers that are added: the mean and its noise
    scale = np.abs(exact[:, 0]) + np.sqrt(np.maximum(exact[:, 0], 0.0) + exact[:, 1]) + 1e-3
    for channel in range(3):
        assert (np.abs(found[:, channel] - expected) / scale).max() < 4 * 6.7e-7


@pytest.mark.parametrize("k1", [0.0, 0.05, -0.1])
def test_vignetting(k1: float) -> None:
    rng = np.random.default_rng(5)
    xy = rng.uniform([0, 0], [1280, 720], (N, 2))
    found = evaluate(
        ["lib/sensor.glsl"],
        "vec4(vignetting(a.xy, lens, barrel))",
        xy,
        uniforms={
            "lens": ("vec4", (1000.0, 641.0, 359.0, k1)),
            "barrel": ("vec2", (1.0, (1000.0 / 770.0) ** 2)),
        },
    )[:, 0]
    at = xy.astype(np.float32).astype(float) - 0.5
    expected = vignetting(
        at[:, 0],
        at[:, 1],
        f_px=1000.0,
        cx_px=641.0,
        cy_px=359.0,
        k1=k1,
        half_diagonal_px=770.0,
        mechanical_ev=1.0,
    )
    assert expected.min() < 0.5
    assert np.abs(found / expected - 1.0).max() < 4 * 5e-7
