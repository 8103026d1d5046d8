#pragma once

#include "bench/host/elementwise.hpp"
#include "bench/host/onednn_program.hpp"
#include "bench/host/resnet50_parameters.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gpubench::bench::host {

/// A learned tensor with its gradient and momentum, in the layout that the forward pass reads.
struct trained_tensor {
  std::string name;  ///< layer and part: "layer1.0.conv2.weights", "classifier.bias"
  dnnl::memory value, gradient, velocity;
  dnnl::memory::format_tag plain = dnnl::memory::format_tag::x;
};

/// A training step of ResNet-50 in fp32 as a framework runs it on oneDNN: forward pass with batch normalisation over
/// the batch, cross entropy, both backward passes of every layer, SGD with momentum. The running statistics, which only
/// a later inference reads, are not kept.
class resnet50_training_network {
 public:
  resnet50_training_network(const std::vector<models::resnet_layer>& layers, const resnet50_parameters& parameters);
  ~resnet50_training_network();

  void set_batch(const std::vector<float>& pixels, const std::vector<std::int32_t>& classes);

  /// Forward and backward pass.   @return the mean cross entropy
  double compute_gradients();
  void update(const sgd_rates& rates);

  const std::vector<trained_tensor>& tensors() const;

 private:
  class builder;
  struct unit;

  onednn::program program_;
  dnnl::memory images_;
  std::vector<std::int32_t> classes_;
  std::vector<trained_tensor> tensors_;
  double loss_ = 0;
};

}  // namespace gpubench::bench::host
