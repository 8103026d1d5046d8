#include "profiles/price_lists/listed_gpu.hpp"

#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gpubench::profiles::detail {

bool is_same_memory(double a_bytes, double b_bytes) {
  constexpr double rounding = 0.13;  // 22.35 GiB of a 24 GB card, 141 GB against 141 GiB, 15 usable of 16
  return std::abs(a_bytes - b_bytes) <= rounding * std::max(a_bytes, b_bytes);
}

const gpu_spec* find_listed_gpu(const catalogue& known, const std::string& name, std::optional<double> memory_bytes) {
  if (name.empty()) return nullptr;
  const auto* plain = known.find_gpu(name);
  if (!memory_bytes || (plain && is_same_memory(plain->memory_bytes, *memory_bytes))) return plain;
  const auto* sized = known.find_gpu(fmt::format("{}-{:.0f}GB", name, *memory_bytes / gib));
  return sized ? sized : plain;
}

}  // namespace gpubench::profiles::detail
