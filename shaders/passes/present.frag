// A developed picture laid over the window, whose row 0 is at the bottom while the picture's is at the top.
// Rounded here as files are, so that what is shown equals what is saved whatever the driver's own rounding.
uniform sampler2D picture;
uniform vec4 place;  // left, bottom, width, height on the screen, px
layout(location = 0) out vec4 out_code;

void main() {
    vec2 at = (gl_FragCoord.xy - place.xy) / place.zw;
    vec3 code = texture(picture, vec2(at.x, 1.0 - at.y)).rgb;
    out_code = vec4(floor(clamp(code, 0.0, 1.0) * 255.0 + 0.5) / 255.0, 1.0);
}
