#pragma once

#include "kernels/equihash.hpp"

#include <cstdint>

namespace gpubench::bench::apps {

/// Digests that one call makes.
inline constexpr int digests_per_call = 8;

/// Word w of digest first + i to digests[i][w], by the processor's widest vectors.
void equihash_digests(const kernels::equihash_input& input, std::uint32_t first,
                      std::uint64_t (&digests)[digests_per_call][8]);

}  // namespace gpubench::bench::apps
