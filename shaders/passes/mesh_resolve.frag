// Mean over the views from the points of the pupil, which lie side by side in one texture.
uniform sampler2D views_radiance;
#ifdef FOURTH
uniform sampler2D views_fourth;
#endif
uniform ivec2 cell_px;
uniform ivec2 cells;
layout(location = 0) out vec4 out_radiance; // and in alpha what passes
#ifdef FOURTH
layout(location = 1) out float out_fourth;
#endif

void main() {
    ivec2 at = ivec2(gl_FragCoord.xy);
    vec4 sum = vec4(0.0);
    float fourth = 0.0;
    for (int j = 0; j < cells.y; ++j) {
        for (int i = 0; i < cells.x; ++i) {
            ivec2 texel = at + cell_px * ivec2(i, j);
            sum += texelFetch(views_radiance, texel, 0);
#ifdef FOURTH
            fourth += texelFetch(views_fourth, texel, 0).r;
#endif
        }
    }
    float n = float(cells.x * cells.y);
    out_radiance = vec4(sum.rgb / n, 1.0 - sum.a / n);
#ifdef FOURTH
    out_fourth = fourth / n;
#endif
}
