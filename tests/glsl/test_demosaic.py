"""lib/demosaic.glsl and lib/focus.glsl against their float64 twins, through the passes that use them."""

from __future__ import annotations

import numpy as np
import pytest

from earthlimb.physics.demosaic import channel_of
from earthlimb.physics.lens_model import disc_weight
from tests.support.glsl import evaluate

N = 10_000


def test_the_filter_is_the_twins() -> None:
    places = np.random.default_rng(1).integers(0, 9000, (N, 2)).astype(np.float32)
    found = evaluate(["lib/demosaic.glsl"], "vec4(bayer_filter(ivec2(a.xy)), 0.0)", places)[:, :3]
    channel = channel_of(places[:, 0].astype(int), places[:, 1].astype(int))
    assert np.array_equal(found, np.eye(3, dtype=np.float32)[channel])


@pytest.mark.parametrize("radius", [0.3, 2.0, 7.7])
def test_the_disc_is_the_twins(radius: float) -> None:
    places = np.random.default_rng(2).uniform(-10.0, 10.0, (N, 2)).astype(np.float32)
    found = evaluate(
        ["lib/focus.glsl"], "vec4(disc_weight(a.xy, radius))", places, uniforms={"radius": ("float", radius)}
    )
    expected = disc_weight(places[:, 0], places[:, 1], np.float64(np.float32(radius)))
    assert np.abs(found[:, 0] - expected).max() < 4 * 1e-6
