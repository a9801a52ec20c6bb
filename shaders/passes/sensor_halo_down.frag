// One level of the halo's pyramid: the source at half its size, or the picture at a quarter.
#include "lib/sensor.glsl"

uniform sampler2D source;
layout(location = 0) out vec4 out_level;

void main() {
#ifdef FIRST
    out_level = halo_first(source, ivec2(gl_FragCoord.xy));
#else
    out_level = halo_down(source, ivec2(gl_FragCoord.xy));
#endif
}
