// Folds a limb map's six totals into the light of a response, for factors that change from picture to picture.
#include "interface/fold.glsl"

uniform sampler2D first;   // na589, oi558, oi630, oh; rayleigh
uniform sampler2D second;  // o2, continuum

layout(location = 0) out vec4 out_first;
layout(location = 1) out vec4 out_second;

void main() {
    ivec2 at = ivec2(gl_FragCoord.xy);
    out_first = fold(texelFetch(first, at, 0), texelFetch(second, at, 0));
    out_second = vec4(0.0);
}
