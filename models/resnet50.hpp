#pragma once

#include "models/operators.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gpubench::models {

/// One convolution of ResNet-50 with what follows it. He et al., "Deep Residual Learning" (arXiv 1512.03385), table 1,
/// with the stride of a down-sampling block on its 3x3 convolution (v1.5, as torchvision, MLPerf and NVIDIA train it).
struct resnet_layer {
  std::string name;            ///< "conv1", "layer2.0.conv3", "layer2.0.downsample"
  convolution shape;           ///< with n images
  bool relu = false;           ///< a ReLU follows the batch normalisation
  bool adds_residual = false;  ///< the block's input is added before that ReLU
};

/// The 53 convolutions in order of execution, for n images of image_size x image_size.
/// @throws error: usage unless 1 <= n <= 1,000,000 and 32 <= image_size <= 16384 (so do all functions below).
std::vector<resnet_layer> resnet50_layers(std::int64_t n, std::int64_t image_size = 224);

/// The distinct shapes among them, each with how often it occurs.
struct counted_convolution {
  convolution shape;
  int count = 0;
};
std::vector<counted_convolution> resnet50_distinct_convolutions(std::int64_t n, std::int64_t image_size = 224);

/// Parameters that training updates: convolutions, batch-normalisation scale and shift, classifier (25,557,032).
double resnet50_parameters();

/// Every operator of one inference over n images: convolutions, normalisation and ReLU and residual as memory traffic,
/// pooling, classifier. `fused` folds normalisation, ReLU and addition into the convolution, as inference engines do:
/// of their traffic only the read of the shortcut stays, as "residual". Layers hand on values of type p, int8 included.
std::vector<network_operator> resnet50_inference(std::int64_t n, precision p, bool fused,
                                                 std::int64_t image_size = 224);

/// Every operator of one training step over n images: forward, both backward passes, SGD with momentum on fp32 weights.
/// The first convolution has no data gradient: frameworks skip it. Normalisation, ReLU and addition are operators of
/// their own, as PyTorch runs them: reads and writes of the activation, normalisation 3 forward and 5 backward, ReLU 2
/// and 3, addition 3 and 3. Below fp32, weights and gradients are also cast once a step.
std::vector<network_operator> resnet50_training_step(std::int64_t n, precision p, std::int64_t image_size = 224);

/// Bytes of activations that a training step keeps for the backward pass, for n images: for each convolution its output
/// and the ReLU's, the images, the poolings' outputs and indices. Workspaces of the libraries come on top.
double resnet50_activation_bytes(std::int64_t n, precision p, std::int64_t image_size = 224);

}  // namespace gpubench::models
