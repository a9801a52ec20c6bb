// A lens out of focus: every point becomes an even disc.
#include "interface/units.glsl"

// Weight of a texel whose centre lies so far from the disc's: 1 inside, falling over one texel at the rim.
// radius_px, offset_px: texels. Twin: physics.lens_model.disc_weight. Test: tests/glsl/test_focus.py
Number disc_weight(vec2 offset_px, float radius_px) {
    return clamp(radius_px + 0.5 - length(offset_px), 0.0, 1.0);
}

// Mean of the light over the disc about a texel; the edge's texels stand for what lies beyond it.
// n: ceil(radius_px + 0.5), a uniform. Twin: physics.lens_model.defocused. Test: tests/passes/test_sensor_optics.py
vec4 disc_mean(sampler2D light, ivec2 at, float radius_px, int n) {
    ivec2 last = textureSize(light, 0) - 1;
    vec4 sum = vec4(0.0);
    float total = 0.0;
    for (int y = -n; y <= n; ++y) {
        for (int x = -n; x <= n; ++x) {
            float weight = disc_weight(vec2(x, y), radius_px);
            total += weight;
            sum += weight * texelFetch(light, clamp(at + ivec2(x, y), ivec2(0), last), 0);
        }
    }
    return sum / total;
}

// Mean of stride x stride texels from the picture's texel stride * at on; fewer where they overhang the edge.
vec4 box_mean(sampler2D light, ivec2 at, int stride) {
    ivec2 low = stride * at;
    ivec2 high = min(low + stride, textureSize(light, 0));
    vec4 sum = vec4(0.0);
    for (int y = low.y; y < high.y; ++y) {
        for (int x = low.x; x < high.x; ++x) {
            sum += texelFetch(light, ivec2(x, y), 0);
        }
    }
    return sum / float((high.x - low.x) * (high.y - low.y));
}
