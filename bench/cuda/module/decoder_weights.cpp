#include "bench/cuda/module/decoder_weights.hpp"

#include <cmath>

namespace gpubench::cuda {

decoder_tensors<matrix_size> decoder_sizes(const models::transformer_layer_shape& s) {
  return {{s.projected_width(), s.hidden},
          {s.hidden, s.query_width()},
          {2 * s.ffn, s.hidden},
          {s.hidden, s.ffn},
          {1, s.hidden},
          {1, s.hidden}};
}

random_fill linear_fill(std::int64_t in, std::uint64_t operand) {
  return {operand, 0, std::sqrt(3.0F / static_cast<float>(in))};
}

random_fill norm_fill(std::uint64_t operand) {
  return {operand, 1, 0.2F};
}

decoder_tensors<random_fill> decoder_fills(const models::transformer_layer_shape& s, std::uint64_t layer) {
  const std::uint64_t operand = 100 * (layer + 1);
  return {linear_fill(s.hidden, operand),
          linear_fill(s.query_width(), operand + 1),
          linear_fill(s.hidden, operand + 2),
          linear_fill(s.ffn, operand + 3),
          norm_fill(operand + 4),
          norm_fill(operand + 5)};
}

device_buffer filled(kernels::storage type, std::int64_t elements, const random_fill& how, cudaStream_t stream) {
  device_buffer values(values_bytes(type, elements));
  enqueue_fill(type, values.data(), elements, how, stream);
  return values;
}

device_buffer random_values(kernels::storage type, std::int64_t elements, std::uint64_t operand, cudaStream_t stream) {
  return filled(type, elements, {operand, 0, 1}, stream);
}

stored_decoder_weights random_decoder_weights(const models::transformer_layer_shape& s, kernels::storage type,
                                              std::uint64_t layer, cudaStream_t stream) {
  return for_each_tensor(
      [&](const random_fill& how, const matrix_size& size) { return filled(type, size.elements(), how, stream); },
      decoder_fills(s, layer), decoder_sizes(s));
}

decoder_weights addresses_of(const stored_decoder_weights& weights) {
  return for_each_tensor([](const device_buffer& one) -> const void* { return one.data(); }, weights);
}

host_decoder_weights fetch_weights(const models::transformer_layer_shape& s, kernels::storage type,
                                   const decoder_weights& weights) {
  return for_each_tensor([&](const void* one, const matrix_size& size) { return fetch(type, one, 0, size.elements()); },
                         weights, decoder_sizes(s));
}

}  // namespace gpubench::cuda
