// Light to electrons: halo, vignetting, shot and read noise, saturation.
#include "interface/exposure.glsl"

uniform vec4 lens;
uniform vec2 barrel;
layout(location = 0) out vec4 out_electrons;

void main() {
    out_electrons = vec4(exposed_electrons(ivec2(gl_FragCoord.xy), vignetting(gl_FragCoord.xy, lens, barrel)), 1.0);
}
