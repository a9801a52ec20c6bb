// Rod events come one by one: the scotopic light of a pixel with their noise, before the eye pools them.
#include "lib/noise.glsl"

uniform sampler2D source;
uniform float variance_per_light;  // cd m-2
uniform uint seed;
layout(location = 0) out vec4 out_light;

void main() {
    ivec2 at = ivec2(gl_FragCoord.xy);
    vec4 light = texelFetch(source, at, 0);
    vec3 normal = normal_from_bits(random_bits(uvec3(uvec2(at), seed)));
    light.a += sqrt(max(light.a, 0.0) * variance_per_light) * normal.x;
    out_light = light;
}
