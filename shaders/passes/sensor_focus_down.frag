// The light at a smaller size, for a wide disc of blur.
#include "lib/focus.glsl"

uniform sampler2D light;
uniform int stride;
layout(location = 0) out vec4 out_light;

void main() {
    out_light = box_mean(light, ivec2(gl_FragCoord.xy), stride);
}
