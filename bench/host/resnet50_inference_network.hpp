#pragma once

#include "bench/host/onednn_program.hpp"
#include "bench/host/resnet50_parameters.hpp"

#include <map>
#include <string>
#include <vector>

namespace gpubench::bench::host {

/// ResNet-50 as an inference engine runs it: batch normalisation folded into the convolutions, ReLU and the residual
/// addition applied while a convolution writes its result.
class resnet50_inference_network {
 public:
  /// @param type  of weights and activations; biases and scores are fp32
  resnet50_inference_network(const std::vector<models::resnet_layer>& layers, const resnet50_parameters& parameters,
                             dnnl::memory::data_type type);

  void set_images(const std::vector<float>& pixels);
  void run() { program_.run(); }
  /// n x classes
  std::vector<float> scores() const;

 private:
  dnnl::memory add_convolution(const models::resnet_layer& layer, const dnnl::memory& x, const dnnl::memory* shortcut,
                               const resnet50_unit& unit);
  dnnl::memory add_pooling(const onednn::pooling_window& window, const dnnl::memory& x, std::int64_t n, std::int64_t c,
                           std::int64_t size);
  void add_classifier(const dnnl::memory& pooled, std::int64_t n, const resnet50_parameters& parameters);

  onednn::program program_;
  dnnl::memory::data_type type_;
  dnnl::memory images_, scores_;
};

}  // namespace gpubench::bench::host
