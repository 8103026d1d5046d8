#pragma once

#include "bench/cuda/module/benchmark.hpp"
#include "models/operators.hpp"
#include "models/transformer_layer.hpp"

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace gpubench::cuda {

/// Sequences and their length.
using sequence_sizes = std::vector<std::pair<std::int64_t, std::int64_t>>;

/// The layer of a benchmark's parameters, on whole sequences of `length` tokens or on one token after `kv_len` - 1.
models::transformer_layer_shape layer_shape_of(bool decode, const parameters& values);

/// Parameters of layers of Llama-3-8B's shape for those sizes that fit; the first one stays where none does, to say
/// why.
std::vector<parameters> llama_layer_cases(bool decode, const sequence_sizes& sizes,
                                          const std::function<bool(const models::transformer_layer_shape&)>& fits);

/// A layer's operators over all its new tokens.
gpubench_module_work token_work(const std::vector<models::network_operator>& operators,
                                const models::transformer_layer_shape& shape);

}  // namespace gpubench::cuda
