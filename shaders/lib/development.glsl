// From electrons to a picture; the reasons stand in physics/development.py.
#include "interface/units.glsl"

const vec2 GAMUT_KNEE = vec2(0.85, 0.55);  // of most colours, of a pure green
const vec2 GAMUT_END = vec2(1.0, 0.72);
const float SHOULDER = 0.8;
const float FILM_GREY = 0.18;
const float FILM_SHOULDER = 0.8;
const float FILM_SCALE = 0.98;  // middle grey stays: 0.98 / (0.18 + 0.8) = 1

// Moves a colour towards the grey of its luminance until all channels are positive; hue and luminance stay.
// rgb: linear sRGB, any sign. Returns linear sRGB, negative only where the luminance is.
// Twin: physics.development.gamut_map. Test: tests/glsl/test_sensor_develop.py
vec3 gamut_map(vec3 rgb) {
    float luminance = dot(rgb, vec3(0.2126, 0.7152, 0.0722));
    vec3 chroma = rgb - luminance;
    float top = max(chroma.r, max(chroma.g, chroma.b));
    float spread = top - min(chroma.r, min(chroma.g, chroma.b));
    float brightest = max(luminance + top, 0.0);
    float scale = 1.0;
    float green = max(chroma.g - max(chroma.r, chroma.b), 0.0) / max(spread, 1e-30);
    float knee = mix(GAMUT_KNEE.x, GAMUT_KNEE.y, green);
    if (spread > knee * brightest) {
        float over = spread - knee * brightest;
        float room = mix(GAMUT_END.x, GAMUT_END.y, green) - knee;
        float f = knee + room * over / (over + room * brightest);  // without d: brightest may be 0, f is then the end
        scale = min(f * max(luminance, 0.0) / max(spread - f * top, 1e-30), 1.0);
    }
    return luminance + scale * chroma;
}

// Display value of a linear one: unchanged from 0 to SHOULDER, then towards 1; negative becomes 0.
// Twin: physics.development.shoulder. Test: tests/glsl/test_sensor_develop.py
vec3 shoulder(vec3 value) {
    vec3 v = max(value, 0.0);
    const float room = 1.0 - SHOULDER;
    vec3 bent = 1.0 - room * room / (max(v, SHOULDER) - SHOULDER + room);
    return mix(v, bent, greaterThan(v, vec3(SHOULDER)));
}

// Display value of a linear one with more contrast: a toe below middle grey and a long shoulder above it.
// Twin: physics.development.film. Test: tests/glsl/test_sensor_develop.py
vec3 film(vec3 value) {
    vec3 v = max(value, 0.0);
    vec3 w = v * sqrt(v) * (1.0 / sqrt(FILM_GREY));  // exponent 1.5 about middle grey
    return w * FILM_SCALE / (w + FILM_SHOULDER);
}

// Electrons as the raw file holds them: whole numbers of steps. step_e: electrons in a step; its inverse.
// Twin: physics.development.quantised. Test: tests/glsl/test_sensor_develop.py
vec3 quantised(vec3 electrons, float step_e, float inv_step) {
    return floor(electrons * inv_step + 0.5) * step_e;
}

// sRGB code value of a linear display value 0 to 1 (IEC 61966-2-1). The power 1/2.4 is a quartic in the fourth root,
// minimax on 0.0031 to 1, off by 3.5e-5 at most: a hundredth of an 8-bit step, and two square roots for a power.
// Twin: physics.development.srgb_encode. Test: tests/glsl/test_sensor_develop.py
vec3 srgb_encode(vec3 linear) {
    vec3 v = clamp(linear, 0.0, 1.0);
    vec3 q = sqrt(sqrt(v));
    vec3 curve = -0.064611562 + q * (0.196136085 + q * (1.12268099 + q * (-0.335500824 + q * 0.0813296783)));
    return mix(12.92 * v, min(curve, 1.0), greaterThan(v, vec3(0.0031308)));  // the quartic ends at 1.00003
}

// Linear sRGB of one pixel's electrons. to_raw: white balance over the pixel's saturation, e-1.
// level: 2^ev, over the vignetting where it is to be divided out. matrix: balanced raw to linear sRGB.
// A saturated channel would tint highlights: each balanced channel is cut at 1.
// Twin: physics.development.develop_linear. Test: tests/glsl/test_sensor_develop.py
vec3 develop_linear(vec3 electrons, vec3 to_raw, float level, mat3 matrix) {
    return gamut_map(matrix * (min(electrons * to_raw, 1.0) * level));
}
