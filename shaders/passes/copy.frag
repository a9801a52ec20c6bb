// One picture, or two with SECOND, into others of the same size; the caller chooses whether it replaces or adds.
// With EVERY the target is smaller and takes every n-th pixel of every n-th row.
uniform sampler2D first;
uniform sampler2D second;
uniform float share;
#ifdef EVERY
uniform int every;
#else
const int every = 1;
#endif
layout(location = 0) out vec4 out_first;
#ifdef SECOND
layout(location = 1) out vec4 out_second;
#endif

void main() {
    out_first = share * texelFetch(first, every * ivec2(gl_FragCoord.xy), 0);
#ifdef SECOND
    out_second = share * texelFetch(second, every * ivec2(gl_FragCoord.xy), 0);
#endif
}
