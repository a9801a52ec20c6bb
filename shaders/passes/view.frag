// Everything smooth that a pixel sees: airglow, Milky Way, city lights, the surface. Stars come as points on top.
// The parts are chosen by defines, so that one pass makes the picture and the same text makes each layer alone:
// AIRGLOW (from the folded limb map), AIRGLOW_SIX (rayleighs, two outputs), MILKY_WAY, LIGHTS, SURFACE.
// SWEPT: the lights along the ground's motion while the shutter is open.
// SHARE: times a share, for instants of an exposure that add up. STATION: behind as many images of the station, which
// add their own light; a response of three channels only.
#include "interface/frame.glsl"
#include "lib/geometry.glsl"
#if defined(AIRGLOW) || defined(AIRGLOW_SIX)
#include "interface/limb_map.glsl"
uniform sampler2D limb_first;   // light, or the first four emissions
uniform sampler2D limb_second;  // the last two
#endif
#ifdef MILKY_WAY
#include "interface/sky_light.glsl"
#endif
#if defined(LIGHTS) || defined(SURFACE)
#include "interface/earth.glsl"
#endif
#ifdef STATION
#include "interface/station.glsl"
#endif

#ifdef SHARE
uniform float share;  // of the exposure that this instant stands for
#endif
layout(location = 0) out vec4 out_light;
#ifdef AIRGLOW_SIX
layout(location = 1) out vec4 out_second;
#endif

// What a pixel sees behind the station.
vec4 light_at(vec2 at) {
    Direction dir = frame_rot_local_from_cam * ray_cam(at, frame_lens);
    vec4 light = vec4(0.0);
#ifdef AIRGLOW
    vec2 uv = limb_map_uv(limb_map(), dir);
    light += textureLod(limb_first, uv, 0.0);
#endif
#ifdef AIRGLOW_SIX
    vec2 uv = limb_map_uv(limb_map(), dir);
    light = textureLod(limb_first, uv, 0.0);
    out_second = textureLod(limb_second, uv, 0.0);
#endif
#ifdef MILKY_WAY
    light += sky_light_at(at);  // 0 before the ground: nothing comes through the lowest air
#endif
#if defined(LIGHTS) || defined(SURFACE)
    Direction dir_itrs = frame_rot_itrs_from_local * dir;
    Position eye = frame_rot_itrs_from_local[2] * frame_eye.x;
    Length range = ellipsoid_range(eye, dir_itrs, frame_eye.w);
    if (range > 0.0) light += earth_light(eye + range * dir_itrs, dir_itrs, range, range / frame_lens.x);
#endif
    return light;
}

void main() {
#ifdef STATION
    vec4 station = station_at(gl_FragCoord.xy);
    vec4 light = vec4(0.0);
    if (station.a > 0.0) light = light_at(gl_FragCoord.xy);  // a card skips what frames and shutters hide
    light.rgb = station.a * light.rgb + station.rgb;
#else
    vec4 light = light_at(gl_FragCoord.xy);
#endif
#ifdef SHARE
    light *= share;
#ifdef AIRGLOW_SIX
    out_second *= share;
#endif
#endif
    out_light = light;
}
