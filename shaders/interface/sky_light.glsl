// The finished Milky Way of a frame, set by passes/milky_way.py, for passes that add it to the picture.
#include "interface/units.glsl"

uniform sampler2D sky_light;   // linear filter, edges clamped
uniform float sky_step_px;     // picture pixels between its texels

// Radiance at a place in the picture, px (gl_FragCoord.xy). Linear between grid points: in the steep part of the
// limb, 10 to 30 km, this is off by up to 5 % of the sky above the air, which is 1e-4 of the airglow there.
Radiance sky_light_at(vec2 at) {
    return textureLod(sky_light, at / (sky_step_px * vec2(textureSize(sky_light, 0))), 0.0);
}
