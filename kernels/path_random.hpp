#pragma once

#include "kernels/host_device.hpp"

#include <cstdint>

namespace gpubench::kernels {

/// Four numbers, uniform in [0, 1).
struct uniform4 {
  float a, b, c, d;
};

GPUBENCH_HOST_DEVICE inline float uniform_of(std::uint32_t bits) {
  return static_cast<float>(bits >> 8) * (1.0F / 16777216.0F);
}

/// Random numbers by counting: the same for a pixel, sample and use of it on every device and in every order. Source of
/// the hash (pcg4d): Jarzynski and Olano, "Hash functions for GPU rendering", JCGT 9(3), 2020.
GPUBENCH_HOST_DEVICE inline uniform4 random4(std::uint32_t pixel, std::uint32_t sample, std::uint32_t use) {
  constexpr std::uint32_t factor = 1664525U, increment = 1013904223U, seed = 2026U;
  std::uint32_t x = pixel * factor + increment, y = sample * factor + increment, z = use * factor + increment,
                w = seed * factor + increment;
  for (int round = 0; round < 2; ++round) {
    if (round == 1) {
      x ^= x >> 16;
      y ^= y >> 16;
      z ^= z >> 16;
      w ^= w >> 16;
    }
    x += y * w;
    y += z * x;
    z += x * y;
    w += y * z;
  }
  return {uniform_of(x), uniform_of(y), uniform_of(z), uniform_of(w)};
}

}  // namespace gpubench::kernels
