#pragma once

#include "bench/cuda/module/owners.hpp"
#include "bench/cuda/module/random_fill.hpp"
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
  std::vector<float> initial;  ///< until it is allocated; empty: filled at random
  random_fill fill;
};

enum class optimiser { sgd, adamw };

/// A part of an arena, for a look at what an update does.
struct arena_sample {
  std::vector<float> weights, first, second;  ///< first and second moments; of SGD, first is the velocity
  std::vector<float> gradients, copies;
  std::int64_t steps = 0;  ///< of AdamW
};

/// Learned tensors that one launch updates: fp32 weights and moments (SGD: velocities), gradients in the network's
/// type, and copies of the weights in that type for the next step. Where that type is fp32 (or TF32), the weights are
/// their own copies.
class parameter_arena {
 public:
  /// Small rates, so that a batch trained on again and again is not learned by heart: gradients would become zeros, and
  /// multiplying zeros draws less power.
  static constexpr kernels::sgd_rates sgd{1e-4F, 0.9F, 1e-4F};
  /// All but the learning rate as large language models have them: Touvron et al., "Llama 2" (arXiv 2307.09288),
  /// section 2.2.
  static constexpr kernels::adamw_rates adamw{1e-6F, 0.9F, 0.95F, 1e-5F, 0.1F};

  explicit parameter_arena(kernels::storage type, optimiser updated_by = optimiser::sgd)
      : type_(type), updated_by_(updated_by) {}

  /// Each starts at a multiple of 256 bytes, whatever the type.   @return its number
  std::size_t add(std::string name, std::vector<float> values);
  std::size_t add(std::string name, std::int64_t elements, const random_fill& fill);
  /// After the last add().
  void allocate(cudaStream_t stream);

  void* copy_of(std::size_t tensor) const;      ///< what the network reads
  void* gradient_of(std::size_t tensor) const;  ///< where its gradient goes
  /// Of the last step, divided by the loss scale.
  std::vector<float> gradient(std::size_t tensor, float loss_scale) const;
  const std::vector<learned_tensor>& tensors() const noexcept { return tensors_; }

  /// All copies as one array, and the place of a tensor in it: what is read from another array of its layout.
  const device_buffer& copies() const noexcept { return keeps_copies() ? copies_ : weights_; }
  std::size_t place_of(std::size_t tensor) const;

  /// @param loss_scale  what gradients were multiplied by; 1 with AdamW
  void enqueue_update(float loss_scale, cudaStream_t stream) const;
  void poison_gradients(cudaStream_t stream) const;

  /// Of pieces spread evenly over the arena. What writes them must have ended.
  arena_sample sample() const;

  /// Bytes that an arena of so many elements takes.
  static double memory_bytes(kernels::storage type, optimiser updated_by, double elements);

 private:
  bool keeps_copies() const noexcept { return kernels::bytes_of(type_) < 4; }
  std::size_t add(learned_tensor tensor);

  kernels::storage type_;
  optimiser updated_by_;
  std::vector<learned_tensor> tensors_;
  std::int64_t elements_ = 0;
  device_buffer weights_, first_, second_, gradients_, copies_, progress_;
};

}  // namespace gpubench::cuda
