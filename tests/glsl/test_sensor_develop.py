"""lib/development.glsl against its float64 twin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earthlimb.physics.development import LUMINANCE, develop_linear, gamut_map, shoulder, srgb_encode
from earthlimb.physics.exposure import CameraBody
from tests.support.glsl import evaluate

DEVELOP = ["lib/development.glsl"]
N = 20_000
FLOAT32 = 4 * 3e-7
"""Measured 2.7e-7 of the largest channel, times four."""


def colours() -> NDArray[np.float32]:
    """Any sign, eight decades of brightness; greys, primaries and blacks among them."""
    rng = np.random.default_rng(6)
    rgb = rng.uniform(-1.0, 1.5, (N, 3)) * 10.0 ** rng.uniform(-6, 2, (N, 1))
    rgb[:6] = [[0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [-0.34, 1, -0.31]]
    return rgb.astype(np.float32)


def test_gamut_map() -> None:
    rgb = colours()
    found = evaluate(DEVELOP, "vec4(gamut_map(a.xyz), 0.0)", rgb)[:, :3]
    exact = rgb.astype(float)
    expected = gamut_map(exact)
    scale = np.abs(exact).max(1, keepdims=True) + 1e-12
    assert (np.abs(found - expected) / scale).max() < FLOAT32
    lit = exact @ LUMINANCE > 1e-3 * scale[:, 0]
    assert (found[lit] > 0.0).all()


def test_shoulder() -> None:
    values = np.random.default_rng(7).uniform(-1.0, 20.0, (N, 3))
    found = evaluate(DEVELOP, "vec4(shoulder(a.xyz), 0.0)", values)[:, :3]
    assert np.abs(found - shoulder(values.astype(np.float32))).max() < FLOAT32


def test_srgb_encode() -> None:
    """The quartic in the fourth root is off by 3.5e-5: a hundredth of an 8-bit step."""
    values = np.random.default_rng(8).uniform(0.0, 1.0, (N, 3)) ** 3
    values[:4] = [[-1, 0, 2], [0.0031308] * 3, [1] * 3, [0.5] * 3]
    found = evaluate(DEVELOP, "vec4(srgb_encode(a.xyz), 0.0)", values)[:, :3]
    assert np.abs(np.clip(found, 0, 1) - srgb_encode(values.astype(np.float32))).max() < 4e-5


def test_develop_linear() -> None:
    body = CameraBody.load("nikon-d5")
    electrons = np.random.default_rng(9).uniform(-20.0, 1500.0, (N, 3)).astype(np.float32)
    gain = np.array([1.71, 1.0, 1.59])
    found = evaluate(
        DEVELOP,
        "vec4(develop_linear(a.xyz, to_raw, 2.0, matrix), 0.0)",
        electrons,
        uniforms={
            "to_raw": ("vec3", tuple(gain / 1130.0)),
            "matrix": ("mat3", tuple(np.asarray(body.matrix).T.ravel())),
        },
    )[:, :3]
    expected = develop_linear(electrons, saturation_e=1130.0, gain=gain, ev=1.0, matrix=body.matrix)
    assert np.abs(found - expected).max() < 4 * FLOAT32  # values to 2, products of three factors
