// One exposure of one pixel: light with its halo to noisy electrons.
#include "lib/sensor.glsl"
#include "lib/noise.glsl"

uniform sampler2D light;  // channels of the camera's response, R, G, B
uniform float electrons_per_radiance;
uniform float read_variance_e2;
uniform float saturation_e;
uniform uint seed;
#ifdef HALO
uniform sampler2D halo;  // a quarter of the picture's size
uniform float core_weight;
uniform float halo_weight;
#endif

// Electrons of the pixel at column and row `at` behind a lens that lets `through` of the axis's light pass.
vec3 exposed_electrons(ivec2 at, float through) {
    vec3 radiance = texelFetch(light, at, 0).rgb;
#ifdef HALO
    radiance = core_weight * radiance + halo_weight * halo_up(halo, at, 4.0).rgb;
#endif
    vec3 drawn = radiance * (electrons_per_radiance * through);
#ifndef NOISELESS
    drawn = noisy_electrons(drawn, read_variance_e2, normal_from_bits(random_bits(uvec3(uvec2(at), seed))));
#endif
    return min(drawn, saturation_e);
}
