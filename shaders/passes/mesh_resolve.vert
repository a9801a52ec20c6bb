// Tiles of the grid that facets may reach, as triangles in normalised device coordinates; see passes/mesh.py.
layout(location = 0) in vec2 corner;

void main() {
    gl_Position = vec4(corner, 0.0, 1.0);
}
