// One rectangle of whole pixels for each star, as large as its visible light.
#include "lib/psf.glsl"

in vec4 star_place;     // mean place from the upper left and streak, px
in vec4 star_radiance;  // irradiance over a pixel's solid angle, response channels

in float star_sigma_px;  // width of the core there

uniform vec2 size_px;
uniform float threshold;  // radiance that nobody sees

flat out vec2 centre_px;
flat out vec2 inv_px;
#ifdef LONG_STREAKS
flat out vec2 step_px;
flat out int n_nodes;
#endif
flat out vec4 radiance;

void main() {
    centre_px = star_place.xy;
    float sigma_px = star_sigma_px;
    vec2 streak = star_place.zw;
#ifdef LONG_STREAKS
    n_nodes = int(max(ceil(length(streak) / sigma_px), 1.0));
    step_px = streak / float(n_nodes);
#else
    vec2 step_px = streak;
#endif
    inv_px = psf_node_inv(step_px, sigma_px);
    radiance = star_radiance;

    float brightest = max(max(abs(radiance.r), abs(radiance.g)), max(abs(radiance.b), abs(radiance.a)));
    float peak = brightest / (6.2831853 * sigma_px * sigma_px);
    // exp(-k^2 / 2) reaches the threshold; below 3.5 sigma the energy outside would exceed 0.1 %
    float k = clamp(sqrt(2.0 * log(max(peak / threshold, 1.0))), 3.5, 7.0);
    vec2 half_px = 0.5 * abs(streak) + 0.70711 * k / inv_px;
    vec2 low = floor(centre_px - half_px);
    vec2 high = ceil(centre_px + half_px);
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    gl_Position = vec4(2.0 * mix(low, high, corner) / size_px - 1.0, 0.0, 1.0);
}
