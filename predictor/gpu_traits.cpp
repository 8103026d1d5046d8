#include "predictor/gpu_traits.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gpubench::predictor {
namespace {

using models::precision;

/// FP32 lanes of a multiprocessor. Source: NVIDIA, CUDA C++ Programming Guide, table of arithmetic throughput (results
/// per clock and multiprocessor): 64 for compute capability 6.0, 7.x and 8.0, 128
/// for 5.x, 6.1, 8.6, 8.9, 9.0, 10.x, 12.x.
double fp32_lanes(const std::string& capability) {
  for (const char* const narrow : {"6.0", "7.0", "7.2", "7.5", "8.0"}) {
    if (capability == narrow) return 64;
  }
  return 128;
}

/// 32-bit integer additions, shifts and bit operations a clock and multiprocessor. Source: the same table: 64, of
/// compute capability 5.x and 6.1 and 6.2 as many as fp32 lanes; 12.x: NVIDIA RTX Blackwell GPU architecture
/// whitepaper, "unified INT32/FP32 cores". AMD: 64 lanes of a compute unit (CDNA3 ISA guide: a wave of 64 a cycle over
/// four SIMDs).
double int32_lanes(const std::string& capability) {
  for (const char* const wide : {"5.0", "5.2", "5.3", "6.1", "6.2", "12.0", "12.1"}) {
    if (capability == wide) return 128;
  }
  return 64;
}

}  // namespace

double generation_of(const std::string& architecture) {
  static const std::pair<const char*, double> order[] = {{"Kepler", -2},
                                                         {"Maxwell", -1},
                                                         {"Pascal", 0},
                                                         {"Volta", 1},
                                                         {"Turing", 1.5},
                                                         {"Ampere", 2.5},
                                                         {"Ada Lovelace", 3},
                                                         {"Hopper", 3.5},
                                                         {"Grace Hopper", 3.5},
                                                         {"Blackwell", 4.5},
                                                         {"Grace Blackwell", 4.5},
                                                         {"Blackwell Ultra", 4.6},
                                                         {"Grace Blackwell Ultra", 4.6}};
  for (const auto& [name, place] : order) {
    if (architecture == name) return place;
  }
  return 20;
}

gpu_traits traits_of(const device& on) {
  const profiles::gpu_spec& spec = *on.gpu;
  gpu_traits t;
  t.name = spec.name;
  t.architecture = spec.architecture;
  t.generation = generation_of(spec.architecture);
  // An architecture of NVIDIA's to come is like the latest that is known, not like another vendor's.
  if (t.generation > 10 && spec.vendor == "NVIDIA") t.generation = generation_of("Blackwell Ultra");
  t.memory_bandwidth_bytes_per_second = on.memory_bandwidth_bytes_per_second;
  t.stacked_memory = spec.memory_type.rfind("HBM", 0) == 0;
  for (std::size_t i = 0; i < precision_count; ++i) t.peak[i] = on.dense_peak_flop_per_second[i].value_or(0);
  // Tensor cores that know bf16 do fp16 at the same rate.
  double& fp16 = t.peak[static_cast<std::size_t>(precision::fp16)];
  if (fp16 <= 0) fp16 = t.peak_of(precision::bf16);
  t.vector_fp32_flop_per_second = t.peak_of(precision::fp32);
  if (t.vector_fp32_flop_per_second <= 0) t.vector_fp32_flop_per_second = fp16 / 8;
  const double lanes = fp32_lanes(spec.compute_capability);
  // Without a stated clock or count, the other of the two follows from the fp32 rate: 2 FLOP a lane and cycle.
  t.boost_clock_hertz = spec.boost_clock_hertz.value_or(
      spec.multiprocessors ? t.vector_fp32_flop_per_second / on.share / (2 * lanes * *spec.multiprocessors) : 1.8e9);
  const double whole =
      spec.multiprocessors
          ? *spec.multiprocessors
          : std::max(1.0, std::round(t.vector_fp32_flop_per_second / on.share / (2 * lanes * t.boost_clock_hertz)));
  t.multiprocessors = std::max(1.0, std::floor(whole * on.share));
  t.int32_operations_per_second = int32_lanes(spec.compute_capability) * t.multiprocessors * t.boost_clock_hertz;
  // The data sheet's rate is that of tensor cores where these know fp64: twice that of the vector units, which do at
  // most half of what they do in fp32.
  t.vector_fp64_flop_per_second = std::min(t.peak_of(precision::fp64), t.vector_fp32_flop_per_second / 2);
  t.l2_bytes = spec.l2_bytes.value_or(whole * 0.4e6) * on.share;
  t.tdp_watts = spec.tdp_watts.value_or(t.stacked_memory ? 500 : 250) * on.share;
  return t;
}

gpu_traits traits_of_gpu(std::string_view name, const profiles::catalogue& known) {
  const profiles::gpu_spec& spec = known.gpu(name);
  profiles::instance whole;
  whole.gpu = spec.name;
  whole.gpu_count = 1;
  const device_lookup found = device_of(whole, known);
  if (!found.found) throw error(error_kind::input, found.missing);
  return traits_of(*found.found);
}

}  // namespace gpubench::predictor
