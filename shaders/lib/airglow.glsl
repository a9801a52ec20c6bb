// March of the emitting shells along one ray: near and far leg, eye below, inside or above, night for each sample.
// Smooth layers are summed at midpoints, a profile of the user's own from row to row of its table.
//
// A ray is described about its closest approach to the Earth's centre: p is that distance, s the path from there
// (the eye stands at eye_s: negative while the tangent point is ahead). Between the two lies every formula:
// |P| = sqrt(p^2 + s^2). The two legs are the same march with the sign of s turned.
#include "lib/geometry.glsl"

struct Ray {
    Direction dir;      // unit vector, local frame (east, north, up at the eye)
    Length eye_radius;  // |eye|, km, geocentric
    Length p;           // closest approach of the line to the centre, km
    Length eye_s;       // path from there to the eye, km
};

struct Earth {
    Direction pole;     // unit vector to the north pole, local frame
    Direction sun;      // unit vector to the Sun, local frame
};

struct Shell {
    Length bottom;      // altitude where the march begins, km
    Length top;         // and ends
    Length table_from;  // altitude of the table's first row, km
    Length table_step;  // km
    Number table_rows;
    Number grid_nodes;  // horizontal nodes of the table, each way
    Number grid_reach;  // sine of the Earth-central angle at the table's edge
};

// The ray that leaves an eye at distance eye_radius (km) from the centre into `dir` (local frame).
Ray ray_from_eye(Direction dir, Length eye_radius) {
    return Ray(dir, eye_radius, eye_radius * length(dir.xy), eye_radius * dir.z);
}

// Position (local frame, km) on a ray at path s from the closest approach.
Position ray_at(Ray ray, Length s) {
    return vec3(0.0, 0.0, ray.eye_radius) + (s - ray.eye_s) * ray.dir;
}

// Geodetic altitude of a point, km. Radial minus ellipsoid radius: 0.5 m off the geodetic value at 100 km, because
// the vertical leans 0.2 deg; float32 adds as much.
// Twin: physics.airglow_march.altitude_km. Test: tests/glsl/test_airglow.py
Length altitude(Position at, Earth earth) {
    Length radius = length(at);
    return radius - geocentric_radius(dot(at, earth.pole) / radius);
}

// Path s >= 0 (times side) where a ray crosses altitude z, 0 where its tangent point lies above it.
// side: -1 near leg, +1 far leg. Two rounds settle the ellipsoid's radius at the crossing (20 km of path at first).
// Twin: physics.airglow_march.shell_crossing_km. Test: tests/glsl/test_airglow.py
Length shell_crossing(Ray ray, Length z, float side, Earth earth) {
    Length radius = geocentric_radius(earth.pole.z) + z;
    Length s = 0.0;
    for (int i = 0; i < 3; ++i) {
        s = sqrt(max((radius - ray.p) * (radius + ray.p), 0.0));  // below zero: the ray stays above z
        Position at = ray_at(ray, side * s);
        radius = geocentric_radius(dot(normalize(at), earth.pole)) + z;
    }
    return s;
}

// How much of the night emission a point gives: 1 in the Earth's shadow, 0 in sunlight.
// The shadow's edge is soft between grazing rays at 0 and 35 km: below, air and ozone stop the light that ends the
// night chemistry. Source: geometry; heights from the transmission at 300-450 nm (PHYSICS D), an estimate.
// Twin: physics.airglow_march.night_fraction. Test: tests/glsl/test_airglow.py
Number night_fraction(Position at, Earth earth) {
    Length along = dot(at, earth.sun);
    if (along >= 0.0) return 0.0;
    Length beside = length(at - along * earth.sun);
    Length ground = geocentric_radius(dot(normalize(at), earth.pole));
    return 1.0 - smoothstep(0.0, 35.0, beside - ground);
}

