// Marches one ray for every pixel: the reference for the limb map, and the way of an eye below 200 km.
// FOLD: the first output holds four response channels; without it, six totals in rayleigh.
#include "interface/airglow.glsl"
#include "interface/fold.glsl"

layout(location = 0) out vec4 out_first;
layout(location = 1) out vec4 out_second;

void main() {
    Direction dir = frame_rot_local_from_cam * ray_cam(gl_FragCoord.xy, frame_lens);
    Rayleighs near_first, near_second, far_first, far_second;
    airglow_seen(dir, near_first, near_second, far_first, far_second);
#ifdef FOLD
    out_first = fold(near_first + far_first, near_second + far_second);
    out_second = vec4(0.0);
#else
    out_first = near_first + far_first;
    out_second = near_second + far_second;
#endif
}
