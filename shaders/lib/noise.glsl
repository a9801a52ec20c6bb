// Counter-based random numbers and the noise of an exposure: a pixel's draw depends on seed, column and row only.
#include "interface/units.glsl"

// Three independent 32-bit numbers. place: column, row, seed.
// Source: Jarzynski and Olano 2020 (JCGT 9(3)), PCG3D. Twin: physics.sensor_model.random_bits, equal bit for bit.
// Test: tests/glsl/test_sensor_noise.py
uvec3 random_bits(uvec3 place) {
    uvec3 v = place * 1664525u + 1013904223u;
    v.x += v.y * v.z;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    v ^= v >> 16u;
    v.x += v.y * v.z;
    v.y += v.z * v.x;
    v.z += v.x * v.y;
    return v;
}

// Standard normal deviates: the number of set bits among the upper 25 (binomial), a uniform number between, a cubic term
// that mends the fourth moment. Returns -5.6 to 5.6. Accuracy and reasons: its twin.
// Twin: physics.sensor_model.normal_from_bits. Test: tests/glsl/test_sensor_noise.py
vec3 normal_from_bits(uvec3 bits) {
    vec3 fraction = vec3((bits * 0x9E3779B9u) >> 9u) * 1.1920928955078125e-7;  // 2^-23
    vec3 z = (vec3(bitCount(bits >> 7u)) - 13.0 + fraction) * 0.39735970712;   // 1 / sqrt(25/4 + 1/12)
    return z * (1.0 + 0.0032548476 * (z * z - 3.0));
}

// A draw of (Poisson of this mean) + (Gaussian read noise) for standard normal deviates z, one for each channel.
// mean_e: electrons, below zero counts as zero. read_variance_e2: of the whole pixel, each channel. Returns electrons.
// Source: Cornish-Fisher expansion to the fourth cumulant; skewness limited to 0.5 where it would not be monotone.
// Twin: physics.sensor_model.noisy_electrons. Test: tests/glsl/test_sensor_noise.py
vec3 noisy_electrons(vec3 mean_e, vec3 read_variance_e2, vec3 z) {
    vec3 mean = max(mean_e, 0.0);
    vec3 variance = max(mean + read_variance_e2, 1e-6);  // without light and read noise: no division by zero
    vec3 sigma = sqrt(variance);
    vec3 skew = min(mean / (variance * sigma), 0.5);
    vec3 z2 = z * z;
    vec3 w = z + skew * (z2 - 1.0) * (1.0 / 6.0);
    w += skew / sigma * (z2 - 3.0) * z * (1.0 / 24.0);
    w -= skew * skew * (2.0 * z2 - 5.0) * z * (1.0 / 36.0);
    return mean + sigma * w;
}
