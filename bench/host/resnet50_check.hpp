#pragma once

#include "results/measurement.hpp"

namespace gpubench::bench::host {

/// Runs the code of the training benchmark on a ResNet-50 with a quarter of the channels and four images of 64x64
/// pixels, and compares the gradient of every one of its 161 learned tensors with a second implementation.
results::verification check_training_gradients();

}  // namespace gpubench::bench::host
