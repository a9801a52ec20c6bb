// The colour mosaic of a sensor and its interpolation.
#include "interface/units.glsl"

// Which of R, G, B (1 for it, 0 for the others) the filter at a column and row lets through: R G over G B.
// Twin: physics.demosaic.channel_of. Test: tests/glsl/test_demosaic.py
vec3 bayer_filter(ivec2 at) {
    int odd = (at.x & 1) + (at.y & 1);
    return vec3(odd == 0 ? 1.0 : 0.0, odd == 1 ? 1.0 : 0.0, odd == 2 ? 1.0 : 0.0);
}

// The mosaic's value at a place, mirrored about the picture's edges. mosaic: one non-zero channel a texel, or more.
float mosaic_at(sampler2D mosaic, ivec2 at, vec3 balance) {
    ivec2 last = textureSize(mosaic, 0) - 1;
    ivec2 p = abs(at);
    p = min(p, 2 * last - p);
    p = clamp(p, ivec2(0), last);  // pictures of one or two pixels
    return dot(texelFetch(mosaic, p, 0).rgb * balance, bayer_filter(p));
}

// All three channels at a place of a mosaic, each times its balance. Reading beyond the edge mirrors.
// Source: Malvar, He and Cutler 2004 (ICASSP), table of the 5 x 5 filters.
// Twin: physics.demosaic.demosaic. Test: tests/glsl/test_demosaic.py
vec3 demosaiced(sampler2D mosaic, ivec2 at, vec3 balance) {
    float centre = mosaic_at(mosaic, at, balance);
    float left = mosaic_at(mosaic, at + ivec2(-1, 0), balance);
    float right = mosaic_at(mosaic, at + ivec2(1, 0), balance);
    float up = mosaic_at(mosaic, at + ivec2(0, -1), balance);
    float down = mosaic_at(mosaic, at + ivec2(0, 1), balance);
    float far_x = mosaic_at(mosaic, at + ivec2(-2, 0), balance) + mosaic_at(mosaic, at + ivec2(2, 0), balance);
    float far_y = mosaic_at(mosaic, at + ivec2(0, -2), balance) + mosaic_at(mosaic, at + ivec2(0, 2), balance);
    float corners = mosaic_at(mosaic, at + ivec2(-1, -1), balance) + mosaic_at(mosaic, at + ivec2(1, -1), balance)
                  + mosaic_at(mosaic, at + ivec2(-1, 1), balance) + mosaic_at(mosaic, at + ivec2(1, 1), balance);
    float cross = (4.0 * centre + 2.0 * (left + right + up + down) - far_x - far_y) * 0.125;
    float row = (5.0 * centre + 4.0 * (left + right) - corners - far_x + 0.5 * far_y) * 0.125;
    float column = (5.0 * centre + 4.0 * (up + down) - corners - far_y + 0.5 * far_x) * 0.125;
    float diagonal = (6.0 * centre + 2.0 * corners - 1.5 * (far_x + far_y)) * 0.125;
    vec3 own = bayer_filter(at);
    if (own.r == 1.0) {
        return vec3(centre, cross, diagonal);
    }
    if (own.b == 1.0) {
        return vec3(diagonal, cross, centre);
    }
    return (at.y & 1) == 0 ? vec3(row, centre, column) : vec3(column, centre, row);
}
