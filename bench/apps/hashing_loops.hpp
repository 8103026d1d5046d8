#pragma once

#include "kernels/hashing.hpp"

#include <cstdint>
#include <vector>

namespace gpubench::bench::apps {

/// Hashes as many nonces side by side as the processor's vectors have lanes.
struct hashing_loop {
  /// The checksum of the hashes of nonces first, first + 1, ... first + hashes_per_checksum - 1.
  std::uint64_t (*checksum)(const kernels::hash_header& header, std::uint32_t first);
  const char* instructions;  ///< "AVX-512"
  int lanes;
};

/// All that this processor runs, the widest first.
std::vector<hashing_loop> hashing_loops_of(kernels::hash_algorithm algorithm);

}  // namespace gpubench::bench::apps
