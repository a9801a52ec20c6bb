"""The dark surface on the GPU against its float64 twin."""

from __future__ import annotations

import numpy as np

from earthlimb.physics.surface import surface_radiance
from tests.support.glsl import evaluate

# 8-bit roots of reflectance are exact in float32; products of four numbers: 4 rounding errors, times 4
FLOAT32 = 1e-6


def test_surface_light_twin() -> None:
    rng = np.random.default_rng(0)
    root = rng.uniform(0.1, 1.0, (100, 100, 3)).astype(np.float32)
    row, col = np.mgrid[0:100, 0:100]
    uv = np.stack([(col + 0.5) / 100, (row + 0.5) / 100], -1).reshape(-1, 2)
    through = rng.uniform(0.0, 1.0, (10_000, 4)).astype(np.float32)
    irradiance = (1.0, 2.0, 3.0, 4.0)
    got = evaluate(
        ["lib/surface.glsl"],
        "surface_light(albedo, a.xy, irradiance, b)",
        np.concatenate([uv, np.zeros_like(uv), through], axis=1),
        uniforms={"irradiance": ("vec4", irradiance)},
        textures={"albedo": root},
    )
    want = surface_radiance(root.reshape(-1, 3).astype(float) ** 2, irradiance, through)
    np.testing.assert_allclose(got, want, rtol=FLOAT32)
