// Rays of the camera, the WGS84 ellipsoid and the coordinates of a ray about the station.
#include "interface/units.glsl"
#include "interface/constants.glsl"
#include "lib/math.glsl"

// Direction that a place in the picture sees.
// at: column and row in px, pixel centres at half-integers; lens: f_px, cx_px, cy_px, k1.
// Returns a unit vector in the camera's frame: x right, y down, z forward.
// Source: CONTRACT, "Lens and pixels". Twin: physics.lens.Lens.rays_cam. Test: tests/glsl/test_geometry.py
Direction ray_cam(vec2 at, vec4 lens) {
    vec2 u = (at - lens.yz) / lens.x;
    return normalize(vec3(u * (1.0 + lens.w * dot(u, u)), 1.0));
}

// Distance along a ray to the ellipsoid's surface; negative where it misses.
// eye: Earth-fixed, km, outside the ellipsoid; dir: unit vector, Earth-fixed;
// eye_excess: (|o| - 1)(|o| + 1) of the eye on the unit ellipsoid, from float64 (its difference loses digits here).
// The discriminant is written with the cross product: B^2 - A C would lose a kilometre at the horizon.
// Source: analytic. Twin: physics.geometry.ellipsoid_range_km. Test: tests/glsl/test_geometry.py
Length ellipsoid_range(Position eye, Direction dir, Number eye_excess) {
    vec3 scale = vec3(1.0 / WGS84_A_KM, 1.0 / WGS84_A_KM, 1.0 / WGS84_B_KM);
    vec3 o = eye * scale;
    vec3 d = dir * scale;
    vec3 moment = cross(o, d);
    float discriminant = dot(d, d) - dot(moment, moment);
    float towards = -dot(o, d);
    if (discriminant <= 0.0 || towards <= 0.0) return -1.0;
    return eye_excess / (towards + sqrt(discriminant));
}

// Outward geodetic normal at a point of the ellipsoid's surface.
// at: Earth-fixed, km. Twin: physics.geometry.surface_normal. Test: tests/glsl/test_geometry.py
Direction surface_normal(Position at) {
    vec3 inverse_squares = vec3(1.0, 1.0, (WGS84_A_KM * WGS84_A_KM) / (WGS84_B_KM * WGS84_B_KM));
    return normalize(at * inverse_squares);
}

// Geodetic latitude and longitude of a surface point from its normal, rad.
// Twin: physics.geometry.latlon_from_normal. Test: tests/glsl/test_geometry.py
vec2 latlon_from_normal(Direction normal) {
    return vec2(atan2_precise(normal.z, length(normal.xy)), atan2_precise(normal.y, normal.x));
}

// Radius of the ellipsoid at a geocentric latitude.
// sin_latitude: sine of the geocentric latitude. Returns km.
// Source: ellipse in polar form. Twin: physics.geometry.geocentric_radius_km. Test: tests/glsl/test_geometry.py
Length geocentric_radius(Number sin_latitude) {
    const float e2 = WGS84_F * (2.0 - WGS84_F);
    return WGS84_B_KM * inversesqrt(1.0 - e2 * (1.0 - sin_latitude * sin_latitude));
}
