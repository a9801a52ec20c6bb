// The Milky Way behind the limb on a grid coarser than the picture: its map has no finer detail, and a full
// resolution march over it would cost as much as the airglow.
#include "interface/sky.glsl"

uniform float step_px;  // picture pixels between the grid's
uniform float factor;   // on the light

out vec4 radiance;

void main() {
    radiance = factor * sky_seen(frame_rot_local_from_cam * ray_cam(gl_FragCoord.xy * step_px, frame_lens));
}
