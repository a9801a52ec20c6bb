"""lib/focus.glsl against its float64 twin."""

from __future__ import annotations

import numpy as np

from earthlimb.physics.lens_model import disc_weight
from tests.support.glsl import evaluate

N = 10_000
RNG = np.random.default_rng(11)


def test_disc_weight() -> None:
    offset = RNG.uniform(-12.0, 12.0, (N, 2))
    radius = np.concatenate([RNG.uniform(0.0, 12.0, N - 1), [0.0]])
    offset[-1] = 0.0  # the smallest disc's own texel
    got = evaluate(["lib/focus.glsl"], "vec4(disc_weight(a.xy, a.z))", np.column_stack([offset, radius]))[:, 0]
    twin = np.array([disc_weight(x, y, r) for (x, y), r in zip(offset, radius, strict=True)])
    four_float32_steps_at_17 = 4 * 17.0 * 2.0**-24
    assert np.abs(got - twin).max() < four_float32_steps_at_17
    assert 0.2 < float((twin > 0.0).mean()) < 0.8  # inside and outside both
