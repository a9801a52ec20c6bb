// The Earth's surface in the dark, lit by airglow and starlight.
#include "interface/units.glsl"
#include "interface/constants.glsl"

// Radiance of a Lambert surface above the air, in the response's unit.
// albedo_map: square root of the reflectance in R, G, B. uv: place in the window, 0 to 1. irradiance: response times sr.
// transmission: from the ground to the eye, per channel (row 1 of the slant table).
// Twin: surface_radiance in earthlimb/physics/surface.py. Test: tests/glsl/test_ground_surface.py
Radiance surface_light(sampler2D albedo_map, vec2 uv, vec4 irradiance, vec4 transmission) {
    vec3 root = textureLod(albedo_map, uv, 0.0).rgb;
    return (root * root).rgbg * irradiance * transmission / PI;
}
