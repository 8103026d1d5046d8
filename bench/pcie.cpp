#include "bench/pcie.hpp"

#include <array>

namespace gpubench::bench {

std::optional<double> pcie_bytes_per_second(int generation, int lanes) {
  static constexpr std::array<double, 6> bits_per_second_and_lane{2.5e9 * 8 / 10,   5e9 * 8 / 10,     8e9 * 128 / 130,
                                                                  16e9 * 128 / 130, 32e9 * 128 / 130, 64e9 * 242 / 256};
  if (generation < 1 || generation > static_cast<int>(bits_per_second_and_lane.size()) || lanes < 1)
    return std::nullopt;
  return bits_per_second_and_lane[static_cast<std::size_t>(generation - 1)] / 8 * lanes;
}

}  // namespace gpubench::bench
