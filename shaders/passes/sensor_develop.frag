// Electrons to the picture that is shown or saved, in sRGB code values. EXPOSE: light to picture in one pass.
#include "lib/sensor.glsl"
#include "lib/noise.glsl"
#include "lib/development.glsl"
#ifdef EXPOSE
#include "interface/exposure.glsl"
#endif

uniform vec3 to_raw;
uniform float level;
uniform mat3 matrix;
uniform vec2 raw_step;  // electrons in a step of the raw file, and its inverse
uniform vec4 lens;
uniform vec2 barrel;
#ifndef EXPOSE
uniform sampler2D electrons;
#endif
layout(location = 0) out vec4 out_code;

void main() {
    float through = vignetting(gl_FragCoord.xy, lens, barrel);
    ivec2 at = ivec2(gl_FragCoord.xy);
#ifdef EXPOSE
    vec3 signal = exposed_electrons(at, through);
#else
    vec3 signal = texelFetch(electrons, at, 0).rgb;
#endif
    signal = quantised(signal, raw_step.x, raw_step.y);
#ifdef LENS_CORRECTION
    float gain = level / through;
#else
    float gain = level;
#endif
    vec3 linear = develop_linear(signal, to_raw, gain, matrix);
#if defined(TONE_FILM)
    vec3 display = film(linear);
#elif defined(TONE_LINEAR)
    vec3 display = linear;  // the encoding clips
#else
    vec3 display = shoulder(linear);
#endif
    out_code = vec4(srgb_encode(display), 1.0);
}
