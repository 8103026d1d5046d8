#pragma once

#include "bench/cuda/module/cublaslt.hpp"
#include "bench/cuda/module/network_convolutions.hpp"
#include "bench/cuda/module/parameter_arena.hpp"
#include "bench/cuda/module/timer.hpp"
#include "kernels/batch_norm.cuh"
#include "kernels/image_pooling.hpp"
#include "models/resnet50.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reference/resnet50_parameters.hpp"

namespace gpubench::cuda {

/// A training step of ResNet-50 in mixed precision: convolutions and classifier in `type`, statistics,
/// scale and shift of the normalisations, loss and master weights in fp32; forward pass, cross entropy, both backward
/// passes of every layer, SGD with momentum. Images and activations with their channels last. Convolutions are cuDNN's;
/// what lies between them are our own kernels, each normalisation in one with its ReLU and addition. The running
/// statistics, which only a later inference reads, are not kept.
class resnet50_training_network {
 public:
  /// Tunes every distinct convolution.   @throws failure
  resnet50_training_network(const std::vector<models::resnet_layer>& layers,
                            const reference::resnet50_parameters& learned, kernels::storage type,
                            const device_properties& device, timer& clock);
  resnet50_training_network(const resnet50_training_network&) = delete;
  resnet50_training_network& operator=(const resnet50_training_network&) = delete;

  /// @param pixels  n-c-h-w
  void set_batch(const std::vector<float>& pixels, const std::vector<std::int32_t>& classes);

  void enqueue_gradients() const;
  void enqueue_update() const;
  void poison_gradients() const;

  /// Mean cross entropy of the last forward pass.
  double loss() const;

  /// Gradient of a learned tensor, filters as out-in-h-w.
  struct named_gradient {
    std::string name;
    std::vector<float> values;
  };
  std::vector<named_gradient> gradients() const;

  float loss_scale() const noexcept { return loss_scale_; }
  std::size_t distinct_convolutions() const noexcept { return convolutions_.distinct(); }

  static double memory_bytes(std::int64_t n, std::int64_t image_size, kernels::storage type);

 private:
  /// A convolution with its normalisation.
  struct unit {
    models::resnet_layer layer;
    kernels::channel_tiles tiles;
    kernels::norm_channels norm;
    void* input = nullptr;
    void* raw = nullptr;                            ///< between convolution and normalisation
    void* output = nullptr;                         ///< after the ReLU; of a block's last unit the block's
    std::size_t weights = 0, scale = 0, shift = 0;  ///< in their arenas
  };
  struct block {
    std::vector<unit> path;  ///< three convolutions
    std::optional<unit> shortcut;
    void* output = nullptr;
  };

  void learn(const std::vector<models::resnet_layer>& layers, const reference::resnet50_parameters& learned);
  unit forward_convolution(const models::resnet_layer& layer, void* input);
  void forward_norm(const unit& of, const void* added, const kernels::channel_line* added_line, bool relu);
  void forward_blocks(const std::vector<models::resnet_layer>& layers, void* x);
  void* add_classifier(const kernels::image_pooling_shape& whole, void* features, timer& clock);
  void backward_norm(const unit& of, const kernels::norm_backward_arguments& sums, bool masked);
  void backward_convolution(const unit& of, void* input_gradient);
  void backward_blocks(void* gradient);
  void* keep(std::int64_t elements);
  template <class Step>
  void then(Step step) {
    steps_.emplace_back(std::move(step));
  }

  kernels::storage type_;
  cudaStream_t stream_;
  int multiprocessors_;
  float loss_scale_;
  std::int64_t images_count_, classes_, features_;
  parameter_arena weights_, vectors_;
  std::map<std::string, std::size_t> weight_of_, scale_of_;
  std::size_t classifier_ = 0, bias_ = 0;
  std::vector<device_buffer> kept_;  ///< activations and what else lives as long as the network
  device_buffer images_, wanted_, losses_, sums_;
  void* first_gradient_ = nullptr;      ///< of a block's input, by its path
  std::vector<void*> spare_gradients_;  ///< of block outputs, not in use at this point of the program
  void* raw_gradient_ = nullptr;        ///< of a unit's raw output
  void* path_gradient_ = nullptr;       ///< of a unit's output within a block
  std::optional<unit> stem_;
  std::vector<block> blocks_;
  network_convolutions convolutions_;
  std::vector<dnn::call> calls_;
  matmul_context context_;
  std::vector<matmul> products_;
  std::vector<std::function<void()>> steps_;
};

}  // namespace gpubench::cuda
