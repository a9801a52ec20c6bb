// The nearest facet of the station: its radiance, and the share of the light behind it that it stops (0 where there is none).
in vec4 corner_radiance;
in float corner_through;
layout(location = 0) out vec4 out_radiance;
layout(location = 1) out float out_stopped;

void main() {
    out_radiance = corner_radiance;
    out_stopped = 1.0 - corner_through;
}
