// A mosaic of electrons to three channels of electrons in every pixel.
#include "lib/demosaic.glsl"

uniform sampler2D electrons;
uniform vec3 balance;  // makes grey equal in the channels, so that edges without colour stay so
layout(location = 0) out vec4 out_electrons;

void main() {
    out_electrons = vec4(demosaiced(electrons, ivec2(gl_FragCoord.xy), balance) / balance, 1.0);
}
