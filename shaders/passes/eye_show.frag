// The eye's view in sRGB code values: acuity, mesopic light and colour, stars, brightness.
#include "interface/eye.glsl"
#include "lib/development.glsl"

uniform sampler2D light;  // linear Rec.709 in cd m-2, scotopic cd m-2; without stars
uniform sampler2D wider;  // resolved already, half the size
uniform sampler2D stars;  // mesopic, coloured, cd m-2
uniform vec2 variances;
uniform vec2 roots;
layout(location = 0) out vec4 out_code;

void main() {
    ivec2 at = ivec2(gl_FragCoord.xy);
    float variance = blur_variance(adaptation_at(gl_FragCoord.xy), blur_scale);
    vec4 seen = mix(texelFetch(light, at, 0), eye_twice(wider, at), wider_share(variance, variances.x, variances.y));
    float photopic = dot(seen.rgb, LUMINANCE);
    vec2 mes = mesopic(photopic, seen.a);
    vec3 colour = mes.x * mix(vec3(1.0), gamut_map(seen.rgb) / max(photopic, 1e-9), photopic > 1e-9 ? mes.y : 0.0);
    colour += texelFetch(stars, at, 0).rgb;
    float luminance = max(dot(colour, LUMINANCE), 1e-9);
    out_code = vec4(srgb_encode(shoulder(colour * (display_luminance(luminance, roots) / luminance))), 1.0);
}
