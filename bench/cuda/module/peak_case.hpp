#pragma once

#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/device.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::cuda {

/// One kernel that does nothing but multiply and add, and leaves a digest of its results for each thread.
struct peak_kernel {
  std::string name;                ///< of the instruction: "mma.m16n8k16"
  const void* function = nullptr;  ///< for asking about its code and occupancy
  int threads = 0;                 ///< of a block
  int capability = 0;              ///< least that it needs, as __CUDA_ARCH__ writes it; 0: any
  double block_fma = 0;            ///< multiply-adds of one block in one round
  std::function<void(std::uint64_t* digests, std::uint32_t blocks, std::uint32_t rounds, cudaStream_t stream)> launch;
  /// Computed apart; repeated over a block's threads. The number divides `threads`.
  std::function<std::vector<std::uint64_t>(std::uint64_t rounds)> expected_digests;
};

/// `iterations` on `multiprocessors`, where an iteration is what `peak_blocks` blocks of `block_fma` multiply-adds do
/// on each multiprocessor. Kernels of smaller instructions run more rounds: whatever launch is fastest, the work is the
/// same.
struct peak_work {
  std::int64_t multiprocessors = 0, iterations = 0;
  double block_fma = 0;
};
peak_work peak_work_of(const parameters& values, double block_fma);
inline constexpr int peak_blocks = 4;

/// 2 FLOP for each multiply-add.
double peak_flop(const peak_work& work);

/// Iterations that take about 3 ms at 1.7 GHz.
/// @param fma_per_cycle  of a multiprocessor
std::int64_t peak_iterations(double block_fma, double fma_per_cycle);

/// Why these parameters cannot run on the device, or nothing.
std::optional<std::string> peak_parameters_refused(const parameters& values, const device_properties& device);

/// Why none of the kernels can run on the current build and device, or nothing.
std::optional<std::string> peak_kernels_missing(const std::vector<peak_kernel>& kernels,
                                                const device_properties& device);

/// Launches of a kernel with the same work: `resident` blocks a multiprocessor, each with `rounds`.
struct peak_launch {
  std::size_t kernel = 0;
  int resident = 0;
  std::uint32_t rounds = 0;
};
std::vector<peak_launch> peak_launches(const peak_work& work, const std::vector<peak_kernel>& kernels,
                                       const std::vector<int>& most_resident);

/// @param notes  what the family says of its operands and instructions
std::unique_ptr<prepared_case> make_peak_case(const peak_work& work, std::vector<peak_kernel> kernels,
                                              const device_properties& device, method_notes notes);

}  // namespace gpubench::cuda
