// A star as the eye sees it: nothing below the threshold upon its background, colour only where cones see it.
#include "interface/eye.glsl"

in vec4 star_place;       // from the upper left, px; solid angle of a pixel there, sr
in vec4 star_irradiance;  // linear Rec.709 and scotopic, lx

uniform vec2 size_px;
uniform float sigma_px;
uniform float fovea_sr;

flat out vec2 centre_px;
flat out vec3 radiance;

void main() {
    centre_px = star_place.xy;
    vec4 image = star_irradiance / fovea_sr;
    float photopic = dot(image.rgb, LUMINANCE);
    vec2 seen = mesopic(photopic, image.a);
    float lux = seen.x * fovea_sr;
    float left = max(1.0 - star_threshold(adaptation_at(centre_px)) / max(lux, 1e-20), 0.0);
    vec3 colour = mix(vec3(1.0), max(image.rgb / max(photopic, 1e-20), 0.0), seen.y);
    radiance = colour * (left * lux / star_place.z);
    float half_px = left > 0.0 ? 4.0 * sigma_px : -1.0;
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    vec2 place = mix(floor(centre_px - half_px), ceil(centre_px + half_px), corner);
    if (left <= 0.0) {
        place = centre_px;  // no area
    }
    gl_Position = vec4(2.0 * place / size_px - 1.0, 0.0, 1.0);
}
