"""City lights on the GPU against their float64 twins."""

from __future__ import annotations

import moderngl
import numpy as np
import pytest

from earthlimb.gpu import ShaderLibrary, Target, texture_from
from earthlimb.gpu.shaders import flatten, set_uniforms
from earthlimb.physics import city_lights as cl
from earthlimb.physics import lights_filter as lf
from earthlimb.physics.geometry import ellipsoid_range_km, itrs_from_geodetic
from earthlimb.physics.surface import swept_path_en, view_along_en
from tests.support.glsl import context, evaluate

LIB = ["lib/city_lights.glsl"]
N = 10_000
# filtered fetches weigh texels with 8 bits at least (GL 4.1 asks for no more): 1/256 of the contrast between
# texels
FILTER_STEP = 1.0 / 256.0


def test_slant_twin() -> None:
    table = cl.slant_table(
        lambda e, w: np.exp(-0.3 * (w / 550) ** -4 / (np.sin(e) + 0.02)), [450, 550, 650], np.ones((4, 3))
    )
    sine = np.random.default_rng(1).uniform(0.0, 1.0, (N, 1))
    for row in (cl.BEAM, cl.SURFACE, cl.HALO):
        got = evaluate(LIB, f"slant(table, a.x, {row})", sine, textures={"table": table})
        want = cl.sample_slant(table, sine[:, 0], row)
        # at a bin's edge rounding may choose the neighbour: one step of the table
        step = np.abs(np.diff(table[row], axis=0)).max()
        assert np.abs(got - want).max() <= step
        assert np.mean(np.abs(got - want).max(axis=1) > 1e-6) < 1e-3


def test_window_texel_crosses_the_date_line() -> None:
    rng = np.random.default_rng(2)
    west = np.deg2rad(170.0)
    lat = rng.uniform(-0.3, 0.3, N)
    lon = west + rng.uniform(0.0, 0.6, N)
    wrapped = np.mod(lon + np.pi, 2 * np.pi) - np.pi
    grid = (west, 0.4, 1 / lf.TEXEL_RAD, 1 / lf.TEXEL_RAD)
    got = evaluate(
        LIB,
        "vec4(window_texel(a.xy, grid), 0.0, 0.0)",
        np.stack([lat, wrapped], 1),
        uniforms={"grid": ("vec4", grid)},
    )
    want = np.stack([(lon - west) / lf.TEXEL_RAD, (0.4 - lat) / lf.TEXEL_RAD], axis=1)
    # float32 longitudes near pi are 2.4e-7 rad apart: 0.0008 texels; 4 times that
    assert np.abs(got[:, :2] - want).max() < 0.0035


def test_view_along_en_twin() -> None:
    rng = np.random.default_rng(3)
    lat, lon = rng.uniform(-1.2, 1.2, N), rng.uniform(-np.pi, np.pi, N)
    hit = 6371.0 * np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], 1)
    up = hit / 6371.0
    view = rng.standard_normal((N, 3))
    view /= np.linalg.norm(view, axis=1, keepdims=True)
    view -= 2 * np.maximum((view * up).sum(1, keepdims=True), 0) * up
    steep = np.linalg.norm(np.cross(view, up), axis=1) < 0.05
    got = evaluate(
        LIB,
        "vec4(view_along_en(a.xyz, b.xyz, cos(a.w), sin(a.w)), 0.0, 0.0)",
        np.concatenate([hit, lat[:, None], view], axis=1),
    )[:, :2]
    want = view_along_en(hit, view, lat)
    assert np.abs(got - want)[~steep].max() < 2e-5  # 4e-7 of the vector over a horizontal part of 0.05 or more
    np.testing.assert_allclose(np.linalg.norm(got, axis=1), 1.0, atol=1e-6)


def test_swept_path_twin() -> None:
    """Paths of 2 km seen at 6 degrees of elevation or more, and the ray through the moved eye as a second opinion."""
    rng = np.random.default_rng(6)
    lat, lon = rng.uniform(-1.2, 1.2, N), rng.uniform(-np.pi, np.pi, N)
    hit = itrs_from_geodetic(lat, lon, 0.0)
    up = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], 1)
    view = rng.standard_normal((N, 3))
    view -= (view * up).sum(1, keepdims=True) * up
    elevation = rng.uniform(0.1, 1.5, (N, 1))
    view = np.cos(elevation) * view / np.linalg.norm(view, axis=1, keepdims=True) - np.sin(elevation) * up
    gone = rng.uniform(-1.0, 1.0, (N, 3))
    got = evaluate(
        [*LIB, "lib/geometry.glsl"],
        "vec4(swept_path_en(a.xyz, vec3(a.w, b.xy), surface_normal(a.xyz), vec3(b.z, b.w, third)), 0.0, 0.0)",
        np.concatenate([hit, view, gone[:, :2]], axis=1),
        uniforms={"third": ("float", 0.5)},
    )[:, :2]
    gone[:, 2] = 0.5
    want = swept_path_en(hit, view, lat, gone)
    assert np.abs(got - want).max() < 1e-4  # rounding of a place of 6371 km in float32 turns a path of 20 km so far
    for i in range(20):
        eye = hit[i] - 500.0 * view[i] + gone[i]
        moved = eye + ellipsoid_range_km(eye, view[i][None])[0] * view[i] - hit[i]
        east = np.array([-np.sin(lon[i]), np.cos(lon[i]), 0.0])
        np.testing.assert_allclose((moved @ east, moved @ np.cross(up[i], east)), want[i], atol=0.02)


