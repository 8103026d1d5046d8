#include "models/transformer_shape.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace gpubench::models {
namespace {

std::int64_t divide_up(std::int64_t size, std::int64_t parts) {
  return (size + parts - 1) / parts;
}

// Above any real model or batch, and low enough that products of two sizes fit 64 bits.
constexpr std::int64_t largest_size = std::int64_t{1} << 31;

void require_size(std::string_view name, std::int64_t value) {
  if (value < 1 || value > largest_size)
    throw error(error_kind::usage, fmt::format("transformer: {} = {} is impossible", name, value),
                fmt::format("sizes lie between 1 and {}", largest_size));
}

}  // namespace

tensor_parallel_share share_of(const transformer& model, std::int64_t tensor_parallel) {
  return {divide_up(model.heads, tensor_parallel), divide_up(model.kv_heads, tensor_parallel),
          divide_up(model.ffn, tensor_parallel), divide_up(model.vocabulary, tensor_parallel)};
}

std::vector<linear_matrix> layer_matrices(const transformer& model, std::int64_t tensor_parallel) {
  const auto share = share_of(model, tensor_parallel);
  const std::int64_t hidden = model.hidden, query = share.heads * model.head_dim;
  const std::int64_t key_value = share.kv_heads * model.head_dim;
  std::vector<linear_matrix> matrices{{hidden, query}, {hidden, key_value}, {hidden, key_value}, {query, hidden}};
  if (model.gated_ffn) matrices.push_back({hidden, share.ffn});
  matrices.push_back({hidden, share.ffn});
  matrices.push_back({share.ffn, hidden});
  return matrices;
}

void require_valid(const transformer& model) {
  const std::pair<std::string_view, std::int64_t> sizes[] = {
      {"layers", model.layers},        {"hidden", model.hidden},     {"heads", model.heads},
      {"kv_heads", model.kv_heads},    {"head_dim", model.head_dim}, {"ffn", model.ffn},
      {"vocabulary", model.vocabulary}};
  for (const auto& [name, value] : sizes) require_size(name, value);
  if (model.positions < 0 || model.positions > largest_size)
    throw error(error_kind::usage, fmt::format("transformer: positions = {} is impossible", model.positions),
                "0 means rotary positions");
  if (model.kv_heads > model.heads)
    throw error(error_kind::usage,
                fmt::format("transformer: {} key-value heads for {} heads", model.kv_heads, model.heads),
                "several heads may share a key-value head, never the other way round");
}

void require_valid(const transformer& model, std::int64_t batch, std::int64_t length, std::int64_t tensor_parallel) {
  require_valid(model);
  require_size("batch", batch);
  require_size("length", length);
  if (tensor_parallel < 1 || tensor_parallel > model.heads)
    throw error(error_kind::usage,
                fmt::format("{} heads cannot be split over {} devices", model.heads, tensor_parallel),
                fmt::format("choose a tensor parallelism of 1 to {}", model.heads));
}

void require_valid(const training_method& method) {
  if (method.lora) require_size("lora_rank", method.lora_rank);
}

}  // namespace gpubench::models
