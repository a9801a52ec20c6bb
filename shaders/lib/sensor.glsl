// What the lens does to light on its way to the sensor: vignetting, and the pyramid of the halo.
#include "interface/units.glsl"

// Share of the axis's light that reaches a pixel for the same radiance: cos^4 and the barrel's late onset.
// pixel: column and row of the centre (x + 0.5). lens: f_px, cx_px, cy_px, k1.
// barrel: loss at the corner in EV, and (f_px / half diagonal)^2. Returns 0 to 1.
// Twin: physics.sensor_model.vignetting. Test: tests/glsl/test_sensor_noise.py
Number vignetting(vec2 pixel, vec4 lens, vec2 barrel) {
    vec2 u = (pixel - lens.yz) / lens.x;
    float r2 = dot(u, u);
    float tangent = 1.0 + lens.w * r2;
    float cos2 = 1.0 / (1.0 + r2 * tangent * tangent);
    float rho2 = r2 * barrel.y;
    return cos2 * cos2 * exp2(-barrel.x * rho2 * rho2);
}

// The first level of the pyramid, a quarter of the picture's size: sums of 4 x 4 texels over 16. Beyond the picture it
// is dark: where a cell overhangs, light scattered there is lost rather than made. at: texel of the smaller level.
vec4 halo_first(sampler2D source, ivec2 at) {
    ivec2 low = 4 * at;
    ivec2 high = min(low + 4, textureSize(source, 0));
    vec4 sum = vec4(0.0);
    for (int y = low.y; y < high.y; ++y) {
        for (int x = low.x; x < high.x; ++x) {
            sum += texelFetch(source, ivec2(x, y), 0);
        }
    }
    return sum / 16.0;
}

// A further level at half the size: weights 1 3 3 1 in x and y, so that nothing blocky is left. An edge between cells
// repeats its texel, which returns what would leave; a cell that overhangs by one texel takes darkness from there.
// So every texel gives all its light, its sum over 4. at: texel of the smaller level.
vec4 halo_down(sampler2D source, ivec2 at) {
    ivec2 size = textureSize(source, 0);
    ivec2 first = 2 * at - 1;
    bvec2 overhangs = bvec2((size.x & 1) == 1 && first.x + 2 >= size.x, (size.y & 1) == 1 && first.y + 2 >= size.y);
    vec2 beyond = vec2(overhangs.x ? 0.0 : 1.0, overhangs.y ? 0.0 : 1.0);
    ivec4 x = clamp(first.x + ivec4(0, 1, 2, 3), 0, size.x - 1);
    vec4 weight_x = vec4(1.0, 3.0, 3.0 * beyond.x, beyond.x);
    vec4 weight_y = vec4(1.0, 3.0, 3.0 * beyond.y, beyond.y);
    vec4 sum = vec4(0.0);
    for (int i = 0; i < 4; ++i) {
        int y = clamp(first.y + i, 0, size.y - 1);
        sum += weight_y[i] * (weight_x.x * texelFetch(source, ivec2(x.x, y), 0)
                            + weight_x.y * texelFetch(source, ivec2(x.y, y), 0)
                            + weight_x.z * texelFetch(source, ivec2(x.z, y), 0)
                            + weight_x.w * texelFetch(source, ivec2(x.w, y), 0));
    }
    return sum / 64.0;
}

// A level's value at the place of texel `at` of a target `scale` times as large: one bilinear fetch, edges repeated.
// level: filtered linearly. scale: 2 between levels, 4 to the picture.
vec4 halo_up(sampler2D level, ivec2 at, float scale) {
    return textureLod(level, (vec2(at) + 0.5) / (scale * vec2(textureSize(level, 0))), 0.0);
}