@pytest.mark.parametrize(("with_pattern", "taps", "swept"), [(False, 1, 0), (False, 2, 0), (True, 2, 0), (True, 2, 1)])
def test_city_radiance_twin(with_pattern: bool, taps: int, swept: int) -> None:
    """One draw with real mip levels, which the evaluating harness does not build."""
    rng = np.random.default_rng(4)
    image = rng.uniform(0.0, 10.0, (128, 192)).astype(np.float16)
    grain = lf.pattern(64, 5)
    side = 128
    texel = np.stack(np.meshgrid(np.linspace(20, 170, side), np.linspace(20, 100, side)), -1).reshape(-1, 2)
    shape = np.stack([rng.uniform(0.2, 5.0, side * side), rng.uniform(0.2, 30.0, side * side)], 1)
    turn = rng.uniform(0, 2 * np.pi, side * side)
    along = np.stack([np.sin(turn), np.cos(turn)], 1)
    path = rng.uniform(-12.0, 12.0, (side * side, 2))
    path[::3] *= 0.05
    inputs = np.concatenate([texel, shape, along, path], axis=1).astype(np.float32)
    ctx = context().ctx
    text = (
        '#include "lib/city_lights.glsl"\nuniform sampler2D first; uniform sampler2D second;'
        "uniform sampler2D lights; uniform sampler2D grain; uniform int taps; out vec4 result;\n"
        "void main() { ivec2 at = ivec2(gl_FragCoord.xy); vec4 a = texelFetch(first, at, 0);"
        "vec4 b = texelFetch(second, at, 0);"
        "result = vec4(city_radiance(lights, grain, a.xy, vec2(32.0, 64.0), a.zw, b.xy, 0.7, taps, b.zw)); }"
    )
    defines = {"LIGHTS_PATTERN": 1} if with_pattern else {}
    defines |= {"SWEPT": 1} if swept else {}
    program = ShaderLibrary(ctx).compile(flatten("passes/fullscreen.vert"), flatten("<test>", defines, text=text))
    lights = texture_from(ctx, image, linear=True)
    lights.build_mipmaps(0, lf.MAX_LEVEL)
    grain_texture = texture_from(ctx, grain, linear=True, repeat_x=True)
    grain_texture.repeat_y = True
    grain_texture.build_mipmaps()
    for texture in (lights, grain_texture):
        texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
    packed = inputs.reshape(side, side, 8)
    first, second = (
        texture_from(ctx, packed[..., :4]),
        texture_from(ctx, np.ascontiguousarray(packed[..., 4:])),
    )
    for unit, (name, texture) in enumerate(
        {"first": first, "second": second, "lights": lights, "grain": grain_texture}.items()
    ):
        texture.use(unit)
        set_uniforms(program, {name: unit})
    set_uniforms(program, {"taps": taps})
    target = Target(ctx, (side, side))
    target.use()
    ctx.vertex_array(program, []).render(vertices=3)
    got = target.read().reshape(-1, 4)[:, 0]
    want = lf.city_radiance(
        lf.mip_levels(image, lf.MAX_LEVEL),
        lf.mip_levels(grain, 6) if with_pattern else None,
        texel, (32, 64), shape, along, np.full(side * side, 0.7), taps, path if swept else None,
    )  # fmt: skip
    contrast = 10.0 * (float(grain.max()) if with_pattern else 1.0)
    assert np.abs(got - want).max() < 4 * FILTER_STEP * contrast
    assert abs(got.mean() / want.mean() - 1.0) < 0.002
    for texture in (lights, grain_texture, first, second):
        texture.release()
    target.release()
    program.release()


def test_lamps_are_lit_in_the_dark() -> None:
    x = np.linspace(-1.0, 1.0, 10_000)[:, None].astype(np.float32)
    got = evaluate(LIB, "vec4(lamps_lit(a.x))", x)[:, 0]
    want = cl.lamps_lit(x[:, 0].astype(float))
    assert np.abs(got - want).max() < 1e-6
    assert want[0] == 1.0 and want[-1] == 0.0
