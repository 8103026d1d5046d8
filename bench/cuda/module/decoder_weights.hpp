#pragma once

#include "bench/cuda/module/device_values.hpp"
#include "kernels/operands.hpp"
#include "models/transformer_layer.hpp"

#include <cstdint>
#include <vector>

namespace gpubench::cuda {

/// Weights of one decoder layer on the device. Linear layers as output x input, row-major: query, key, value rows in
/// one matrix, gate rows and then up rows in another.
struct decoder_weights {
  device_buffer projection, output, gate_up, down, attention_norm, ffn_norm;
};

/// A linear layer's weights: uniform, with the variance that keeps that of their input.
device_buffer random_linear(kernels::storage type, std::int64_t out, std::int64_t in, std::uint64_t operand,
                            cudaStream_t stream);
/// Scales of a normalisation: scattered around 1.
device_buffer random_norm(kernels::storage type, std::int64_t size, std::uint64_t operand, cudaStream_t stream);
/// Uniform in [-1, 1).
device_buffer random_values(kernels::storage type, std::int64_t elements, std::uint64_t operand, cudaStream_t stream);

/// @param layer  number of the layer: others have other weights
decoder_weights random_decoder_weights(const models::transformer_layer_shape& shape, kernels::storage type,
                                       std::uint64_t layer, cudaStream_t stream);

/// The same weights on the host.
struct host_decoder_weights {
  host_decoder_weights(const models::transformer_layer_shape& shape, kernels::storage type,
                       const decoder_weights& weights);
  std::vector<float> projection, output, gate_up, down, attention_norm, ffn_norm;
};

}  // namespace gpubench::cuda
