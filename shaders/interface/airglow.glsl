// Tables and uniforms of the airglow march, set by passes/airglow.py.
#include "interface/frame.glsl"
#include "lib/airglow.glsl"

#ifdef FOLDED
uniform sampler3D low_folded;   // response channels per rayleigh, times photon cm-3 s-1
uniform sampler3D high_folded;
#define LOW_TABLES low_folded, low_folded
#define HIGH_TABLES high_folded, high_folded
#else
uniform sampler3D low_first;    // na589, oi558, oi630, oh; photon cm-3 s-1, altitude by east by north
uniform sampler3D low_second;   // o2, continuum
uniform sampler3D high_first;
uniform sampler3D high_second;
#define LOW_TABLES low_first, low_second
#define HIGH_TABLES high_first, high_second
uniform vec4 factors[2];        // on the emissions, which folded tables hold already
#endif
uniform vec4 low_shell;         // bottom, top, first row's altitude, step, km
uniform vec4 low_table;         // rows, nodes, reach, -
uniform vec4 high_shell;
uniform vec4 high_table;
uniform int low_samples;        // a uniform, so that compilers do not unroll the march
uniform int high_samples;
uniform bool night_only;
#ifdef ROWS  // tables whose rows stand at altitudes of their own
uniform sampler2D row_altitudes;  // km; first row the low table's, second the high one's
#endif
uniform sampler2D transmission;  // of the lower air, see far_transmission

// Columns of both shells before and behind the tangent point, rayleigh.
void airglow_columns(Direction dir, out Rayleighs near_first, out Rayleighs near_second, out Rayleighs far_first,
                     out Rayleighs far_second) {
    near_first = near_second = far_first = far_second = vec4(0.0);
    Ray ray = ray_from_eye(dir, frame_eye.x);
    Earth earth = Earth(frame_pole_dir_local.xyz, frame_sun_dir_local.xyz);
    Shell low = Shell(low_shell.x, low_shell.y, low_shell.z, low_shell.w, low_table.x, low_table.y, low_table.z);
    Shell high = Shell(high_shell.x, high_shell.y, high_shell.z, high_shell.w, high_table.x, high_table.y,
                       high_table.z);
#ifdef ROWS
#define MARCH_LOW(SIDE, A, B) march_rows(LOW_TABLES, row_altitudes, 0, low, ray, earth, night_only, SIDE, A, B)
#define MARCH_HIGH(SIDE, A, B) march_rows(HIGH_TABLES, row_altitudes, 1, high, ray, earth, night_only, SIDE, A, B)
    MARCH_LOW(-1.0, near_first, near_second);
    MARCH_HIGH(-1.0, near_first, near_second);
    if (ray.eye_s >= 0.0) {  // a ray that climbs: nothing of the lower air stands before what is ahead
        MARCH_LOW(1.0, near_first, near_second);
        MARCH_HIGH(1.0, near_first, near_second);
    } else if (altitude(ray_at(ray, 0.0), earth) > 0.0) {
        MARCH_LOW(1.0, far_first, far_second);
        MARCH_HIGH(1.0, far_first, far_second);
    }
#else
    vec4 s = shell_pieces(low, ray, earth);
    vec4 t = shell_pieces(high, ray, earth);
    march(LOW_TABLES, low, ray, earth, night_only, s.x, s.y, low_samples, near_first, near_second);
    march(HIGH_TABLES, high, ray, earth, night_only, t.x, t.y, high_samples, near_first, near_second);
    // The ground stands before the far leg. The straight ray's tangent altitude decides; a ray that passes over less
    // than 1.77 km is stopped by the transmission, which is 0 there.
    if (ray.eye_s < 0.0 && altitude(ray_at(ray, 0.0), earth) > 0.0) {
        march(LOW_TABLES, low, ray, earth, night_only, s.z, s.w, low_samples, far_first, far_second);
        march(HIGH_TABLES, high, ray, earth, night_only, t.z, t.w, high_samples, far_first, far_second);
    }
#endif
#ifndef FOLDED
    near_first *= factors[0];
    near_second *= factors[1];
    far_first *= factors[0];
    far_second *= factors[1];
#endif
}

// Transmission of the lower air for the far leg, by emission, at a straight ray's tangent altitude (= impact height).
// table: 2 rows (first four emissions; last two), columns 0.25 km apart from 0; 1 above its end, 0 below 0.
void far_transmission(sampler2D table, Length tangent, out vec4 first, out vec4 second) {
    if (tangent < 0.0) {
        first = second = vec4(0.0);
        return;
    }
    int last = textureSize(table, 0).x - 1;
    float at = min(tangent / 0.25, float(last) - 0.001);
    int i = int(at);
    first = mix(texelFetch(table, ivec2(i, 0), 0), texelFetch(table, ivec2(i + 1, 0), 0), at - float(i));
    second = mix(texelFetch(table, ivec2(i, 1), 0), texelFetch(table, ivec2(i + 1, 1), 0), at - float(i));
}

// Columns that arrive at the eye, rayleigh: near leg, and far leg after the lower air.
void airglow_seen(Direction dir, out Rayleighs near_first, out Rayleighs near_second, out Rayleighs far_first,
                  out Rayleighs far_second) {
    airglow_columns(dir, near_first, near_second, far_first, far_second);
    Earth earth = Earth(frame_pole_dir_local.xyz, frame_sun_dir_local.xyz);
    vec4 t_first, t_second;
    far_transmission(transmission, altitude(ray_at(ray_from_eye(dir, frame_eye.x), 0.0), earth), t_first, t_second);
    far_first *= t_first;
    far_second *= t_second;
}
