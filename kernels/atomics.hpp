#pragma once

#include "kernels/host_device.hpp"

#include <cstdint>

namespace gpubench::kernels {

/// Additions of one launch. Fewer on few addresses, where they wait for each other, and never more than 2^22 on one, so
/// that four launches together are exact in fp32.
constexpr std::uint64_t atomic_additions(std::uint64_t addresses) {
  constexpr std::uint64_t on_one = std::uint64_t{1} << 22;
  return on_one * (addresses < 1 ? 1 : addresses < 16 ? addresses : 16);
}

/// Addition number i goes to address i mod `addresses`: neighbouring threads to neighbouring addresses.
/// @return how many of `additions` address `address` gets
GPUBENCH_HOST_DEVICE constexpr std::uint64_t additions_to(std::uint64_t address, std::uint64_t addresses,
                                                          std::uint64_t additions) {
  return additions / addresses + (address < additions % addresses ? 1 : 0);
}

}  // namespace gpubench::kernels