// Column emission along a piece of a ray by midpoints, added to `first` (na589, oi558, oi630, oh) and `second`
// (o2, continuum, -, -), rayleigh.
// s_from < s_to: path, km; n: samples. Source: DESIGN 3; 20 samples hold 0.4 % on 75-125 km (PHYSICS H) for layers
// 5 km wide or wider; thinner ones fall between the samples.
// Twin: physics.airglow_march.march. Test: tests/glsl/test_airglow.py, tests/passes/test_airglow_pass.py
void march(sampler3D table_first, sampler3D table_second, Shell shell, Ray ray, Earth earth, bool night_only,
           Length s_from, Length s_to, int n, inout Rayleighs first, inout Rayleighs second) {
    if (s_to <= s_from) return;
    Length step = (s_to - s_from) / float(n);
    vec4 sum_first = vec4(0.0);
    vec4 sum_second = vec4(0.0);
    for (int i = 0; i < n; ++i) {
        Length s = s_from + (float(i) + 0.5) * step;
        Position at = ray_at(ray, s);
        Length radius = length(at);
        Length z = radius - geocentric_radius(dot(at, earth.pole) / radius);
        vec2 across = at.xy / (radius * shell.grid_reach) * 0.5 + 0.5;
        vec2 uv = (across * (shell.grid_nodes - 1.0) + 0.5) / shell.grid_nodes;
        float row = ((z - shell.table_from) / shell.table_step + 0.5) / shell.table_rows;
        float share = night_only ? night_fraction(at, earth) : 1.0;
        sum_first += share * texture(table_first, vec3(row, uv));
#ifndef FOLDED  // one table then holds everything
        sum_second += share * texture(table_second, vec3(row, uv));
#endif
    }
    first += 0.1 * step * sum_first;  // cm-3 s-1 km = 1e5 cm-2 s-1 = 0.1 rayleigh
    second += 0.1 * step * sum_second;
}

// The pieces of both legs that lie in a shell and ahead of the eye: vec4(near from, near to, far from, far to).
// A ray that climbs from the eye has only a near piece: nothing of the lower air stands before it.
// Twin: physics.airglow_march.shell_pieces. Test: tests/glsl/test_airglow.py
vec4 shell_pieces(Shell shell, Ray ray, Earth earth) {
    if (ray.eye_s < 0.0) {
        Length near_out = shell_crossing(ray, shell.top, -1.0, earth);
        Length near_in = shell_crossing(ray, shell.bottom, -1.0, earth);
        Length far_in = shell_crossing(ray, shell.bottom, 1.0, earth);
        Length far_out = shell_crossing(ray, shell.top, 1.0, earth);
        return vec4(max(-near_out, ray.eye_s), max(-near_in, ray.eye_s), far_in, far_out);
    }
    Length up_in = shell_crossing(ray, shell.bottom, 1.0, earth);
    Length up_out = shell_crossing(ray, shell.top, 1.0, earth);
    return vec4(max(up_in, ray.eye_s), max(up_out, ray.eye_s), 0.0, 0.0);
}

// Both legs of a ray by altitude: it stands at altitude z at path middle -+ sqrt(D(z)), with
// D(z) = square_bottom + (z - bottom) (slope + curve (z - top)), negative where the ray stays above z.
struct Legs {
    Length middle;        // path of the lowest point, km
    Length bottom;        // altitudes of a table's first and last row, km
    Length top;
    float square_bottom;  // km2
    Length slope;
    Number curve;
};

// x: path of a ray's lowest point above the level at altitude z, km; y: D(z), km2. up, along: components of the closest
// approach and of the ray along the pole. The level is an ellipsoid of semi-axes a + z and b + z.
vec2 level_crossing(Ray ray, float up, float along, Length z) {
    Length a = WGS84_A_KM + z;
    Length b = WGS84_B_KM + z;
    float e = (WGS84_A_KM - WGS84_B_KM) * (a + b) / (b * b);
    float first = 1.0 + e * along * along;
    float half_second = e * up * along;
    float rest = (ray.p - a) * (ray.p + a) + e * up * up;
    return vec2(-half_second / first, (half_second * half_second / first - rest) / first);
}

// The legs of a ray through a shell's rows: D is the quadratic through its values at three altitudes.
// Source: analytic, DESIGN 51. Twin: physics.airglow_march.Legs. Test: tests/glsl/test_airglow.py
Legs legs_of(Shell shell, Ray ray, Earth earth) {
    float along = dot(ray.dir, earth.pole);
    float up = ray.eye_radius * earth.pole.z - ray.eye_s * along;
    vec2 middle = level_crossing(ray, up, along, 0.5 * (shell.bottom + shell.top));
    float low = level_crossing(ray, up, along, shell.bottom).y;
    float high = level_crossing(ray, up, along, shell.top).y;
    Length span = shell.top - shell.bottom;
    return Legs(middle.x, shell.bottom, shell.top, low, (high - low) / span,
                2.0 * (low + high - 2.0 * middle.y) / (span * span));
}

