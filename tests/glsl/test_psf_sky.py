"""lib/sky.glsl against its float64 twin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from earthlimb.physics.milky_way import (
    BV_RANGE,
    S10_RANGE,
    colour_table,
    load_milky_way,
    map_uv,
    sky_transmission,
)
from tests.support.glsl import evaluate

Floats = NDArray[np.float64]
N = 10_000
RNG = np.random.default_rng(11)


def directions() -> Floats:
    d = RNG.normal(size=(N, 3))
    d[:6] = np.vstack([np.eye(3), -np.eye(3)])
    d[6:200, 0] = 1e-7 * d[6:200, 1] ** 2  # close to RA 90 deg, the edge of the map
    d[200:400, 1] = 1e-6 * RNG.normal(size=200)  # close to RA 180 deg, where the angle jumps
    d[200:400, 0] = -np.abs(d[200:400, 0])
    return d / np.linalg.norm(d, axis=1, keepdims=True)


def test_map_uv() -> None:
    d = directions()
    got = evaluate(["lib/sky.glsl"], "vec4(milky_way_uv(a.xyz), 0.0, 0.0)", d)[:, :2]
    away = got - map_uv(d)
    away[:, 0] -= np.round(away[:, 0])  # -0.25 and 0.75 are the same place
    away[:, 0] *= np.hypot(d[:, 0], d[:, 1])
    fiftieth_of_a_texel = 0.02 / 2048.0
    assert np.abs(away).max() < fiftieth_of_a_texel


def test_milky_way() -> None:
    """All directions but those from RA 90 to 180 deg, for which the map must repeat: see tests/passes."""
    sky = load_milky_way()

    def of_sky(mag: Floats, bv: Floats) -> Floats:
        s10 = 10.0 ** (0.4 * (27.78 - mag))[:, None]
        return s10 * np.stack([bv + 0.1, 1.0 + 0.0 * bv, 3.0 - bv, bv], axis=-1)

    d = directions()
    u = map_uv(d)[:, 0]
    d = d[(u > 0.001) & (u < 0.749)]
    colours = colour_table(of_sky)
    got = evaluate(
        ["lib/sky.glsl"],
        "milky_way(map, colours, s10_range, a.xyz)",
        d,
        uniforms={"s10_range": ("vec2", S10_RANGE)},
        textures={"map": sky.codes / np.float32(255.0), "colours": colours[None].astype(np.float32)},
        linear=True,
    )
    s10, bv = sky.at(d)
    twin = s10[:, None] * np.stack([np.interp(bv, np.linspace(*BV_RANGE, 64), c) for c in colours.T], axis=-1)
    # 1/50 texel of direction at the steepest edge (code steps of 60 between texels), and 8-bit filter weights
    two_percent = 0.02
    np.testing.assert_allclose(got, twin, rtol=two_percent)
    assert np.median(np.abs(got[:, 1] / twin[:, 1] - 1.0)) < 1e-4


def test_sky_transmission() -> None:
    table = RNG.uniform(0.0, 1.0, (401, 4))
    h = np.concatenate([RNG.uniform(-5.0, 120.0, N - 4), [0.0, 100.0, 99.99, 1000.0]])
    got = evaluate(
        ["lib/sky.glsl"],
        "sky_transmission(limb, 0.25, a.x)",
        h[:, None],
        textures={"limb": table[None].astype(np.float32)},
    )
    # 1 m of height in a table that jumps by up to 1 within 250 m
    np.testing.assert_allclose(got, sky_transmission(table, h), atol=4e-3)
