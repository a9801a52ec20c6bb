"""Evaluates functions of shaders/lib on many inputs, so that a test can compare them with their NumPy twins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu import GpuContext, ShaderLibrary, Target, open_context, texture_from
from earthlimb.gpu.shaders import flatten, set_uniforms

_WIDTH = 256


@cache
def _opened() -> GpuContext:
    return open_context()


def context() -> GpuContext:
    """The one off-screen context of this test process, made current: a renderer may have put its own in its place."""
    gpu = _opened()
    gpu.ctx.__enter__()
    return gpu


def evaluate(
    includes: Sequence[str],
    expression: str,
    inputs: NDArray[np.floating],
    *,
    uniforms: Mapping[str, tuple[str, object]] | None = None,
    textures: Mapping[str, NDArray[np.float32]] | None = None,
    linear: bool = False,
    defines: Mapping[str, object] | None = None,
    declarations: str = "",
) -> NDArray[np.float32]:
    """Run a GLSL expression once for every row of `inputs`.

    Parameters
    ----------
    includes : names below shaders/, for example `["lib/geometry.glsl"]`
    expression : a vec4; the input's columns 0-3 are `a`, 4-7 are `b`
    inputs : (n, k <= 8), cast to float32
    uniforms : name -> (GLSL type, value)
    textures : name -> (height, width, 1..4) float32, a sampler2D
    linear : filter the textures
    declarations : GLSL in front of main, for helper functions

    Returns
    -------
    (n, 4) float32
    """
    ctx = context().ctx
    n, k = inputs.shape
    height = -(-n // _WIDTH)
    packed = np.zeros((height * _WIDTH, 8), np.float32)
    packed[:n, :k] = inputs
    packed[n:] = packed[0]  # the unused tail repeats a valid input
    lines = [f'#include "{name}"' for name in includes]
    lines += ["uniform sampler2D t_in_a;", "uniform sampler2D t_in_b;", "out vec4 result;"]
    lines += [f"uniform {kind} {name};" for name, (kind, _) in (uniforms or {}).items()]
    lines += [f"uniform sampler2D {name};" for name in textures or {}]
    lines += [declarations, "void main() {", "    ivec2 at = ivec2(gl_FragCoord.xy);"]
    lines += ["    vec4 a = texelFetch(t_in_a, at, 0);", "    vec4 b = texelFetch(t_in_b, at, 0);"]
    lines += [f"    result = {expression} + 0.0 * (a + b);", "}"]
    library = ShaderLibrary(ctx)
    program = library.compile(flatten("passes/fullscreen.vert"), flatten("<test>", defines, text="\n".join(lines)))
    columns = packed.reshape(height, _WIDTH, 8)
    used: list[moderngl.Texture] = []
    units = {"t_in_a": columns[:, :, :4], "t_in_b": columns[:, :, 4:], **(textures or {})}
    for unit, (name, array) in enumerate(units.items()):
        texture = texture_from(ctx, np.asarray(array, np.float32), linear=linear and not name.startswith("t_in_"))
        texture.use(unit)
        used.append(texture)
        set_uniforms(program, {name: unit})
    set_uniforms(program, {name: value for name, (_, value) in (uniforms or {}).items()})
    target = Target(ctx, (_WIDTH, height))
    target.use()
    ctx.vertex_array(program, []).render(vertices=3)
    result = target.read().reshape(-1, 4)[:n].copy()
    target.release()
    program.release()
    for texture in used:
        texture.release()
    return result
