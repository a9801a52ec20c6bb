// The halo at this level of the pyramid: its own share and all that is wider.
#include "lib/sensor.glsl"

uniform sampler2D own;
uniform sampler2D wider;
uniform float own_weight;
uniform float wider_weight;  // the widest level's share for the first step up, then 1
layout(location = 0) out vec4 out_level;

void main() {
    ivec2 at = ivec2(gl_FragCoord.xy);
    out_level = own_weight * texelFetch(own, at, 0) + wider_weight * halo_up(wider, at, 2.0);
}
