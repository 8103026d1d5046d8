#pragma once

#include "kernels/image_pooling.hpp"
#include "kernels/operands.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

/// Poolings of ResNet over images stored pixel by pixel (NHWC), channels of whole 16 bytes.
/// Errors are left to cudaGetLastError().
namespace gpubench::kernels {

/// @param taken  which of the nine taps each output took, one byte an output; may be null
void launch_maximum_pooling(storage type, const image_pooling_shape& shape, const void* x, void* y, std::uint8_t* taken,
                            cudaStream_t stream);

/// Gradient of the input from that of the output, plus a second gradient of the output where it is not null.
void launch_maximum_pooling_backward(storage type, const image_pooling_shape& shape, const void* gradient,
                                     const void* second, const std::uint8_t* taken, void* input_gradient,
                                     cudaStream_t stream);

/// Mean over each image: n x channels.
void launch_average_pooling(storage type, const image_pooling_shape& shape, const void* x, void* y,
                            cudaStream_t stream);

/// Each pixel gets its share of the mean's gradient.
void launch_average_pooling_backward(storage type, const image_pooling_shape& shape, const void* gradient,
                                     void* input_gradient, cudaStream_t stream);

}  // namespace gpubench::kernels
