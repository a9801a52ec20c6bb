// Full-screen triangle. Texture row 0 is the top row of the picture: what the passes call pixel row Y is
// gl_FragCoord.y - 0.5, so nothing is flipped when it is read back.
void main() {
    vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
    gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}
