#pragma once

#include "kernels/batch_norm.hpp"
#include "kernels/channel_tiles.hpp"
#include "kernels/operands.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

/// Batch normalisation of a training step over tensors stored pixel by pixel (NHWC), with the ReLU and the addition
/// that follow it. Statistics, scale, shift and their gradients are fp32. Errors are left to cudaGetLastError().
namespace gpubench::kernels {

/// One normalisation: what the forward pass leaves for the backward pass.
struct norm_channels {
  const float* scale = nullptr;
  const float* shift = nullptr;
  batch_statistics* statistics = nullptr;
  channel_line* line = nullptr;
  float* scale_gradient = nullptr;
  float* shift_gradient = nullptr;
  backward_line* backward = nullptr;
};

/// Room for the parts' sums of any tensor with up to `channels` channels and `parts` parts.
inline std::size_t channel_sums_bytes(std::int64_t channels, unsigned parts) {
  return static_cast<std::size_t>(channels) * parts * sizeof(channel_sums);
}

/// Statistics of x over the batch, and the line that normalises it.
void launch_norm_statistics(storage type, const void* x, const channel_tiles& tiles, const norm_channels& channels,
                            channel_sums* sums, float epsilon, cudaStream_t stream);

/// y = line(x), plus what is added, through a ReLU where wanted.
struct norm_apply_arguments {
  const void* x = nullptr;
  const channel_line* line = nullptr;
  const void* added = nullptr;               ///< may be null
  const channel_line* added_line = nullptr;  ///< of what is added; null: as it is
  void* y = nullptr;
  bool relu = false;
};
void launch_norm_apply(storage type, const norm_apply_arguments& with, const channel_tiles& tiles, cudaStream_t stream);

/// Gradients of scale and shift, and the line of the input's gradient.
struct norm_backward_arguments {
  const void* gradient = nullptr;  ///< of the output
  const void* second = nullptr;    ///< added to it; may be null
  const void* x = nullptr;
  const void* output = nullptr;  ///< where it is not positive the ReLU let nothing through; null: see `relu`
  bool relu = false;             ///< without `output`: the ReLU's mask is that of the line over x
  void* masked = nullptr;        ///< gets the gradient that passed the ReLU; may be `gradient`; null: not kept
  void* input_gradient = nullptr;
};
void launch_norm_backward_sums(storage type, const norm_backward_arguments& with, const channel_tiles& tiles,
                               const norm_channels& channels, channel_sums* sums, cudaStream_t stream);
/// After the sums: writes the input's gradient, from `gradient` (the masked one where it was kept, with `relu` false)
/// and x.
void launch_norm_backward_apply(storage type, const norm_backward_arguments& with, const channel_tiles& tiles,
                                const norm_channels& channels, cudaStream_t stream);

}  // namespace gpubench::kernels
