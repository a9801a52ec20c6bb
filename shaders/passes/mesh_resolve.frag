// Mean over the views from the points of the pupil, which lie side by side in one texture, COLUMNS by ROWS. With
// PANES the glass behind what is open in them. The loops are unrolled and the lookups unfiltered textureLod at texels'
// centres: on the software rasteriser a third of what texelFetch in loops of any length costs.
uniform sampler2D views_radiance; // and in alpha what is stopped
#ifdef PANES
uniform sampler2D panes_radiance;
#endif
#ifdef FOURTH
uniform sampler2D views_fourth;
#ifdef PANES
uniform sampler2D panes_fourth;
#endif
#endif
layout(location = 0) out vec4 out_radiance; // and in alpha what passes
#ifdef FOURTH
layout(location = 1) out float out_fourth;
#endif

void main() {
    const float n = float(COLUMNS * ROWS);
    const vec2 side = vec2(COLUMNS, ROWS);
    vec2 at = gl_FragCoord.xy / vec2(textureSize(views_radiance, 0));
    vec4 sum = vec4(0.0);
    float fourth = 0.0;
    for (int j = 0; j < ROWS; ++j) {
        for (int i = 0; i < COLUMNS; ++i) {
            vec2 view = at + vec2(i, j) / side;
            sum += textureLod(views_radiance, view, 0.0);
#ifdef FOURTH
            fourth += textureLod(views_fourth, view, 0.0).r;
#endif
        }
    }
    sum /= n;
    fourth /= n;
    float open = 1.0 - sum.a;
#ifdef PANES
    vec4 pane = textureLod(panes_radiance, at * side, 0.0);
    sum.rgb += open * pane.rgb;
#ifdef FOURTH
    fourth += open * textureLod(panes_fourth, at * side, 0.0).r;
#endif
    open *= 1.0 - pane.a;
#endif
    out_radiance = vec4(sum.rgb, open);
#ifdef FOURTH
    out_fourth = fourth;
#endif
}
