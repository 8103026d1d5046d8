#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/operators.hpp"

namespace gpubench::models {

/// One convolution of ResNet-50 with what follows it. He et al., "Deep Residual Learning" (arXiv 1512.03385), table 1,
/// with the stride of a down-sampling block on its 3x3 convolution (v1.5, as torchvision, MLPerf and NVIDIA train it).
struct resnet_layer {
  std::string name;         ///< "conv1", "layer2.0.conv3", "layer2.0.downsample"
  convolution shape;        ///< with n images
  bool relu = false;        ///< a ReLU follows the batch normalisation
  bool adds_residual = false;  ///< the block's input is added before that ReLU
};

/// The 53 convolutions in order of execution, for n images of image_size x image_size.
std::vector<resnet_layer> resnet50_layers(std::int64_t n, std::int64_t image_size = 224);

/// The distinct shapes among them, each with how often it occurs.
struct counted_convolution {
  convolution shape;
  int count = 0;
};
std::vector<counted_convolution> resnet50_distinct_convolutions(std::int64_t n, std::int64_t image_size = 224);

/// Parameters that training updates: convolutions, batch-normalisation scale and shift, classifier (25,557,032).
double resnet50_parameters();

/// Every operator of one inference over n images: convolutions, normalisation and ReLU and residual as memory traffic
/// (`fused`: folded into the convolution, as inference engines do), pooling, classifier.
std::vector<network_operator> resnet50_inference(std::int64_t n, precision p, bool fused, std::int64_t image_size = 224);

/// Every operator of one training step over n images: forward, both backward passes, SGD with momentum on fp32 weights.
std::vector<network_operator> resnet50_training_step(std::int64_t n, precision p, std::int64_t image_size = 224);

/// Bytes of activations that a training step keeps for the backward pass, for n images.
double resnet50_activation_bytes(std::int64_t n, precision p, std::int64_t image_size = 224);

}  // namespace gpubench::models
