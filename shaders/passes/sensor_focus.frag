// The light behind a lens that is out of focus.
#include "lib/focus.glsl"

uniform sampler2D light;
uniform float radius_px;
uniform int reach;
layout(location = 0) out vec4 out_light;

void main() {
    out_light = disc_mean(light, ivec2(gl_FragCoord.xy), radius_px, reach);
}
