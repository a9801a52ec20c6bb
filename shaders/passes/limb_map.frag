// Marches one ray for every texel of the limb map and lets the lower air dim its far leg.
// FOLDED: tables that hold response channels, for rows where the far leg is clear or hidden; the result is the light.
// FOLD: six emissions, each with its own transmission, then folded; the result is the light.
// Neither: six totals in rayleigh, four and two.
#include "interface/airglow.glsl"
#include "interface/fold.glsl"
#include "interface/limb_map.glsl"

layout(location = 0) out vec4 out_first;
layout(location = 1) out vec4 out_second;

void main() {
    vec2 texel = floor(gl_FragCoord.xy);
    Direction dir = limb_map_direction(limb_map(), texel.x, texel.y);
    Rayleighs near_first, near_second, far_first, far_second;
#ifdef FOLDED
    airglow_columns(dir, near_first, near_second, far_first, far_second);
    out_first = near_first + far_first;
    out_second = vec4(0.0);
#else
    airglow_seen(dir, near_first, near_second, far_first, far_second);
#ifdef FOLD
    out_first = fold(near_first + far_first, near_second + far_second);
    out_second = vec4(0.0);
#else
    out_first = near_first + far_first;
    out_second = near_second + far_second;
#endif
#endif
}
