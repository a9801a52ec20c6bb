// A level of the pyramid as the eye resolves it: its own light, or that of wider levels where acuity is low.
#include "interface/eye.glsl"

uniform sampler2D own;
uniform sampler2D wider;  // resolved already
uniform float texel_px;   // pixels of the picture that a texel of `own` is wide
uniform vec2 variances;   // of both levels, px2
layout(location = 0) out vec4 out_level;

void main() {
    ivec2 at = ivec2(gl_FragCoord.xy);
    float variance = blur_variance(adaptation_at(gl_FragCoord.xy * texel_px), blur_scale);
    float share = wider_share(variance, variances.x, variances.y);
    out_level = mix(texelFetch(own, at, 0), eye_twice(wider, at), share);
}
