#pragma once

#include "kernels/host_device.hpp"

#include <cstdint>
#include <cstring>

namespace gpubench::kernels {

GPUBENCH_HOST_DEVICE inline std::uint32_t float_bits(float value) {
  std::uint32_t bits = 0;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}
GPUBENCH_HOST_DEVICE inline float float_of_bits(std::uint32_t bits) {
  float value = 0;
  memcpy(&value, &bits, sizeof value);
  return value;
}

}  // namespace gpubench::kernels
