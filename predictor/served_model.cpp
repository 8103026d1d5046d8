#include "models/transformer_shape.hpp"

#include <algorithm>
#include <cstdint>

#include "predictor/serving_step.hpp"

namespace gpubench::predictor {

served_model served_model_of(const models::transformer& shape, double prompt_tokens, double output_tokens,
                             models::precision kept) {
  served_model m;
  m.layers = static_cast<double>(shape.layers);
  m.hidden = static_cast<double>(shape.hidden);
  m.heads = static_cast<double>(shape.heads);
  // Latent attention has one cache for all heads.
  m.kv_heads = shape.latent.kv_rank > 0 ? 1 : static_cast<double>(shape.kv_heads);
  m.head_dim = static_cast<double>(shape.head_dim);
  m.experts = static_cast<double>(shape.experts.experts);
  m.experts_per_token = static_cast<double>(shape.experts.experts_per_token);
  for (const models::layer_group& group : models::layer_groups(shape)) {
    if (group.linear) m.linear_layers += static_cast<double>(group.count);
    if (group.local) m.window_layers += static_cast<double>(group.count);
  }
  m.window = static_cast<double>(shape.local.window);
  m.chunked = shape.local.chunked;
  m.expert_parameters = models::routed_expert_parameter_count(shape);
  m.dense_parameters = models::parameter_count(shape) - m.expert_parameters;
  const double held = prompt_tokens + output_tokens / 2;
  m.kv_bytes_per_token =
      models::kv_bytes(shape, std::max<std::int64_t>(1, static_cast<std::int64_t>(held)), kept) / held;
  return m;
}

}  // namespace gpubench::predictor
