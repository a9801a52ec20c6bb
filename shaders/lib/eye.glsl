// What a person at the window sees; the reasons and sources stand in physics/eye.py. Luminances in cd m-2.
#include "interface/units.glsl"

const vec3 LUMINANCE = vec3(0.2126, 0.7152, 0.0722);
const float MES2_ROD = 0.40200118;  // 683 / 1699
const float LG = 0.43429448;        // log10 of e

// Mesopic luminance and the cones' share of it (CIE 191:2010, MES2). photopic, scotopic: any sign, cd m-2.
// Twin: physics.eye.mesopic. Test: tests/glsl/test_eye.py
vec2 mesopic(float photopic, float scotopic) {
    float p = max(photopic, 1e-9);
    float s = max(scotopic, 1e-9);
    float m = 0.5;
    for (int i = 0; i < 6; ++i) {
        float rods = (1.0 - m) * MES2_ROD;
        m = clamp(0.7670 + 0.3334 * LG * log((m * p + rods * s) / (m + rods)), 0.0, 1.0);
    }
    float rods = (1.0 - m) * MES2_ROD;
    return vec2((m * p + rods * s) / (m + rods), m * p / (m * p + rods * s));
}

// Mesopic luminance of a light (linear Rec.709, scotopic) upon an equivalent background, for adaptation.
float adapted_to(vec4 light, float background) {
    return mesopic(max(dot(light.rgb, LUMINANCE), 0.0) + background, max(light.a, 0.0) + background).x;
}

// Variance of the blur, px2, where the eye is adapted to this luminance. scale: pi / 180 0.3415 f_px / acuity, px.
// Twin: physics.eye.blur_variance_px2. Test: tests/glsl/test_eye.py
float blur_variance(float luminance, float scale) {
    float cpd = max(17.25 * atan(1.4 * LG * log(max(luminance, 1e-9)) + 0.35) + 25.72, 1.0);
    float sigma = scale / cpd;
    return sigma * sigma;
}

// Share of the wider level of the pyramid in the mixture of levels n and n + 1 that has this variance, px2.
// Twin: physics.eye.level_variance_px2. Test: tests/glsl/test_eye.py
float wider_share(float variance, float own, float wider) {
    return clamp((variance - own) / (wider - own), 0.0, 1.0);
}

// Illuminance of a star that is just seen upon a background, lx (Hecht 1947, Schaefer 1990).
// Twin: physics.eye.star_threshold_lx. Test: tests/glsl/test_eye.py
float star_threshold(float background) {
    float b = max(background, 0.0) * 314169.02;  // nL
    float rods = 1.0 + sqrt(0.012589254 * b);
    float cones = 1.0 + sqrt(1.2589254e-6 * b);
    return 10.764 * min(1.5848932e-10 * rods * rods, 4.4668359e-9 * cones * cones);
}

// Linear display value, white 1, of a luminance. roots: cube roots of the threshold and of white.
// Twin: physics.eye.display_luminance. Test: tests/glsl/test_eye.py
float display_luminance(float luminance, vec2 roots) {
    float root = luminance > 0.0 ? pow(luminance, 1.0 / 3.0) : 0.0;
    float lightness = 100.0 * max(root - roots.x, 0.0) / max(roots.y - roots.x, 1e-6);
    float f = (lightness + 16.0) / 116.0;
    return lightness > 8.0 ? f * f * f : lightness / 903.3;
}

// A level of the pyramid at half the size: weights 1 3 3 1 in x and y, edges repeated.
vec4 eye_half(sampler2D source, ivec2 at) {
    ivec2 last = textureSize(source, 0) - 1;
    vec4 sum = vec4(0.0);
    const float weight[4] = float[4](0.125, 0.375, 0.375, 0.125);
    for (int j = 0; j < 4; ++j) {
        for (int i = 0; i < 4; ++i) {
            sum += weight[i] * weight[j] * texelFetch(source, clamp(2 * at - 1 + ivec2(i, j), ivec2(0), last), 0);
        }
    }
    return sum;
}

// A level's value at the place of texel `at` of a target twice as large. level: filtered linearly.
vec4 eye_twice(sampler2D level, ivec2 at) {
    return textureLod(level, (vec2(at) + 0.5) / (2.0 * vec2(textureSize(level, 0))), 0.0);
}
