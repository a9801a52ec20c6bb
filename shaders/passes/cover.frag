// Lays the station over the world's light, blended: its own light, and what passes it in alpha. With PASSES only what
// passes, as a factor of up to two targets; with FOURTH only its own light, four channels, to be added.
#include "interface/frame.glsl"

uniform sampler2D image_radiance;
#ifdef FOURTH
uniform sampler2D image_fourth;
#endif
uniform vec4 image_rect;    // tangents to texture coordinates: scale, offset
uniform float image_level;  // radiance of 1 in the texture

layout(location = 0) out vec4 out_first;
#ifdef PASSES
layout(location = 1) out vec4 out_second;
#endif

void main() {
    vec2 u = (gl_FragCoord.xy - frame_lens.yz) / frame_lens.x;  // see ray_cam
    vec2 at = u * (1.0 + frame_lens.w * dot(u, u)) * image_rect.xy + image_rect.zw;
    vec4 image = textureLod(image_radiance, at, 0.0);
#if defined(PASSES)
    out_first = out_second = vec4(image.a);
#elif defined(FOURTH)
    out_first = image_level * vec4(image.rgb, textureLod(image_fourth, at, 0.0).r);
#else
    out_first = vec4(image_level * image.rgb, image.a);
#endif
}
