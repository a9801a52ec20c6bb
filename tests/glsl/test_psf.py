"""lib/psf.glsl against its float64 twin."""

from __future__ import annotations

import math

import numpy as np

from earthlimb.physics.psf import node_count, node_sigma_px, pixel_share, streak_share
from tests.support.glsl import evaluate

N = 10_000
RNG = np.random.default_rng(7)


def test_erf() -> None:
    x = np.concatenate([RNG.uniform(-5.0, 5.0, N - 3), [0.0, 1e-6, 30.0]])
    got = evaluate(["lib/psf.glsl"], "vec4(erf_near(a.x))", x[:, None])[:, 0]
    formula_and_float32 = 5e-7
    assert np.abs(got - np.vectorize(math.erf)(x)).max() < formula_and_float32


def test_pixel_share() -> None:
    offset = RNG.uniform(-6.0, 6.0, (N, 2))
    sigma = RNG.uniform(0.4, 3.0, (N, 2))
    inputs = np.hstack([offset, 1.0 / (np.sqrt(2.0) * sigma)])
    got = evaluate(["lib/psf.glsl"], "vec4(psf_pixel_share(a.xy, a.zw))", inputs)[:, 0]
    twin = pixel_share(offset[:, 0], offset[:, 1], sigma[:, 0], sigma[:, 1])
    assert np.abs(got - twin).max() < 1e-6  # two factors of erf's error; the peak is 0.6


def test_node_width() -> None:
    step, sigma = RNG.uniform(-1.0, 1.0, (N, 2)), RNG.uniform(0.5, 2.0, N)
    inputs = np.column_stack([step, sigma])
    got = evaluate(["lib/psf.glsl"], "vec4(psf_node_inv(a.xy, a.z), 0.0, 0.0)", inputs)
    for axis in (0, 1):
        pairs = zip(step[:, axis], sigma, strict=True)
        twin = [1.0 / (math.sqrt(2.0) * node_sigma_px(s, c)) for s, c in pairs]
        np.testing.assert_allclose(got[:, axis], twin, rtol=1e-6)


def test_streak_share() -> None:
    """Streaks of up to 30 px, where the shader skips nodes out of reach: 200 streaks of 50 pixels each."""
    sigma, inputs, twin = 0.6, [], []
    for length in np.concatenate([[0.0, 0.3], RNG.uniform(0.0, 30.0, 198)]):
        angle = RNG.uniform(0.0, 2.0 * np.pi)
        dx, dy = length * np.cos(angle), length * np.sin(angle)
        n = int(node_count(dx, dy, sigma))
        step = np.array([dx, dy]) / n
        inv = 1.0 / (math.sqrt(2.0) * np.array([node_sigma_px(s, sigma) for s in step]))
        at = RNG.uniform(-0.6, 0.6, (50, 1)) * [dx, dy] + RNG.uniform(-2.5, 2.5, (50, 2))
        inputs.append(np.hstack([at, np.tile(np.concatenate([step, inv, [n, 0.0]]), (50, 1))]))
        twin.append(streak_share(at[:, 0], at[:, 1], dx, dy, sigma))
    got = evaluate(["lib/psf.glsl"], "vec4(psf_streak_share(a.xy, a.zw, b.xy, int(b.z + 0.5)))", np.vstack(inputs))[
        :, 0
    ]
    skipped_nodes_and_erf = 2e-6
    assert np.abs(got - np.concatenate(twin)).max() < skipped_nodes_and_erf
