// One picture, or two with SECOND, into others of the same size; the caller chooses whether it replaces or adds.
uniform sampler2D first;
uniform sampler2D second;
uniform float share;
layout(location = 0) out vec4 out_first;
#ifdef SECOND
layout(location = 1) out vec4 out_second;
#endif

void main() {
    out_first = share * texelFetch(first, ivec2(gl_FragCoord.xy), 0);
#ifdef SECOND
    out_second = share * texelFetch(second, ivec2(gl_FragCoord.xy), 0);
#endif
}
