// What stands between the lens and the world, set by passes/mesh.py: the station outside (OUTER) and the cupola (NEAR).
#include "interface/units.glsl"
#ifdef STATION_OUTER
uniform sampler2D outer_radiance;
uniform sampler2D outer_through;
uniform vec4 outer_rect;   // tangents to texture coordinates: scale, offset
uniform float outer_level; // radiance of 1 in the texture
#endif
#ifdef STATION_NEAR
uniform sampler2D near_radiance;
uniform sampler2D near_through;
uniform vec4 near_rect;
uniform float near_level;
#endif

// Share of the light from beyond the station that reaches the lens. tangents: x right, y down over forward.
float station_through(vec2 tangents) {
    float through = 1.0;
#ifdef STATION_OUTER
    through *= textureLod(outer_through, tangents * outer_rect.xy + outer_rect.zw, 0.0).r;
#endif
#ifdef STATION_NEAR
    through *= textureLod(near_through, tangents * near_rect.xy + near_rect.zw, 0.0).r;
#endif
    return through;
}

// Light of the station itself: that of the outside goes through the panes.
Radiance station_light(vec2 tangents) {
    vec4 light = vec4(0.0);
#ifdef STATION_OUTER
    light += outer_level * textureLod(outer_radiance, tangents * outer_rect.xy + outer_rect.zw, 0.0);
#endif
#ifdef STATION_NEAR
    vec2 at = tangents * near_rect.xy + near_rect.zw;
    light = light * textureLod(near_through, at, 0.0).r + near_level * textureLod(near_radiance, at, 0.0);
#endif
    return light;
}
