// Tiles of the picture as triangles in normalised device coordinates; see passes/view.py for which and why.
layout(location = 0) in vec2 corner;

void main() {
    gl_Position = vec4(corner, 0.0, 1.0);
}
