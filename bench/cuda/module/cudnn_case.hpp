#pragma once

#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/cudnn_layers.hpp"
#include "bench/cuda/module/cudnn_plan.hpp"
#include "bench/cuda/module/timer.hpp"
#include "bench/cuda/module/worst_error.hpp"
#include "kernels/operands.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::cuda {

/// Why a precision cannot run on a device through cuDNN, or that cuDNN is missing, or that the build has no code.
std::optional<std::string> cudnn_cannot(kernels::storage type, bool on_tensor_cores, const device_properties& device);

/// One cuDNN graph with its tensors, timed cold.
class cudnn_case : public prepared_case {
 public:
  sample_times sample() override;
  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }
  method_notes notes() const override;

 protected:
  cudnn_case(const device_properties& device, std::string what);

  /// A buffer for every tensor in memory, all bytes 0xff: NaN in every floating type.
  void allocate(const dnn::graph& operations);
  /// Random numbers, by their place in memory: kernels::stored_operand(type, operand, index).
  void fill(dnn::tensor one, kernels::storage type, std::uint64_t operand);
  void copy_in(dnn::tensor one, const std::vector<float>& values);
  /// After choose(): sets sums in scratch memory to zero in each sample, as part of the work, where the engine needs
  /// it.
  void zero_as_needed(dnn::tensor sums, dnn::tensor result);
  /// Picks the engine; what the trials wrote to `results` is poisoned again.
  void choose(const dnn::plan_rules& rules, const std::vector<dnn::tensor>& results);
  /// Elements [first, first + count) of a tensor's memory.
  std::vector<double> values(dnn::tensor one, std::uint64_t first, std::uint64_t count) const;
  double value(dnn::tensor one, std::uint64_t index) const { return values(one, index, 1).front(); }

 private:
  cudaStream_t stream() const noexcept { return timer_.stream(); }
  void* address(dnn::tensor one) const { return buffers_.at(static_cast<std::size_t>(one.id - 1)).data(); }
  void enqueue();
  void poison(dnn::tensor one);

  timer timer_;
  dnn::handle handle_;
  dnn::graph graph_;
  std::vector<device_buffer> buffers_;
  std::optional<dnn::tensor> zeroed_;
  std::optional<dnn::tuned_call> call_;
};

}  // namespace gpubench::cuda
