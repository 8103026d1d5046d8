#pragma once

#include "kernels/host_device.hpp"

#include <cmath>

namespace gpubench::kernels {

/// The larger and the smaller of two numbers; of a first one and NaN the first. On a CPU not fmaxf and fminf, which are
/// calls into libm, whose instructions wait for the upper halves of our vector registers: pictures took two to six
/// times as long on Intel's processors.
GPUBENCH_HOST_DEVICE inline float larger(float a, float b) {
#ifdef __CUDA_ARCH__
  return fmaxf(a, b);
#else
  return b > a ? b : a;
#endif
}
GPUBENCH_HOST_DEVICE inline float smaller(float a, float b) {
#ifdef __CUDA_ARCH__
  return fminf(a, b);
#else
  return b < a ? b : a;
#endif
}

/// A point, a direction or a colour (linear red, green, blue), in single precision.
struct vector3 {
  float x = 0, y = 0, z = 0;
};

GPUBENCH_HOST_DEVICE inline vector3 operator+(vector3 a, vector3 b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
GPUBENCH_HOST_DEVICE inline vector3 operator-(vector3 a, vector3 b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
GPUBENCH_HOST_DEVICE inline vector3 operator-(vector3 a) {
  return {-a.x, -a.y, -a.z};
}
GPUBENCH_HOST_DEVICE inline vector3 operator*(vector3 a, float s) {
  return {a.x * s, a.y * s, a.z * s};
}
/// Component by component, as light is filtered by a colour.
GPUBENCH_HOST_DEVICE inline vector3 operator*(vector3 a, vector3 b) {
  return {a.x * b.x, a.y * b.y, a.z * b.z};
}
GPUBENCH_HOST_DEVICE inline float dot(vector3 a, vector3 b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
GPUBENCH_HOST_DEVICE inline vector3 cross(vector3 a, vector3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
GPUBENCH_HOST_DEVICE inline float length(vector3 a) {
  return sqrtf(dot(a, a));
}
GPUBENCH_HOST_DEVICE inline vector3 normalised(vector3 a) {
  return a * (1.0F / length(a));
}
GPUBENCH_HOST_DEVICE inline float largest(vector3 a) {
  return larger(a.x, larger(a.y, a.z));
}

}  // namespace gpubench::kernels
