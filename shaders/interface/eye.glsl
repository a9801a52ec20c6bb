// The adapted eye: what the passes of the eye's view share.
#include "lib/eye.glsl"

uniform sampler2D adaptation;  // a level of the pyramid that blurs by about 0.3 degrees, filtered linearly
uniform float adaptation_px;   // pixels of the picture that one of its texels is wide
uniform float background;      // equivalent background, cd m-2
uniform float blur_scale;      // see blur_variance

// Mesopic luminance that the eye is adapted to at a place of the picture, cd m-2. pixel: from the upper left, px.
float adaptation_at(vec2 pixel) {
    vec2 place = pixel / (adaptation_px * vec2(textureSize(adaptation, 0)));
    return adapted_to(textureLod(adaptation, place, 0.0), background);
}
