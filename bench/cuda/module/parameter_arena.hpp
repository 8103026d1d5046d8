#pragma once

#include "bench/cuda/module/owners.hpp"
#include "kernels/operands.hpp"
#include "kernels/training.cuh"

#include <cstdint>
#include <string>
#include <vector>

namespace gpubench::cuda {

/// A learned tensor within an arena.
struct learned_tensor {
  std::string name;  ///< layer and part: "layer1.0.conv2.weights", "classifier.bias"
  std::int64_t offset = 0, elements = 0;
};

/// Learned tensors that one launch updates: fp32 weights and velocities, gradients in the network's type, and copies of
/// the weights in that type for the next step. Where that type is fp32 (or TF32), the weights are their own copies.
class parameter_arena {
 public:
  explicit parameter_arena(kernels::storage type) : type_(type) {}

  /// Each starts at a multiple of 256 bytes, whatever the type.   @return its number
  std::size_t add(std::string name, const std::vector<float>& values);
  /// After the last add().
  void allocate(cudaStream_t stream);

  void* copy_of(std::size_t tensor) const;      ///< what the network reads
  void* gradient_of(std::size_t tensor) const;  ///< where its gradient goes
  /// Of the last step, divided by the loss scale.
  std::vector<float> gradient(std::size_t tensor, float loss_scale) const;
  const std::vector<learned_tensor>& tensors() const noexcept { return tensors_; }

  void enqueue_update(float loss_scale, cudaStream_t stream) const;
  void poison_gradients(cudaStream_t stream) const;

 private:
  bool keeps_copies() const noexcept { return kernels::bytes_of(type_) < 4; }

  kernels::storage type_;
  std::vector<learned_tensor> tensors_;
  std::vector<float> initial_;
  device_buffer weights_, velocities_, gradients_, copies_;
};

}  // namespace gpubench::cuda
