// One exposure of one pixel: light with its halo to noisy electrons.
#include "lib/sensor.glsl"
#include "lib/noise.glsl"
#ifdef MOSAIC
#include "lib/demosaic.glsl"
#endif

uniform sampler2D light;  // channels of the camera's response, R, G, B
uniform vec3 electrons_per_radiance;
uniform vec3 read_variance_e2;
uniform vec3 saturation_e;
uniform uint seed;
#ifdef HALO
uniform sampler2D halo;  // a quarter of the picture's size
uniform float core_weight;
uniform float halo_weight;
#endif
#ifdef PATTERN
uniform sampler2D pattern;  // gain, and offset in electrons
uniform sampler2D dark;     // electrons per second without light
uniform float dark_s;       // seconds
uniform vec3 spread;        // root of the share of photosites that count in each channel
#endif
#ifdef COSMIC
uniform sampler2D cosmic;  // electrons of this exposure's cosmic rays
#endif

// Electrons of the pixel at column and row `at` behind a lens that lets `through` of the axis's light pass.
vec3 exposed_electrons(ivec2 at, float through) {
    vec3 radiance = texelFetch(light, at, 0).rgb;
#ifdef HALO
    radiance = core_weight * radiance + halo_weight * halo_up(halo, at, 4.0).rgb;
#endif
    vec3 drawn = radiance * (electrons_per_radiance * through);
#ifdef PATTERN
    vec2 gain_offset = texelFetch(pattern, at, 0).rg;
    drawn = drawn * (1.0 + (gain_offset.x - 1.0) / spread) + texelFetch(dark, at, 0).rgb * dark_s;
#endif
#ifdef COSMIC
    drawn += texelFetch(cosmic, at, 0).rgb;
#endif
#ifndef NOISELESS
    drawn = noisy_electrons(drawn, read_variance_e2, normal_from_bits(random_bits(uvec3(uvec2(at), seed))));
#endif
#ifdef PATTERN
    drawn += gain_offset.y * spread;
#endif
    drawn = min(drawn, saturation_e);
#ifdef MOSAIC
    drawn *= bayer_filter(at);
#endif
    return drawn;
}