// Paths that the lower (x) and the upper (y) row of an interval count for, km: the exact integral along h = sqrt(D) of
// an emission that is linear in D, from D = square to square + rise, cut at least and most. Written without
// differences of large numbers: straight down h is 6,500 km and its step 0.25 km.
// Twin: physics.airglow_march.row_paths_km. Test: tests/glsl/test_airglow.py
vec2 row_paths(float square, float rise, float least, float most) {
    float t0 = clamp((least - square) / rise, 0.0, 1.0);
    float t1 = clamp((most - square) / rise, 0.0, 1.0);
    Length h0 = sqrt(max(square + t0 * rise, 0.0));
    Length h1 = sqrt(max(square + t1 * rise, 0.0));
    Length both = max(h0 + h1, 1e-9);  // zero where the interval lies below the lowest point, as is t1 - t0
    float share = max(t1 - t0, 0.0) * rise / (3.0 * both * both);
    vec2 w = share * vec2(2.0 * h1 + h0, h1 + 2.0 * h0);
    return vec2(dot(w, vec2(1.0 - t0, 1.0 - t1)), dot(w, vec2(t0, t1)));
}

// As `march`, of a whole leg ahead of the eye (side: -1 near, +1 far), from row to row of tables whose rows stand at the
// altitudes in column `which` of row_altitudes; emissions are linear between rows. Exact for layers of any width.
// Source: DESIGN 51. Twin: physics.airglow_march.march_rows. Test: tests/passes/test_thin_layers.py
void march_rows(sampler3D table_first, sampler3D table_second, sampler2D row_altitudes, int which, Shell shell, Ray ray,
                Earth earth, bool night_only, float side, inout Rayleighs first, inout Rayleighs second) {
    int n = int(shell.table_rows);
    if (shell.top <= shell.bottom) return;
    Legs legs = legs_of(shell, ray, earth);
    Length eye = max(side * (ray.eye_s - legs.middle), 0.0);  // the eye stands so far out on this leg
    float least = side > 0.0 ? eye * eye : 0.0;
    float most = side > 0.0 ? 1e12 : eye * eye;
    Length span = shell.top - shell.bottom;
    if (most <= 0.0 || legs.square_bottom + span * legs.slope <= least) return;
    vec4 below_first = vec4(0.0);
    vec4 below_second = vec4(0.0);
    vec4 sum_first = vec4(0.0);
    vec4 sum_second = vec4(0.0);
    Length z_below = shell.bottom;
    float square_below = legs.square_bottom;
    for (int i = 0; i < n; ++i) {
        Length z = texelFetch(row_altitudes, ivec2(i, which), 0).x;
        float rise = (z - z_below) * (legs.slope + legs.curve * (z + z_below - legs.bottom - legs.top));
        float square = legs.square_bottom + (z - legs.bottom) * (legs.slope + legs.curve * (z - legs.top));
        Position at = ray_at(ray, legs.middle + side * sqrt(max(square, 0.0)));
        vec2 across = at.xy / (length(at) * shell.grid_reach) * 0.5 + 0.5;
        vec2 uv = (across * (shell.grid_nodes - 1.0) + 0.5) / shell.grid_nodes;
        float row = (float(i) + 0.5) / shell.table_rows;
        float share = night_only ? night_fraction(at, earth) : 1.0;
        vec2 paths = i > 0 ? row_paths(square_below, rise, least, most) : vec2(0.0);
        vec4 here = share * texture(table_first, vec3(row, uv));
        sum_first += paths.x * below_first + paths.y * here;
        below_first = here;
#ifndef FOLDED
        here = share * texture(table_second, vec3(row, uv));
        sum_second += paths.x * below_second + paths.y * here;
        below_second = here;
#endif
        z_below = z;
        square_below = square;
    }
    first += 0.1 * sum_first;
    second += 0.1 * sum_second;
}
