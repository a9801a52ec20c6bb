// Tables of the sky, set by passes/milky_way.py.
#include "interface/frame.glsl"
#include "lib/airglow.glsl"
#include "lib/sky.glsl"

uniform sampler2D sky_map;
uniform sampler2D sky_colours;
uniform sampler2D sky_limb;
uniform vec2 sky_s10_range;
uniform float sky_limb_step_km;

// Milky Way seen from the eye through the limb. dir: unit vector, local frame.
// Refraction moves it by less than a texel above 17 km and is left out.
Radiance sky_seen(Direction dir) {
    Ray ray = ray_from_eye(dir, frame_eye.x);
    Radiance sky = milky_way(sky_map, sky_colours, sky_s10_range, frame_rot_gcrs_from_local * dir);
    if (ray.eye_s >= 0.0) return sky;
    Earth earth = Earth(frame_pole_dir_local.xyz, frame_sun_dir_local.xyz);
    return sky * sky_transmission(sky_limb, sky_limb_step_km, altitude(ray_at(ray, 0.0), earth));
}
