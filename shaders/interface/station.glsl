// The station before the lens, set by passes/mesh.py, for passes that draw what lies behind it.
// STATION: how many images stand there, 1 or 2, the farther first.
#include "interface/frame.glsl"

uniform sampler2D station_first;    // radiance over its level; in alpha what passes
uniform vec4 station_first_rect;    // tangents to texture coordinates: scale, offset
uniform float station_first_level;  // radiance of 1 in the texture
#if STATION > 1
uniform sampler2D station_second;
uniform vec4 station_second_rect;
uniform float station_second_level;
#endif

// Radiance of the station (rgb) and what passes it (a) at a place in the picture, px (gl_FragCoord.xy).
vec4 station_at(vec2 at) {
    vec2 u = (at - frame_lens.yz) / frame_lens.x;  // see ray_cam
    u *= 1.0 + frame_lens.w * dot(u, u);
    vec4 image = textureLod(station_first, u * station_first_rect.xy + station_first_rect.zw, 0.0);
    image.rgb *= station_first_level;
#if STATION > 1
    vec4 nearer = textureLod(station_second, u * station_second_rect.xy + station_second_rect.zw, 0.0);
    image = vec4(nearer.a * image.rgb + station_second_level * nearer.rgb, nearer.a * image.a);
#endif
    return image;
}
