// Lays the station over the world's light: first what passes it (PASSES, multiplied), then its own light (added).
#include "interface/frame.glsl"
#include "lib/geometry.glsl"

uniform sampler2D image_radiance;
uniform sampler2D image_through;
uniform vec4 image_rect;    // tangents to texture coordinates: scale, offset
uniform float image_level;  // radiance of 1 in the texture

layout(location = 0) out vec4 out_first;
#ifdef PASSES
layout(location = 1) out vec4 out_second;
#endif

void main() {
    vec3 ray = ray_cam(gl_FragCoord.xy, frame_lens);
    vec2 at = ray.xy / ray.z * image_rect.xy + image_rect.zw;
#ifdef PASSES
    out_first = out_second = vec4(textureLod(image_through, at, 0.0).r);
#else
    out_first = image_level * textureLod(image_radiance, at, 0.0);
#endif
}
