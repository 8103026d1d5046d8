#pragma once

#include "models/transformer.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gpubench::models {

/// What one of `tensor_parallel` devices holds. Sizes that do not divide are rounded up: the fullest device decides.
/// Fewer key-value heads than devices are replicated.
struct tensor_parallel_share {
  std::int64_t heads = 0, kv_heads = 0, ffn = 0, vocabulary = 0;
};
tensor_parallel_share share_of(const transformer& model, std::int64_t tensor_parallel);

/// One device's part of a linear layer: outputs = inputs * W.
struct linear_matrix {
  std::int64_t inputs = 0, outputs = 0;
};

/// The matrices of one layer: query, key, value, output, then the feed-forward block's (gate), up, down. Under tensor
/// parallelism the last of each block is split by its inputs, the others by their outputs.
std::vector<linear_matrix> layer_matrices(const transformer& model, std::int64_t tensor_parallel);

/// Layers of one kind.
struct layer_group {
  bool linear = false;   ///< linear attention
  bool local = false;    ///< attention within a window or chunk
  bool mixture = false;  ///< of experts, in place of a dense feed-forward block
  std::int64_t count = 0;
};
/// The kinds among layers first to last - 1, each once.
std::vector<layer_group> layer_groups(const transformer& model, std::int64_t first, std::int64_t last);
inline std::vector<layer_group> layer_groups(const transformer& model) {
  return layer_groups(model, 0, model.layers);
}

/// @throws error: usage for a model with experts, latent, local or linear attention, which `what` does not lower.
void require_dense(const transformer& model, std::string_view what);

/// @throws error: usage for a size that is not positive, or more key-value heads than heads.
void require_valid(const transformer& model);
/// Also: batch and length are positive, and no more devices than heads share a model.
void require_valid(const transformer& model, std::int64_t batch, std::int64_t length, std::int64_t tensor_parallel);
void require_valid(const training_method& method);

}  // namespace gpubench::models
