#pragma once

#include <cstdint>
#include <vector>

namespace gpubench::collective {

/// Sizes from `first` to `last`, each `factor` times the one before; `last` is among them only where a step meets it.
/// @throws error: usage for first of 0, last below first, or a factor below 2.
std::vector<std::uint64_t> size_sweep(std::uint64_t first, std::uint64_t last, std::uint64_t factor);

}  // namespace gpubench::collective
