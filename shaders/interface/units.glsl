// Quantity macros: what a float or a vector in a signature means. Units are km, rad and those of the response.
#define Length float
#define Angle float
#define Number float
#define Position vec3
#define Direction vec3
#define Radiance vec4
#define Rayleighs vec4
