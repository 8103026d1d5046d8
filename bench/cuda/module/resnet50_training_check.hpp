#pragma once

#include "bench/cuda/module/benchmark.hpp"
#include "kernels/operands.hpp"

namespace gpubench::cuda {

/// Runs the code of the training benchmark on a ResNet-50 with a quarter of the channels and four images of 64x64
/// pixels, and compares the loss and the gradient of every one of its 161 learned tensors with a second implementation
/// in double precision: once in plain fp32, where a missing term or a wrong stride cannot hide behind rounding, and
/// once in the type itself. The error is in units of what rounding explains.
verification check_training_gradients(kernels::storage type, const device_properties& device);

}  // namespace gpubench::cuda
