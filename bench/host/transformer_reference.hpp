#pragma once

#include "bench/host/transformer_layer.hpp"

#include <cstdint>
#include <vector>

namespace gpubench::bench::host::reference {

/// Output of one new token of one sequence, computed a second time in double precision, from the layer's input, weights
/// and, for positions before the new tokens, its key-value cache. Calls no library.
/// @return hidden values
std::vector<double> transformer_token(const transformer_layer& layer, std::int64_t sequence, std::int64_t token);

}  // namespace gpubench::bench::host::reference
