#pragma once

#include "bench/cuda/module/cublaslt.hpp"
#include "bench/cuda/module/network_convolutions.hpp"
#include "bench/cuda/module/timer.hpp"
#include "models/resnet50.hpp"

#include <functional>
#include <vector>

#include "reference/resnet50_parameters.hpp"

namespace gpubench::cuda {

/// ResNet-50 as an inference engine runs it: batch normalisation folded into the convolutions; bias, ReLU and the
/// residual addition applied while a convolution writes its result. Images and activations with their channels last.
class resnet50_inference_network {
 public:
  /// Tunes every distinct convolution.   @throws failure
  resnet50_inference_network(const std::vector<models::resnet_layer>& layers,
                             const reference::resnet50_parameters& learned, kernels::storage type,
                             const device_properties& device, timer& clock);

  /// @param pixels  n-c-h-w
  void set_images(const std::vector<float>& pixels);
  void enqueue() const;
  void poison_scores() const;
  /// Of one image.
  std::vector<float> scores(std::int64_t image) const;
  std::size_t distinct_convolutions() const noexcept { return convolutions_.distinct(); }

  static double memory_bytes(std::int64_t n, std::int64_t image_size, kernels::storage type);

 private:
  /// @param added  what is added before the ReLU; may be null
  void add_convolution(const models::resnet_layer& layer, const reference::resnet50_unit& unit, void* x, void* added,
                       void* y);
  void add_classifier(const reference::resnet50_parameters& learned, timer& clock);

  kernels::storage type_;
  cudaStream_t stream_;
  models::convolution stem_, last_;
  std::int64_t classes_;
  device_buffer images_, pooled_, scores_;
  std::vector<device_buffer> activations_;
  std::vector<device_buffer> weights_;  ///< and biases, in turns
  network_convolutions convolutions_;
  std::vector<dnn::call> calls_;
  std::vector<std::function<void()>> steps_;
  matmul_context context_;
  std::optional<matmul> classifier_;
};

}  // namespace gpubench::cuda
