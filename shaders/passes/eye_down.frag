// One level of the eye's pyramid.
#include "lib/eye.glsl"

uniform sampler2D source;
layout(location = 0) out vec4 out_level;

void main() {
    out_level = eye_half(source, ivec2(gl_FragCoord.xy));
}
