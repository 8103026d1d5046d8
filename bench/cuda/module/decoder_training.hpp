#pragma once

#include "bench/cuda/module/decoder_gradient_check.hpp"
#include "bench/cuda/module/decoder_gradients.hpp"
#include "bench/cuda/module/decoder_layer.hpp"
#include "bench/cuda/module/parameter_arena.hpp"

#include <cstddef>

namespace gpubench::cuda {

/// A training step of one decoder layer in mixed precision: forward pass, gradients of all weights and of the input,
/// and AdamW on fp32 weights, which leaves their copies in `type` for the next step. Input and gradient of the output
/// are given and stay the same, as if the layers around it did.
class decoder_training {
 public:
  /// Tunes every product and attention.   @throws failure
  decoder_training(const models::transformer_layer_shape& shape, kernels::storage type, const device_properties& device,
                   timer& clock);
  decoder_training(const decoder_training&) = delete;
  decoder_training& operator=(const decoder_training&) = delete;

  /// Enqueues a step.
  void enqueue();

  /// Remembers the weights and a part of the optimiser's state, for errors() to check the next step by. What came
  /// before must have ended.
  void remember();
  /// Of the step since remember(), which must have ended.
  step_errors errors() const;

  /// Fills with NaN what a step writes, but for the weights and moments.
  void poison() const;
  method_notes notes() const;

  static double memory_bytes(const models::transformer_layer_shape& shape, kernels::storage type);

 private:
  parameter_arena filled_arena();
  decoder_weights former_weights() const;  ///< those of remember()
  decoder_passes passes() const;

  models::transformer_layer_shape shape_;
  kernels::storage type_;
  cudaStream_t stream_;
  decoder_tensors<std::size_t> numbers_;  ///< of the tensors in the arena
  parameter_arena arena_;
  decoder_weights weights_;
  decoder_weight_gradients gradients_;
  decoder_cache cache_;
  device_buffer input_, output_, output_gradient_, former_weights_;
  decoder_layer layer_;
  std::optional<decoder_gradients> backward_;
  arena_sample before_;
};

/// Why the step cannot run on a device, or nothing.
std::optional<std::string> decoder_training_unavailable(const models::transformer_layer_shape& shape,
                                                        kernels::storage type, const device_properties& device);

}  // namespace gpubench::cuda
