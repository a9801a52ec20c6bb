// One picture into another of the same size; the caller chooses whether it replaces or adds.
uniform sampler2D source;
layout(location = 0) out vec4 result;

void main() {
    result = texelFetch(source, ivec2(gl_FragCoord.xy), 0);
}
