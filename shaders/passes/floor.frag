// 1,000 dependent multiply-adds a pixel: the benchmark's yardstick of this machine.
uniform int rounds;  // 1000; a uniform, so that nobody unrolls or folds it
uniform vec2 numbers;
layout(location = 0) out vec4 result;

void main() {
    vec4 x = gl_FragCoord;
    for (int i = 0; i < rounds; ++i) x = x * numbers.x + numbers.y;
    result = x;
}
