"""lib/eye.glsl against its float64 twin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earthlimb.physics import eye
from tests.support.glsl import evaluate

EYE = ["lib/eye.glsl"]
N = 20_000
FLOAT32 = 4 * 4e-6
"""Measured 4e-6 relative, mostly of logarithms and powers, times four."""


def lights() -> NDArray[np.float32]:
    """Photopic and scotopic luminance over ten decades with S/P from 0.02 to 20; darkness among them."""
    rng = np.random.default_rng(11)
    photopic = 10.0 ** rng.uniform(-7, 3, N)
    values = np.stack([photopic, photopic * 10.0 ** rng.uniform(-1.7, 1.3, N)], axis=1)
    values[:3] = [[0.0, 0.0], [-1.0, 1e-3], [1e-3, -1.0]]
    return values.astype(np.float32)


def test_mesopic() -> None:
    values = lights()
    found = evaluate(EYE, "vec4(mesopic(a.x, a.y), 0.0, 0.0)", values)[:, :2]
    light, cones = eye.mesopic(values[:, 0].astype(float), values[:, 1].astype(float))
    near_black = 8.0  # measured 3e-5 where the cones' share begins
    assert np.abs(found[:, 0] / light - 1.0).max() < near_black * FLOAT32
    assert np.abs(found[:, 1] - cones).max() < 4 * FLOAT32  # measured 1.6e-5


def test_blur_variance() -> None:
    values = lights()
    f_px = 800.0
    scale = float(np.radians(eye.MTF_SIGMA_CYCLES) * f_px)
    found = evaluate(EYE, "vec4(blur_variance(a.x, scale))", values, uniforms={"scale": ("float", scale)})[:, 0]
    expected = eye.blur_variance_px2(values[:, 0].astype(float), f_px)
    assert np.abs(found / expected - 1.0).max() < 16 * FLOAT32  # the arctangent near -pi/2 leaves a difference


def test_wider_share_keeps_the_variance() -> None:
    variance = np.random.default_rng(12).uniform(1.5, 7.5, (N, 1)).astype(np.float32)
    share = evaluate(EYE, "vec4(wider_share(a.x, 1.5, 7.5))", variance)[:, 0]
    own, wider = eye.level_variance_px2(1), eye.level_variance_px2(2)
    assert np.abs(own + share * (wider - own) - variance[:, 0]).max() < 1e-5


def test_star_threshold() -> None:
    values = lights()
    found = evaluate(EYE, "vec4(1e9 * star_threshold(a.x))", values)[:, 0]
    expected = 1e9 * eye.star_threshold_lx(values[:, 0].astype(float))
    assert np.abs(found / expected - 1.0).max() < FLOAT32


def test_display_luminance() -> None:
    values = lights()
    roots = (float(np.cbrt(1e-5)), float(np.cbrt(0.3)))
    found = evaluate(EYE, "vec4(display_luminance(a.x, roots))", values, uniforms={"roots": ("vec2", roots)})[:, 0]
    expected = eye.display_luminance(np.maximum(values[:, 0].astype(float), 0.0), 1e-5, 0.3)
    assert np.abs(found - expected).max() < 4 * FLOAT32 * expected.max()
