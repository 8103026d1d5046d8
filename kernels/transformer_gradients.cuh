#pragma once

#include "kernels/transformer_gradients.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

/// Gradients of the memory-bound steps of a decoder layer. As in transformer.cuh, all tensors of a call are of one
/// type, row-major, at addresses divisible by 16, with rows of whole 16 bytes. Errors are left to cudaGetLastError().
namespace gpubench::kernels {

/// Gradient of the input of normed = x / rms(x) * scale, plus `residual`, the gradient that passed the normalisation
/// by; and the gradient of the scale. norm_packs() of `hidden` is at most most_norm_packs.
struct rms_norm_backward_arguments {
  const void* x = nullptr;         ///< rows x hidden
  const void* scale = nullptr;     ///< hidden
  const void* gradient = nullptr;  ///< of normed: rows x hidden
  const void* residual = nullptr;  ///< rows x hidden
  void* input_gradient = nullptr;  ///< rows x hidden
  void* scale_gradient = nullptr;  ///< hidden
  float* scale_parts = nullptr;    ///< scratch: parts x hidden
  std::int64_t rows = 0, hidden = 0;
  unsigned parts = 1;  ///< norm_gradient_parts()
  float epsilon = 0;
};
void launch_rms_norm_backward(storage type, const rms_norm_backward_arguments& with, cudaStream_t stream);

/// Gradients of gates and ups from that of `activated`: rows of `ffn` gates followed by `ffn` ups, as gate_up has them.
void launch_gated_silu_backward(storage type, const void* gate_up, const void* gradient, void* gate_up_gradient,
                                std::int64_t rows, std::int64_t ffn, cudaStream_t stream);

/// Turns the gradients of queries and keys back, and stores them with those of the values as projected rows.
struct rotate_backward_arguments {
  const void* queries = nullptr;  ///< gradients, laid out as in rotate_arguments
  const void* keys = nullptr;
  const void* values = nullptr;
  const float* cosines = nullptr;
  const float* sines = nullptr;
  void* projected = nullptr;
  head_layout layout;
};
void launch_rotate_backward(storage type, const rotate_backward_arguments& with, cudaStream_t stream);

}  // namespace gpubench::kernels
