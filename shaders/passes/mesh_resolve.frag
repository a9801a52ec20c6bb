// Mean over the views from the points of the pupil, which lie side by side in one texture, VIEWS by VIEWS. With PANES the
// glass behind what is open in them. The loops are unrolled and the lookups unfiltered textureLod at texels' centres: on
// the software rasteriser a third of what texelFetch in loops of any length costs.
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
uniform vec2 texel_uv; // of the views
layout(location = 0) out vec4 out_radiance; // and in alpha what passes
#ifdef FOURTH
layout(location = 1) out float out_fourth;
#endif

void main() {
    const float n = float(VIEWS * VIEWS);
    vec2 at = gl_FragCoord.xy * texel_uv;
    vec4 sum = vec4(0.0);
    float fourth = 0.0;
    for (int j = 0; j < VIEWS; ++j) {
        for (int i = 0; i < VIEWS; ++i) {
            vec2 view = at + vec2(i, j) / float(VIEWS);
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
    vec4 pane = textureLod(panes_radiance, at * float(VIEWS), 0.0);
    sum.rgb += open * pane.rgb;
#ifdef FOURTH
    fourth += open * textureLod(panes_fourth, at * float(VIEWS), 0.0).r;
#endif
    open *= 1.0 - pane.a;
#endif
    out_radiance = vec4(sum.rgb, open);
#ifdef FOURTH
    out_fourth = fourth;
#endif
}
