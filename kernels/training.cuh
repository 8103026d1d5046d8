#pragma once

#include "kernels/operands.hpp"
#include "kernels/training.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

/// Loss and optimisers of a training step. Errors are left to cudaGetLastError().
namespace gpubench::kernels {

/// Cross entropy of rows of fp32 scores: each row's loss, and the gradient of their mean times `loss_scale`, in the
/// type of the network.
struct cross_entropy_arguments {
  const float* scores = nullptr;  ///< rows x classes
  const std::int32_t* wanted = nullptr;
  float* losses = nullptr;   ///< one a row
  void* gradient = nullptr;  ///< rows x classes
  std::int64_t rows = 0, classes = 0;
  float loss_scale = 1;
};
void launch_cross_entropy(storage type, const cross_entropy_arguments& with, cudaStream_t stream);

/// sums[c] = sum over rows of x[row][c]
void launch_column_sums(storage type, const void* x, float* sums, std::int64_t rows, std::int64_t columns,
                        cudaStream_t stream);

/// The same of fp32 x, rounded to a type.
/// @param type  of the sums
void launch_column_sums_as(storage type, const float* x, void* sums, std::int64_t rows, std::int64_t columns,
                           cudaStream_t stream);

/// SGD with momentum on fp32 weights. The gradients were multiplied by `loss_scale`.
struct sgd_arguments {
  float* weights = nullptr;
  float* velocities = nullptr;
  const void* gradients = nullptr;  ///< of the type
  void* copies = nullptr;           ///< of the type: the weights rounded for the next step; may be null
  std::int64_t elements = 0;        ///< a multiple of 4
  float loss_scale = 1;
  sgd_rates rates;
};
/// @param type  of gradients and copies
void launch_sgd(storage type, const sgd_arguments& with, cudaStream_t stream);

/// AdamW on fp32 weights, its moments in fp32.
struct adamw_arguments {
  float* weights = nullptr;
  float* first = nullptr;
  float* second = nullptr;
  const void* gradients = nullptr;     ///< of the type
  void* copies = nullptr;              ///< of the type: the weights rounded for the next step; may be null
  adamw_progress* progress = nullptr;  ///< on the device, so that a captured launch counts on
  std::int64_t elements = 0;           ///< a multiple of 4
  adamw_rates rates;
};
/// Counts the step and takes it.   @param type  of gradients and copies
void launch_adamw(storage type, const adamw_arguments& with, cudaStream_t stream);

}  // namespace gpubench::kernels
