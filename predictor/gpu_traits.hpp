#pragma once

#include <array>
#include <string>
#include <string_view>

#include "predictor/device.hpp"

namespace gpubench::predictor {

inline constexpr std::size_t precision_count = std::size(models::all_precisions);

/// What the analytic operator models read of a GPU, worked out once from its data sheet. What a data sheet leaves out
/// is filled in from parts of the same architecture or from ratios that are usual for it, so that every field holds a
/// usable value; only `peak` may be 0, for a precision that the GPU does not have.
struct gpu_traits {
  std::string name;
  std::string architecture;
  double generation = 0;  ///< place in the order of architectures, see generation_of()
  double multiprocessors = 1;
  double boost_clock_hertz = 0;
  double memory_bandwidth_bytes_per_second = 0;
  double l2_bytes = 0;
  double tdp_watts = 0;
  bool stacked_memory = false;                 ///< HBM, as opposed to GDDR
  std::array<double, precision_count> peak{};  ///< dense FLOP/s at boost clock, by precision; 0: it has none
  double vector_fp32_flop_per_second = 0;      ///< without tensor cores
  double vector_fp64_flop_per_second = 0;      ///< likewise; 0: it has none
  double int32_operations_per_second = 0;      ///< additions, shifts and bit operations of 32-bit words

  double peak_of(models::precision p) const { return peak[static_cast<std::size_t>(p)]; }
};

/// @pre on.gpu is set
gpu_traits traits_of(const device& on);

/// Traits of a whole GPU.   @throws error: usage with the nearest names, or input for one without the needed rates.
gpu_traits traits_of_gpu(std::string_view name, const profiles::catalogue& known);

/// Order of NVIDIA's architectures by their design, not by their year: Pascal 0, Volta 1, Turing 1.5, Ampere 2.5 and so
/// on. Two that stand near each other share more of their behaviour. Others than NVIDIA's stand far away from all.
double generation_of(const std::string& architecture);

}  // namespace gpubench::predictor
