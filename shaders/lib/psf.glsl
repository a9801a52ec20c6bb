// The core of the lens's point spread, drawn out by the shutter and summed over pixels.
#include "interface/units.glsl"

// Error function. x: any. Returns -1 to 1, absolute error below 5e-7.
// Source: Abramowitz and Stegun (1964), 7.1.26. Twin: math.erf. Test: tests/glsl/test_psf.py
Number erf_near(float x) {
    float t = 1.0 / (1.0 + 0.3275911 * abs(x));
    float p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    return sign(x) * (1.0 - p * exp(-x * x));
}

// Part of a Gaussian's energy that falls on a pixel, exact but for erf_near; the sum over all pixels is 1.
// offset_px: pixel's centre less the Gaussian's. inv_px: 1 / (sqrt(2) sigma) in x and y, px-1.
// Twin: physics.psf.pixel_share. Test: tests/glsl/test_psf.py
Number psf_pixel_share(vec2 offset_px, vec2 inv_px) {
    vec2 a = (offset_px + 0.5) * inv_px;
    vec2 b = (offset_px - 0.5) * inv_px;
    return 0.25 * (erf_near(a.x) - erf_near(b.x)) * (erf_near(a.y) - erf_near(b.y));
}

// 1 / (sqrt(2) sigma) of one of a streak's nodes in x and y: the core's variance and that of its piece, step^2 / 12.
// step_px: from node to node, at most sigma_px long. Returns px-1.
// Twin: physics.psf.node_sigma_px. Test: tests/glsl/test_psf.py
vec2 psf_node_inv(vec2 step_px, float sigma_px) {
    return inversesqrt(2.0 * (vec2(sigma_px * sigma_px) + step_px * step_px / 12.0));
}

// Part of a streaked star's energy that falls on a pixel: energy exact, shape within 1.5 % of the peak.
// offset_px: pixel's centre less the streak's middle. step_px: the streak divided by n_nodes.
// inv_px: psf_node_inv of that step. n_nodes: at least 1.
// Twin: physics.psf.streak_share. Test: tests/glsl/test_psf.py
Number psf_streak_share(vec2 offset_px, vec2 step_px, vec2 inv_px, int n_nodes) {
    float middle = 0.5 * float(n_nodes - 1);
    float total = 0.0;
    int first = 0;
    int last = n_nodes - 1;
    if (n_nodes > 8) {
        // Nodes further than 5 sigma and a pixel's half diagonal give less than 1e-6: a long streak skips them.
        // 3.536 / inv is 5 sigma; steps of such streaks are about sigma long, never near 0.
        float reach = 0.7072 + 3.536 / min(inv_px.x, inv_px.y);
        float length2 = dot(step_px, step_px);
        float at = middle + dot(offset_px, step_px) / length2;
        float half_width = reach * inversesqrt(length2);
        first = max(first, int(ceil(at - half_width)));
        last = min(last, int(floor(at + half_width)));
    }
    for (int i = first; i <= last; ++i) {
        total += psf_pixel_share(offset_px - (float(i) - middle) * step_px, inv_px);
    }
    return total / float(n_nodes);
}
