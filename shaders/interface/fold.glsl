// Six emissions into the four channels of a response.
#include "interface/units.glsl"
#ifdef FOLD
uniform vec4 response[6];  // channels per rayleigh, in the order of the emissions

Radiance fold(Rayleighs first, Rayleighs second) {
    return first.x * response[0] + first.y * response[1] + first.z * response[2] + first.w * response[3]
         + second.x * response[4] + second.y * response[5];
}
#endif
