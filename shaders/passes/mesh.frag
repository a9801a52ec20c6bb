// The nearest facet of the station: its radiance, and the share of the light behind it that it stops (0 where there is none).
in vec4 corner_radiance;
in float corner_through;
layout(location = 0) out vec4 out_radiance; // and in alpha what it stops
#ifdef FOURTH
layout(location = 1) out float out_fourth;
#endif

void main() {
    out_radiance = vec4(corner_radiance.rgb, 1.0 - corner_through);
#ifdef FOURTH
    out_fourth = corner_radiance.a;
#endif
}
