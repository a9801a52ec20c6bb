// Uniforms of the limb map, set by passes/limb_map.py; the same names serve the march and its reader.
#include "interface/frame.glsl"
#include "lib/limb_map.glsl"

uniform vec4 limb_centre;   // cosine, sine of the middle azimuth, columns a radian, -
uniform vec4 limb_size;     // columns, rows, -, -
uniform vec4 limb_z_knots;
uniform vec4 limb_z_rows;
uniform vec3 limb_q_knots;
uniform vec3 limb_q_rows;

LimbMap limb_map() {
    return LimbMap(limb_centre.xy, limb_centre.z, limb_size.xy, frame_eye.x, frame_eye.y, limb_z_knots, limb_z_rows,
                   limb_q_knots, limb_q_rows);
}
