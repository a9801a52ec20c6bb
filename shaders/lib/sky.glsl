// The sky behind the air: the Milky Way by direction, and what the limb lets through.
#include "interface/units.glsl"
#include "lib/math.glsl"

// Place of a direction in the map of the sky, in widths and heights; x runs from -0.25 to 0.75 and repeats.
// dir_gcrs: unit vector. Source: the map's own projection, assets/bake/milky_way.py.
// Twin: physics.milky_way.map_uv. Test: tests/glsl/test_psf_sky.py
vec2 milky_way_uv(Direction dir_gcrs) {
    Angle ra = atan2_precise(dir_gcrs.y, dir_gcrs.x + 1e-12);  // at the poles x = y = 0, where any angle will do
    Angle dec = atan2_precise(dir_gcrs.z, length(dir_gcrs.xy));
    return vec2(0.25 - ra / (2.0 * PI), 0.5 - dec / PI);
}

// Radiance of the unresolved starlight.
// map: codes 0 to 1 of brightness (log) and colour, linear filter, repeating in x; s10_range: brightness at codes
// 0 and 1, S10(V). colours: one row, response channels of 1 S10(V) by colour code. dir_gcrs: unit vector.
// Level 0 is named because the angle's jump from pi to -pi would make the driver choose a coarse level there.
// Twin: physics.milky_way.MilkyWay.at with colour_table. Test: tests/glsl/test_psf_sky.py
Radiance milky_way(sampler2D map, sampler2D colours, vec2 s10_range, Direction dir_gcrs) {
    vec2 code = textureLod(map, milky_way_uv(dir_gcrs), 0.0).rg;
    float s10 = s10_range.x * exp(code.r * log(s10_range.y / s10_range.x));
    int last = textureSize(colours, 0).x - 1;
    float at = min(code.g * float(last), float(last) - 0.001);  // the last interval serves its upper end too
    int i = int(at);
    return s10 * mix(texelFetch(colours, ivec2(i, 0), 0), texelFetch(colours, ivec2(i + 1, 0), 0), at - float(i));
}

// Transmission of the limb for light from behind it, by response channel.
// table: one row from 0 km in steps of `step_size`. h_app: apparent height, which is the tangent altitude of the
// straight ray that leaves the eye; below 0 the ground stands in front, above the table's end it stays as there.
// Twin: physics.milky_way.sky_transmission. Test: tests/glsl/test_psf_sky.py
vec4 sky_transmission(sampler2D table, Length step_size, Length h_app) {
    if (h_app < 0.0) return vec4(0.0);
    int last = textureSize(table, 0).x - 1;
    float at = min(h_app / step_size, float(last) - 0.001);
    int i = int(at);
    return mix(texelFetch(table, ivec2(i, 0), 0), texelFetch(table, ivec2(i + 1, 0), 0), at - float(i));
}
