#pragma once

#include "bench/cuda/module/decoder_layer.hpp"

#include <memory>
#include <optional>

namespace gpubench::cuda {

/// Gradients between the steps of a decoder layer, each rows x the width of what it is the gradient of.
struct decoder_gradient_buffers {
  device_buffer activated, gate_up, ffn_normed, sum, attended, queries, keys, values, projected, attention_normed,
      input;
};

/// The backward pass of a decoder layer: from the gradient of its output those of its weights and of its input. Each
/// linear layer has two products, attention is cuDNN's, what lies between them are our own kernels, an addition
/// together with the normalisation before it. Reads what the forward pass kept.
class decoder_gradients {
 public:
  /// Times the candidates of each product and of attention, on what a forward pass has left in `forward`.
  /// @param forward  for training; must outlive this
  /// @throws failure: unsupported when cuBLASLt or cuDNN has nothing for the shape.
  decoder_gradients(const decoder_layer& forward, const device_properties& device, timer& clock,
                    const decoder_weights& weights, const decoder_weight_gradients& gradients,
                    const decoder_cache& cache);

  /// Enqueues the gradients of the last forward pass.   @param input  what that pass was given
  void enqueue(const decoder_weights& weights, const decoder_weight_gradients& gradients, const void* input,
               const void* output_gradient);

  /// Fills the buffers between steps with NaN.
  void poison() const;

  const decoder_gradient_buffers& buffers() const noexcept { return buffers_; }
  method_notes notes() const;

  /// Bytes of the buffers and workspaces.
  static double buffer_bytes(const models::transformer_layer_shape& shape, kernels::storage type);

 private:
  /// Both gradients of y = x W' from that of y.
  struct linear_gradients {
    matmul by_weights, by_input;
  };
  linear_gradients products(const matrix_size& weights);
  void choose(timer& clock, linear_gradients& of, const void* output_gradient, const void* x, const void* weights,
              void* weight_gradient, void* input_gradient);
  void choose_attention(const decoder_cache& cache);
  void enqueue_norm(const void* x, const void* scale, const device_buffer& gradient, const void* residual,
                    const device_buffer& result, void* scale_gradient);
  void enqueue_attention() const;

  const decoder_layer& forward_;
  models::transformer_layer_shape shape_;
  kernels::storage type_;
  cudaStream_t stream_;
  unsigned norm_parts_;
  decoder_gradient_buffers buffers_;
  device_buffer norm_sums_, row_sums_, query_sums_;
  matmul_context context_;
  decoder_tensors<std::optional<linear_gradients>> products_;
  dnn::handle handle_;
  dnn::attention_backward_graph attention_;
  std::optional<dnn::tuned_call> attention_call_;
  bool zeroes_query_sums_ = true;
};

}  // namespace gpubench::cuda
