// Coordinates of the limb map: azimuth about the station by how deep a ray looks.
//
// Emission columns change fast with the tangent height and slowly with azimuth, so the march runs on this small map
// (45 columns a radian, rows 0.4 km apart at the layers, 0.05 km for thin layers of a user's profile) and the picture reads
// it with a linear filter.
#include "lib/geometry.glsl"

// What the map spans. Knots lie on row centres, so that interpolation never crosses a change of spacing.
struct LimbMap {
    vec2 centre;         // cosine and sine of the middle azimuth (from north towards east)
    Number per_rad;      // columns a radian
    vec2 size;           // columns, rows
    Length eye_radius;   // km
    Length reference;    // radius from which tangent heights q are counted, km
    vec4 z_knots;        // vertical component of the ray at rows 0, K1, K2 and at the last row
    vec4 z_rows;         // those rows
    vec3 q_knots;        // tangent height at rows K2, K3, K4, km
    vec3 q_rows;         // those rows
};

float pow2(float x) {
    return x * x;
}

float between(float x, float x0, float x1, float row0, float row1) {
    return row0 + (x - x0) / (x1 - x0) * (row1 - row0);
}

// Row (0 is the centre of the first) of a ray with vertical component z and horizontal size c, c^2 + z^2 = 1.
// Near the horizontal z tells rays apart best, at the limb q = r c - R does (z would lose a metre in float32).
Number limb_map_row(LimbMap map, float z, float c) {
    if (z > map.z_knots.z) {
        return z > map.z_knots.y ? between(z, map.z_knots.x, map.z_knots.y, map.z_rows.x, map.z_rows.y)
                                 : between(z, map.z_knots.y, map.z_knots.z, map.z_rows.y, map.z_rows.z);
    }
    Length q = map.eye_radius * c - map.reference;
    if (q > map.q_knots.y) return between(q, map.q_knots.x, map.q_knots.y, map.q_rows.x, map.q_rows.y);
    if (q > map.q_knots.z) return between(q, map.q_knots.y, map.q_knots.z, map.q_rows.y, map.q_rows.z);
    float z_last = -sqrt(max(1.0 - pow2((map.reference + map.q_knots.z) / map.eye_radius), 0.0));
    return between(z, z_last, -1.0, map.q_rows.z, map.z_rows.w);
}

// Texture coordinates of a direction in the local frame.
vec2 limb_map_uv(LimbMap map, Direction dir) {
    float c = length(dir.xy);
    vec2 turned = vec2(dir.y * map.centre.x + dir.x * map.centre.y, dir.x * map.centre.x - dir.y * map.centre.y);
    float column = atan2_precise(turned.y, turned.x) * map.per_rad + 0.5 * (map.size.x - 1.0);
    return (vec2(column, limb_map_row(map, dir.z, c)) + 0.5) / map.size;
}

// Direction in the local frame of a map texel, the inverse of limb_map_uv; column and row count from 0.
Direction limb_map_direction(LimbMap map, float column, float row) {
    float z;
    float c;
    if (row <= map.z_rows.z) {
        z = row <= map.z_rows.y ? between(row, map.z_rows.x, map.z_rows.y, map.z_knots.x, map.z_knots.y)
                                : between(row, map.z_rows.y, map.z_rows.z, map.z_knots.y, map.z_knots.z);
        c = sqrt(max(1.0 - z * z, 0.0));
    } else if (row <= map.q_rows.z) {
        Length q = row <= map.q_rows.y ? between(row, map.q_rows.x, map.q_rows.y, map.q_knots.x, map.q_knots.y)
                                       : between(row, map.q_rows.y, map.q_rows.z, map.q_knots.y, map.q_knots.z);
        c = (map.reference + q) / map.eye_radius;
        z = -sqrt(max(1.0 - c * c, 0.0));
    } else {
        float z_last = -sqrt(max(1.0 - pow2((map.reference + map.q_knots.z) / map.eye_radius), 0.0));
        z = between(row, map.q_rows.z, map.z_rows.w, z_last, -1.0);
        c = sqrt(max(1.0 - z * z, 0.0));
    }
    float azimuth = (column - 0.5 * (map.size.x - 1.0)) / map.per_rad;
    vec2 turned = vec2(cos(azimuth), sin(azimuth));
    vec2 north_east = vec2(turned.x * map.centre.x - turned.y * map.centre.y,
                           turned.x * map.centre.y + turned.y * map.centre.x);
    return vec3(c * north_east.y, c * north_east.x, z);
}
