// City lights seen from above: filtered radiance, sub-resolution pattern, lamp colour, halo, emission law, extinction.
#include "interface/units.glsl"
#include "interface/constants.glsl"

// Window coordinates of a place: column and row in texels, row 0 in the north.
// latlon: geodetic latitude and longitude, rad. grid: longitude of the west edge and latitude of the north edge (rad),
// texels per rad of longitude and of latitude. Valid across the date line.
// Twin: EarthWindow.texel in earthlimb/world/earth_maps.py. Test: tests/glsl/test_ground_lights.py
vec2 window_texel(vec2 latlon, vec4 grid) {
    float east = latlon.y - grid.x;
    east -= 2.0 * PI * floor(east / (2.0 * PI));
    return vec2(east * grid.z, (grid.y - latlon.x) * grid.w);
}

// Part of a vector along the ground: east, north.
// hit: point on the ellipsoid, km, ITRS. way: any vector, ITRS.
// Twin: along_ground_en in earthlimb/physics/surface.py. Test: tests/glsl/test_ground_lights.py
vec2 along_ground_en(Position hit, vec3 way, Number cos_lat, Number sin_lat) {
    float axis = max(length(hit.xy), 1e-6);  // the pole itself has no east
    float outward = dot(way.xy, hit.xy) / axis;
    return vec2((hit.x * way.y - hit.y * way.x) / axis, way.z * cos_lat - outward * sin_lat);
}

// Direction of view along the ground: unit vector east, north.
// hit: point on the ellipsoid, km, ITRS. view: direction from eye to ground, ITRS.
// East is exact; north is what is left of the horizontal part. Straight down has none: any direction then serves.
// Twin: view_along_en in earthlimb/physics/surface.py. Test: tests/glsl/test_ground_lights.py
vec2 view_along_en(Position hit, Direction view, Number cos_lat, Number sin_lat) {
    vec2 en = along_ground_en(hit, view, cos_lat, sin_lat);
    float size = length(en);
    return size > 1e-6 ? en / size : vec2(0.0, 1.0);
}

// Path of the place that a pixel sees while the shutter is open: east, north, km.
// hit: the place at the middle, km, ITRS; view: unit vector from the eye, ITRS; normal: outward, at the place;
// gone: path of a point that stays at this distance on the pixel's ray, km, ITRS.
// Valid: paths short against the distance. Twin: swept_path_en in earthlimb/physics/surface.py.
// Test: tests/glsl/test_ground_lights.py
vec2 swept_path_en(Position hit, Direction view, Direction normal, Position gone) {
    // back to the ground along the ray; at the horizon the path along it has no bound, and no light comes through
    vec3 path = gone + view * (dot(normal, gone) / max(-dot(view, normal), 1.0 / 60.0));
    return along_ground_en(hit, path, length(normal.xy), normal.z);
}

// Share of the lamps that are lit: all in the dark, none by day, switched through dusk.
// sin_sun: sine of the Sun's elevation at the place. Twin: lamps_lit in earthlimb/physics/city_lights.py.
// Test: tests/glsl/test_ground_lights.py
Number lamps_lit(Number sin_sun) {
    return 1.0 - smoothstep(-0.10452846, 0.0, sin_sun);  // 6 deg below the horizon to the horizon
}

// Entry of the slant table, per response channel. Row 0: T(e) / T(zenith) times the emission law of cities; row 1:
// T(e); row 2: scattered light over that seen from the zenith in green.
// sin_elevation: sine of the eye's elevation above the ground's horizon; the table is uniform in its square root.
// Twin: sample_slant in earthlimb/physics/city_lights.py. Test: tests/glsl/test_ground_lights.py
vec4 slant(sampler2D table, Number sin_elevation, int row) {
    float last = float(textureSize(table, 0).x - 1);
    return texelFetch(table, ivec2(int(sqrt(clamp(sin_elevation, 0.0, 1.0)) * last + 0.5), row), 0);
}

