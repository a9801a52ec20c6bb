// Arithmetic that GLSL leaves coarse: the standard allows atan an error of 4096 ulp, 3 km on the ground.
#include "interface/units.glsl"
#include "interface/constants.glsl"

// Arc tangent of y / x in the right quadrant.
// y, x: not both zero. Returns rad, -pi to pi; absolute error below 5e-7.
// Source: odd polynomial of atan on [0, 1], least maximum error, fitted for this project.
// Twin: numpy.arctan2. Test: tests/glsl/test_geometry.py
Angle atan2_precise(float y, float x) {
    float big = max(abs(x), abs(y));
    float t = min(abs(x), abs(y)) / max(big, 1e-30);  // 0 / 0 at the pole of a coordinate: any angle will do
    float u = t * t;
    float p = (((((((((-0.00174370114 * u + 0.0106807194) * u - 0.0307175089) * u + 0.0574635578) * u - 0.0837206395) * u + 0.10940199) * u - 0.142615737) * u + 0.199982306) * u - 0.333332823) * u + 0.999999998);
    float a = t * p;
    a = abs(y) > abs(x) ? 0.5 * PI - a : a;
    a = x < 0.0 ? PI - a : a;
    return y < 0.0 ? -a : a;
}
