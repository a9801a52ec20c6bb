// Adds one star to the pixels of its rectangle.
#include "lib/psf.glsl"

uniform float sigma_px;
flat in vec2 centre_px;
flat in vec3 radiance;
out vec4 light;

void main() {
    float inv_px = inversesqrt(2.0) / sigma_px;
    light = vec4(radiance * psf_pixel_share(gl_FragCoord.xy - centre_px, vec2(inv_px)), 0.0);
}
