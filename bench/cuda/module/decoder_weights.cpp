#include "bench/cuda/module/decoder_weights.hpp"

#include "kernels/transformer.cuh"

#include <cmath>

namespace gpubench::cuda {

namespace {

device_buffer filled(kernels::storage type, std::int64_t elements, std::uint64_t operand, float centre, float spread,
                     cudaStream_t stream) {
  device_buffer values(values_bytes(type, elements));
  kernels::launch_spread_fill(type, values.data(), static_cast<std::uint64_t>(elements), operand, centre, spread,
                              stream);
  GPUBENCH_CUDA(cudaGetLastError());
  return values;
}

}  // namespace

device_buffer random_linear(kernels::storage type, std::int64_t out, std::int64_t in, std::uint64_t operand,
                            cudaStream_t stream) {
  return filled(type, out * in, operand, 0, std::sqrt(3.0F / static_cast<float>(in)), stream);
}

device_buffer random_norm(kernels::storage type, std::int64_t size, std::uint64_t operand, cudaStream_t stream) {
  return filled(type, size, operand, 1, 0.2F, stream);
}

device_buffer random_values(kernels::storage type, std::int64_t elements, std::uint64_t operand, cudaStream_t stream) {
  return filled(type, elements, operand, 0, 1, stream);
}

decoder_weights random_decoder_weights(const models::transformer_layer_shape& s, kernels::storage type,
                                       std::uint64_t layer, cudaStream_t stream) {
  const std::uint64_t operand = 100 * (layer + 1);
  decoder_weights result;
  result.projection = random_linear(type, s.projected_width(), s.hidden, operand, stream);
  result.output = random_linear(type, s.hidden, s.query_width(), operand + 1, stream);
  result.gate_up = random_linear(type, 2 * s.ffn, s.hidden, operand + 2, stream);
  result.down = random_linear(type, s.hidden, s.ffn, operand + 3, stream);
  result.attention_norm = random_norm(type, s.hidden, operand + 4, stream);
  result.ffn_norm = random_norm(type, s.hidden, operand + 5, stream);
  return result;
}

host_decoder_weights::host_decoder_weights(const models::transformer_layer_shape& s, kernels::storage type,
                                           const decoder_weights& weights)
    : projection(fetch(type, weights.projection.data(), 0, s.projected_width() * s.hidden)),
      output(fetch(type, weights.output.data(), 0, s.hidden * s.query_width())),
      gate_up(fetch(type, weights.gate_up.data(), 0, 2 * s.ffn * s.hidden)),
      down(fetch(type, weights.down.data(), 0, s.hidden * s.ffn)),
      attention_norm(fetch(type, weights.attention_norm.data(), 0, s.hidden)),
      ffn_norm(fetch(type, weights.ffn_norm.data(), 0, s.hidden)) {}

}  // namespace gpubench::cuda
