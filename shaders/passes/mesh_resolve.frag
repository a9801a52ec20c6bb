// Mean over the views from the points of the pupil, which lie side by side in one texture.
uniform sampler2D views_radiance;
uniform sampler2D views_stopped;
uniform ivec2 cell_px;
uniform ivec2 cells;
layout(location = 0) out vec4 out_radiance;
layout(location = 1) out float out_through;

void main() {
    ivec2 at = ivec2(gl_FragCoord.xy);
    vec4 radiance = vec4(0.0);
    float stopped = 0.0;
    for (int j = 0; j < cells.y; ++j) {
        for (int i = 0; i < cells.x; ++i) {
            ivec2 texel = at + cell_px * ivec2(i, j);
            radiance += texelFetch(views_radiance, texel, 0);
            stopped += texelFetch(views_stopped, texel, 0).r;
        }
    }
    float n = float(cells.x * cells.y);
    out_radiance = radiance / n;
    out_through = 1.0 - stopped / n;
}
