// Adds one star's light to the pixels of its rectangle.
// LONG_STREAKS: some streak is longer than sigma_px. Without it every star has one node, at half the cost.
// STATION: behind as many images of the station.
#include "lib/psf.glsl"
#ifdef STATION
#include "interface/station.glsl"
#endif

flat in vec2 centre_px;
flat in vec2 inv_px;
#ifdef LONG_STREAKS
flat in vec2 step_px;
flat in int n_nodes;
#endif
flat in vec4 radiance;

out vec4 light;

void main() {
#ifdef LONG_STREAKS
    light = radiance * psf_streak_share(gl_FragCoord.xy - centre_px, step_px, inv_px, n_nodes);
#else
    light = radiance * psf_pixel_share(gl_FragCoord.xy - centre_px, inv_px);
#endif
#ifdef STATION
    light.rgb *= station_at(gl_FragCoord.xy).a;
#endif
}
