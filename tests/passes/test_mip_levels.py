"""Mip levels of our own against the float64 twin, and what a driver then reads."""

from __future__ import annotations

import numpy as np
import pytest

from earthlimb.gpu import texture_from
from earthlimb.gpu.mip_levels import mip_levels, upload_levels
from earthlimb.gpu.targets import Target, finished
from earthlimb.physics import lights_filter
from earthlimb.renderer import Renderer

_WHOLE = """#version 410
void main() { gl_Position = vec4(4 * (gl_VertexID & 1) - 1, 2 * (gl_VertexID & 2) - 1, 0, 1); }
"""
_FETCH = """#version 410
uniform sampler2D image;
uniform int level;
layout(location = 0) out float texel;
void main() { texel = texelFetch(image, ivec2(gl_FragCoord.xy), level).r; }
"""


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_levels_are_the_twins_to_rounding(dtype: type) -> None:
    base = np.random.default_rng(1).lognormal(0.0, 2.0, (96, 544)).astype(dtype)
    exact = lights_filter.mip_levels(base, 5)[1:]
    ours = mip_levels(base, 5)
    assert [level.shape for level in ours] == [level.shape for level in exact]
    for level, twin in zip(ours, exact, strict=True):
        assert level.dtype == dtype
        assert np.allclose(level, twin, rtol=5 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_the_driver_holds_them(dtype: type) -> None:
    base = np.random.default_rng(2).lognormal(0.0, 2.0, (32, 64)).astype(dtype)
    levels = mip_levels(base, 3)
    with Renderer() as renderer, renderer.gpu.use():
        texture = texture_from(renderer.ctx, base, linear=True)
        finished(upload_levels(renderer.ctx, texture, levels))
        program = renderer.ctx.program(vertex_shader=_WHOLE, fragment_shader=_FETCH)
        for number, level in enumerate((base, *levels)):
            target = Target(renderer.ctx, (level.shape[1], level.shape[0]), components=1)
            target.use()
            texture.use(0)
            program["level"] = number
            renderer.ctx.vertex_array(program, []).render(vertices=3)
            held = np.frombuffer(target.texture.read(), np.float32).reshape(level.shape)
            assert np.array_equal(held, level.astype(np.float32))
