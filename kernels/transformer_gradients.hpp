#pragma once

#include "kernels/host_device.hpp"
#include "kernels/transformer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace gpubench::kernels {

/// Gradient of one element of x in y = x * factor * scale with factor = 1 / rms(x): with g the gradient of x * factor,
/// factor * (g - normalized * mean), where mean is that of g * normalized over the row. From the formula of y (Zhang
/// and Sennrich, arXiv 1910.07467, equation 4).
GPUBENCH_HOST_DEVICE inline float rms_norm_gradient(float g, float normalized, float factor, float mean) {
  return factor * (g - normalized * mean);
}

/// Gradients of the two inputs of gated_silu().
struct gated_gradient {
  float gate, up;
};
GPUBENCH_HOST_DEVICE inline gated_gradient gated_silu_gradient(float gate, float up, float gradient) {
  const float sigmoid = 1.0f / (1.0f + expf(-gate));
  return {gradient * up * sigmoid * (1.0f + gate * (1.0f - sigmoid)), gradient * gate * sigmoid};
}

/// Gradients of what rotate_pair() was given, from those of what it returned: turned back.
GPUBENCH_HOST_DEVICE inline rotated_pair rotate_pair_back(float first, float second, float cosine, float sine) {
  return rotate_pair(first, second, cosine, -sine);
}

/// How the gradient of a normalisation is spread over blocks: each takes every `parts`-th row, and its threads keep
/// their columns, so that each thread adds up the scale's gradient for them.
inline constexpr int norm_gradient_threads = 256;
inline constexpr int most_norm_packs = 8;

/// Packs of a row that each thread takes: 1, 2, 4 or 8. More than most_norm_packs: the row is too long.
/// @param width  elements of a pack
constexpr int norm_packs(std::int64_t hidden, int width) {
  int packs = 1;
  while (packs <= most_norm_packs && static_cast<std::int64_t>(packs) * norm_gradient_threads * width < hidden) {
    packs *= 2;
  }
  return packs;
}
/// First column of a thread's pack; from `hidden` on there is none.
GPUBENCH_HOST_DEVICE inline std::int64_t norm_column(unsigned thread, int pack, int width) {
  return (static_cast<std::int64_t>(pack) * norm_gradient_threads + thread) * width;
}
/// Blocks that a multiprocessor, of 65536 registers, has at once: threads with more packs need more of them.
constexpr int norm_gradient_blocks(int packs) {
  return packs == 1 ? 4 : packs == 2 ? 3 : packs == 4 ? 2 : 1;
}
/// As many blocks as the device has at once, so that all end together, and a row for each.
inline unsigned norm_gradient_parts(std::int64_t rows, int packs, int multiprocessors) {
  return static_cast<unsigned>(
      std::min<std::int64_t>(rows, static_cast<std::int64_t>(norm_gradient_blocks(packs)) * multiprocessors));
}

}  // namespace gpubench::kernels
