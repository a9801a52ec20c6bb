// Corners of the station's facets, seen from one point of the lens's pupil. See passes/mesh.py.
layout(location = 0) in vec3 corner;   // camera's frame, m from the pupil's middle
layout(location = 1) in vec4 radiance; // in units of the brightest
layout(location = 2) in float through; // light that passes

uniform vec4 rect;   // middle and half extent of what the target shows, tangents
uniform vec2 pupil;  // this view's point of the pupil, m right and down
uniform vec2 jitter; // of the grid, normalised device coordinates
uniform vec2 planes; // nearest and farthest depth, m

out vec4 corner_radiance;
out float corner_through;

void main() {
    vec3 p = corner - vec3(pupil, 0.0);
    float z = ((planes.y + planes.x) * p.z - 2.0 * planes.y * planes.x) / (planes.y - planes.x);
    gl_Position = vec4((p.xy - rect.xy * p.z) / rect.zw + jitter * p.z, z, p.z);
    corner_radiance = radiance;
    corner_through = through;
}
