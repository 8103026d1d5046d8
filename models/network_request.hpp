#pragma once

#include "models/transformer.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace gpubench::models {

/// Who runs the network: it decides what is one kernel.
enum class execution {
  eager,     ///< PyTorch, each operator a kernel of its own
  compiled,  ///< torch.compile: chains of element-wise operators fused, normalisations with what stands beside them
  engine,    ///< an inference engine (vLLM, TensorRT-LLM): one query-key-value product, fused residual and activation
};
std::string_view to_string(execution how);
std::optional<execution> parse_execution(std::string_view name);

enum class attention_kind {
  unfused,  ///< products, scale, mask and softmax through memory
  flash,    ///< one kernel
};
std::string_view to_string(attention_kind kind);

enum class phase {
  forward,           ///< inference, without gradients
  forward_backward,  ///< training without the optimiser
  full_step,         ///< forward, backward, optimiser
};
std::string_view to_string(phase part);
/// "fwd", "fwd+bwd", "full_step"
std::optional<phase> parse_phase(std::string_view name);

/// Types of a whole network. amp: PyTorch's automatic mixed precision, weights in fp32 and cast for each product.
enum class numerics { fp32, tf32, fp16, bf16, fp16_amp, bf16_amp };
std::string_view to_string(numerics types);
/// "fp32", "tf32", "fp16", "bf16", "fp16-amp", "bf16-amp"; "amp" is fp16-amp.
std::optional<numerics> parse_numerics(std::string_view name);
/// Inputs of matrix products.
precision matrix_precision(numerics types);
/// Weights, and what the network hands from layer to layer.
precision stored_precision(numerics types);
inline bool is_autocast(numerics types) {
  return types == numerics::fp16_amp || types == numerics::bf16_amp;
}

enum class optimizer_kind { none, sgd, momentum, adam, adamw };
std::string_view to_string(optimizer_kind kind);
std::optional<optimizer_kind> parse_optimizer(std::string_view name);

/// What follows the last layer.
enum class network_head {
  none,            ///< hidden states; of BERT also its pooler
  lm,              ///< logits of every position
  classification,  ///< of one position a sequence, two classes
  pretraining,     ///< BERT: masked words and next sentence
};
std::string_view to_string(network_head head);
std::optional<network_head> parse_head(std::string_view name);

/// A whole network as a framework runs it on one device. Training computes a cross-entropy loss behind a head.
struct network_request {
  transformer shape;
  std::int64_t batch = 1;     ///< sequences on this device, of a micro-batch under pipeline parallelism
  std::int64_t sequence = 1;  ///< tokens of each
  models::phase phase = phase::forward;
  models::execution execution = execution::eager;
  attention_kind attention = attention_kind::unfused;
  models::numerics numerics = numerics::fp32;
  network_head head = network_head::none;
  optimizer_kind optimizer = optimizer_kind::none;
  bool fused_optimizer = false;  ///< one kernel for a group of tensors, in place of one for each of its operators
  bool dropout = true;           ///< in training, of families that have it
  std::int64_t tensor_parallel = 1;
  std::int64_t pipeline_stages = 1, pipeline_stage = 0;

  bool trains() const { return phase != phase::forward; }
  bool first_stage() const { return pipeline_stage == 0; }
  bool last_stage() const { return pipeline_stage == pipeline_stages - 1; }
};

/// Layers of a pipeline stage: first to last - 1. The first stages have one more where they do not divide.
struct layer_range {
  std::int64_t first = 0, last = 0;
  std::int64_t count() const { return last - first; }
};
layer_range stage_layers(std::int64_t layers, std::int64_t stages, std::int64_t stage);

/// @throws error: usage for an impossible shape, split or combination.
void require_valid(const network_request& request);

}  // namespace gpubench::models