// Radiance towards the zenith at the top of the air, averaged over a pixel's footprint, nW cm-2 sr-1.
// window: radiance with mip levels. pattern_map: mean 1, with mip levels, repeating. texel: from window_texel.
// origin: the window's column and row in the world's map. footprint_km: full width across and along the view.
// along_en: from view_along_en. cos_lat: of the place. taps: samples along the footprint.
// path_en: the way of the place while the shutter is open, east and north, km; with #define SWEPT 1 a path longer than
// 1.5 widths of the footprint takes the mean of its two halves' middles: where it is shorter the footprint hides it.
// #define LIGHTS_PATTERN 1 to multiply with the sub-resolution pattern (needed where a pixel is narrower than 2 km).
// Twin: city_radiance in earthlimb/physics/lights_filter.py. Test: tests/glsl/test_ground_lights.py
Number city_radiance(sampler2D window, sampler2D pattern_map, vec2 texel, vec2 origin,
                     vec2 footprint_km, vec2 along_en, Number cos_lat, int taps, vec2 path_en) {
    const float KM = 1.8532;             // one texel of latitude
    const float MAX_LEVEL = 5.0;         // levels above are not exact means
    const float SHARPER = 0.7;           // linear filtering widens a level by itself
    float east = 1.0 / (KM * max(cos_lat, 0.05));
    vec2 across = footprint_km.x * vec2(along_en.y * east, along_en.x / KM);
    vec2 along = footprint_km.y * vec2(along_en.x * east, -along_en.y / KM);
    float wide = length(across), reach = length(along);
    float width = max(wide, reach / float(taps)) * SHARPER;
    float lod = clamp(log2(max(width, 1.0)), 0.0, MAX_LEVEL);
    vec2 per_texel = 1.0 / vec2(textureSize(window, 0));
    vec2 hop = along / float(taps);
    vec2 place = texel - 0.5 * (float(taps) - 1.0) * hop;
#ifdef LIGHTS_PATTERN
    const float PER_TEXEL = 16.0;        // pattern texels per texel of the map
    float fine_lod = log2(max(width * PER_TEXEL, 1.0));
    float per_pattern = PER_TEXEL / float(textureSize(pattern_map, 0).x);
#endif
    float value = 0.0;
#ifdef SWEPT
    const float SWEPT_PX = 1.0;
    vec2 quarter = 0.25 * vec2(path_en.x * east, -path_en.y / KM);
    float shortest = SWEPT_PX * footprint_km.x;
    int n = dot(path_en, path_en) > shortest * shortest ? 2 * taps : taps;
    place += n > taps ? quarter : vec2(0.0);
#else
    int n = taps;
#endif
    for (int tap = 0; tap < n; ++tap) {
        float light = textureLod(window, place * per_texel, lod).r;
#ifdef LIGHTS_PATTERN
        light *= textureLod(pattern_map, (place + origin) * per_pattern, fine_lod).r;
#endif
        value += light;
        place += hop;
#ifdef SWEPT
        if (tap == taps - 1) place -= along + 2.0 * quarter;
#endif
    }
    return value / float(n);
}

// Light of cities and of the air around them that reaches an eye outside the atmosphere, in the response's unit.
// tint: response per nW cm-2 sr-1 of direct light, one cell per 8 x 8 texels. halo_map: response of the scattered
// light as seen from the zenith. factors: on direct and on scattered light. slant_table, sin_elevation: see slant. The
// rest as in city_radiance.
// Twin: composed of the twins above. Test: tests/glsl/test_ground_lights.py
Radiance ground_lights(sampler2D window, sampler2D pattern_map, sampler2D tint, sampler2D halo_map,
                       vec2 factors, sampler2D slant_table, vec2 texel, vec2 origin, Number sin_elevation,
                       vec2 footprint_km, vec2 along_en, Number cos_lat, int taps, vec2 path_en) {
    float direct = city_radiance(window, pattern_map, texel, origin, footprint_km, along_en, cos_lat, taps, path_en);
    vec2 uv = texel / vec2(textureSize(window, 0));
    return factors.x * (direct * textureLod(tint, uv, 0.0) * slant(slant_table, sin_elevation, 0)) +
           factors.y * (textureLod(halo_map, uv, 0.0) * slant(slant_table, sin_elevation, 2));
}
