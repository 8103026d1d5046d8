#pragma once

#include "models/network_request.hpp"

#include <cstdint>
#include <vector>

namespace gpubench::models {

/// ResNet-50 as a framework runs it on one device.
struct resnet50_request {
  std::int64_t images = 1;
  std::int64_t image_size = 224;
  models::phase phase = phase::forward;
  models::execution execution = execution::eager;
  models::numerics numerics = numerics::fp32;
  /// Images and activations with the channels innermost, as tensor cores take them. Without it cuDNN reorders input and
  /// output of each convolution that runs on tensor cores.
  bool channels_last = false;
  optimizer_kind optimizer = optimizer_kind::none;
  bool fused_optimizer = false;
};

/// Every kernel of one pass of torchvision's ResNet-50 v1.5 under PyTorch: convolutions, batch normalisation with its
/// count of batches, ReLU and residual in place, pooling, classifier, cross entropy; backward; optimiser. Eager each is
/// a kernel, compiled normalisation, ReLU and residual are one; an engine folds them into the convolution.
/// @throws error: usage as resnet50_layers(), for an engine that trains, and for a full step without optimiser.
std::vector<network_operator> lower(const resnet50_request& request);

}  // namespace gpubench::models
