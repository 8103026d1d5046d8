#pragma once

#include "bench/cuda/module/owners.hpp"
#include "kernels/md_lennard_jones.cuh"
#include "kernels/md_lennard_jones_check.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gpubench::cuda {

/// Bytes of device memory that a liquid takes.
double liquid_device_bytes(std::int64_t atoms, double value_bytes);

/// A Lennard-Jones liquid on the current device, on one stream.
template <class T>
class liquid_on_device {
 public:
  /// @param atoms  one that kernels::liquid_refusal takes
  liquid_on_device(std::int64_t atoms, cudaStream_t stream);

  /// Only enqueues: two launches a step, five more where lists are built again.
  void enqueue(std::int64_t steps);
  std::int64_t steps() const { return steps_; }

  /// Waits, and copies everything.
  kernels::liquid_state<T> state() const;
  std::int32_t longest_list() const;

 private:
  void sort();

  cudaStream_t stream_;
  std::vector<device_buffer> memory_;
  kernels::liquid_arrays<T> arrays_;
  std::int64_t steps_ = 0;
};

}  // namespace gpubench::cuda
