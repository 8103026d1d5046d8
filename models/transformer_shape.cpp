#include "models/transformer_shape.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
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

void require_valid_parts(const transformer& model) {
  if (model.experts.experts > 0) {
    require_size("experts", model.experts.experts);
    require_size("experts_per_token", model.experts.experts_per_token);
    require_size("expert ffn", model.experts.ffn);
    if (model.experts.experts_per_token > model.experts.experts)
      throw error(error_kind::usage, fmt::format("transformer: a token cannot use {} of {} experts",
                                                 model.experts.experts_per_token, model.experts.experts));
  }
  if (model.latent.kv_rank > 0) {
    require_size("latent rank", model.latent.kv_rank);
    require_size("latent key width", model.latent.nope_dim);
    require_size("latent value width", model.latent.value_dim);
  }
  if (model.linear.value_heads > 0) {
    require_size("linear key heads", model.linear.key_heads);
    require_size("linear key width", model.linear.key_dim);
    require_size("linear value width", model.linear.value_dim);
  }
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

std::vector<layer_group> layer_groups(const transformer& model, std::int64_t first, std::int64_t last) {
  const auto completes = [](std::int64_t layer, std::int64_t every) { return every > 0 && (layer + 1) % every == 0; };
  std::vector<layer_group> groups;
  for (std::int64_t layer = first; layer < last; ++layer) {
    layer_group kind;
    kind.linear = model.linear.value_heads > 0 && !completes(layer, model.linear.full_every);
    kind.local = !kind.linear && model.local.window > 0 && !completes(layer, model.local.full_every);
    kind.mixture =
        model.experts.experts > 0 && layer >= model.experts.first_dense_layers && completes(layer, model.experts.every);
    auto known = std::find_if(groups.begin(), groups.end(), [&](const layer_group& g) {
      return g.linear == kind.linear && g.local == kind.local && g.mixture == kind.mixture;
    });
    if (known == groups.end()) known = groups.insert(groups.end(), kind);
    ++known->count;
  }
  return groups;
}

void require_dense(const transformer& model, std::string_view what) {
  const std::string_view special = model.experts.experts > 0      ? "a mixture of experts"
                                   : model.latent.kv_rank > 0     ? "latent attention"
                                   : model.local.window > 0       ? "sliding windows"
                                   : model.linear.value_heads > 0 ? "linear attention"
                                                                  : "";
  if (!special.empty())
    throw error(error_kind::usage, fmt::format("{} of a model with {} is not modelled", what, special),
                "serving is: gpubench predict");
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
  require_valid_parts(model);
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
