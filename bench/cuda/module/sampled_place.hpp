#pragma once

#include "kernels/operands.hpp"

#include <cstdint>

namespace gpubench::cuda {

/// What checking looks at: place `which` of `count`, the ends first, where masks and partial tiles are, then any.
/// @param salt  makes the draws along different axes unrelated
inline std::int64_t sampled(std::int64_t which, std::uint64_t salt, std::int64_t count) {
  if (which < 2) return which == 0 ? 0 : count - 1;
  const std::uint64_t drawn = kernels::mix_bits(static_cast<std::uint64_t>(which) * 8 + salt);
  return static_cast<std::int64_t>(drawn % static_cast<std::uint64_t>(count));
}

}  // namespace gpubench::cuda
