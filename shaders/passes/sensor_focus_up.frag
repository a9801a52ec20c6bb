// A blurred picture back at its full size: one bilinear fetch.
uniform sampler2D light;  // filtered linearly
uniform float stride;
layout(location = 0) out vec4 out_light;

void main() {
    out_light = textureLod(light, gl_FragCoord.xy / (stride * vec2(textureSize(light, 0))), 0.0);
}
