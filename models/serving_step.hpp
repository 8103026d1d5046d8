#pragma once

#include "models/network_request.hpp"

#include <cstdint>
#include <vector>

namespace gpubench::models {

/// How a model is laid out over the devices of one replica. A pipeline stage has tensor * attention_data devices: so
/// many groups work on different sequences in the attention, each group splitting heads among its members. The experts
/// are split over the same devices, first into expert_parallel groups, then by width.
struct serving_layout {
  std::int64_t tensor = 1;
  std::int64_t attention_data = 1;
  std::int64_t expert_parallel = 1;
  std::int64_t pipeline_stages = 1, pipeline_stage = 0;

  std::int64_t stage_devices() const { return tensor * attention_data; }
  /// Devices that share one expert.
  std::int64_t expert_tensor() const { return stage_devices() / expert_parallel; }
};

/// One pass of an inference engine over `sequences` sequences of a replica: `tokens` new ones each, of which the last
/// sees `kv_len` keys. Prefill: tokens = kv_len, or fewer behind a cached prefix. Decode: tokens = 1.
struct serving_step {
  transformer model;
  std::int64_t sequences = 1, tokens = 1, kv_len = 1;
  precision activations = precision::bf16;
  /// Weights of 8 bits are multiplied with activations quantised to them; otherwise they are widened first.
  bool narrow_arithmetic = true;
  /// Likewise weights of 4 bits (Blackwell).
  bool four_bit_arithmetic = false;
  bool output_head = true;
  bool all_positions = false;  ///< the output head on every token, not on the last of each sequence
  serving_layout layout = {};
};

/// The kernels of that pass on one device: one product for query, key and value and one for gate and up, residual and
/// normalisation in one kernel, attention fused. Latent attention multiplies out keys and values for prefill and keeps
/// its projections absorbed for decode. Experts are touched as expected_touched_experts() says, with even load.
/// @throws error: usage for impossible sizes or layouts, and for an encoder with a cached prefix.
std::vector<network_operator> serving_operators(const serving_step& step);

/// serving_operators() of a whole forward pass, for execution::engine.
std::vector<network_operator> engine_forward(const network_request& request);

/// Bytes of weights on one device, of the fullest pipeline stage.
double device_weight_bytes(const serving_step& step);

}  // namespace gpubench::models
