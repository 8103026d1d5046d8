#pragma once

#include "kernels/host_device.hpp"

#include <cstdint>

namespace gpubench::kernels {

/// ResNet's maximum pooling: 3x3 windows, stride 2, padding 1, over images stored pixel by pixel (NHWC).
struct image_pooling_shape {
  std::int64_t n = 0, height = 0, width = 0, channels = 0;  ///< of the input
};
GPUBENCH_HOST_DEVICE constexpr std::int64_t pooled_size(std::int64_t size) {
  return (size + 2 - 3) / 2 + 1;
}

/// Where a window's tap lies in the input along one axis; outside it for some taps at the borders.
GPUBENCH_HOST_DEVICE constexpr std::int64_t tap_place(std::int64_t out, int tap) {
  return 2 * out - 1 + tap;
}
/// Which tap of window `out` an input place is, if 0 <= tap < 3.
GPUBENCH_HOST_DEVICE constexpr std::int64_t tap_of(std::int64_t out, std::int64_t place) {
  return place + 1 - 2 * out;
}
/// First window along an axis that an input place lies in; the next one too where tap_of() says so.
GPUBENCH_HOST_DEVICE constexpr std::int64_t first_window(std::int64_t place) {
  return place / 2;
}

}  // namespace gpubench::kernels
