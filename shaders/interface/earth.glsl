// The Earth's maps and uniforms, set by passes/earth_textures.py, and what a pixel sees of them.
#include "interface/units.glsl"
#include "interface/frame.glsl"
#include "lib/geometry.glsl"
#include "lib/city_lights.glsl"
#include "lib/surface.glsl"

uniform sampler2D earth_lights;
uniform sampler2D earth_pattern;
uniform sampler2D earth_tint;
uniform sampler2D earth_halo;
uniform sampler2D earth_slant;
uniform sampler2D earth_albedo;
uniform vec4 earth_grid;
uniform vec2 earth_origin;
uniform vec2 earth_factors;     // on the lights' direct and scattered part
uniform vec4 earth_irradiance;  // of the ground by airglow and starlight, response times sr

#ifdef SWEPT
uniform mat3 ground_turn;   // a point at `p` km from the eye on a pixel's ray, ITRS, goes by ground_turn * p +
uniform vec3 ground_shift;  // ground_shift km while the shutter is open
#endif

const int EARTH_TAPS = 2;

// Light of a ground point: lamps and the surface in the dark.
// hit: on the ellipsoid, km, Earth-fixed; view: unit vector from the eye, Earth-fixed; range: to the point, km; across:
// width of the pixel's footprint across the direction of view, km. SWEPT: averaged over the path of the point while the
// shutter is open.
Radiance earth_light(Position hit, Direction view, Length range, Length across) {
    Direction normal = surface_normal(hit);
    vec2 latlon = latlon_from_normal(normal);
    float sin_elevation = clamp(-dot(view, normal), 0.0, 1.0);
    vec2 texel = window_texel(latlon, earth_grid);
    vec4 light = vec4(0.0);
#ifdef LIGHTS
    float cos_lat = length(normal.xy);
    // A footprint longer than 60 times its width happens only in the last 40 km before the horizon, where no light
    // comes through.
    vec2 footprint = across * vec2(1.0, 1.0 / max(sin_elevation, 1.0 / 60.0));
    float lit = lamps_lit(dot(normal, frame_rot_itrs_from_local * frame_sun_dir_local.xyz));
    vec2 along_en = view_along_en(hit, view, cos_lat, normal.z);
#ifdef SWEPT
    Position gone = ground_turn * (range * view) + ground_shift;
    vec2 path_en = swept_path_en(hit, view, normal, gone);
#else
    const vec2 path_en = vec2(0.0);
#endif
    light += lit * ground_lights(earth_lights, earth_pattern, earth_tint, earth_halo, earth_factors, earth_slant, texel,
                                 earth_origin, sin_elevation, footprint, along_en, cos_lat, EARTH_TAPS, path_en);
#endif
#ifdef SURFACE
    vec2 uv = texel / vec2(textureSize(earth_lights, 0));
    light += surface_light(earth_albedo, uv, earth_irradiance, slant(earth_slant, sin_elevation, 1));
#endif
    return light;
}
