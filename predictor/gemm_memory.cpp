#include "predictor/gemm_memory.hpp"

#include <algorithm>

#include "predictor/gemm_time.hpp"

namespace gpubench::predictor {
namespace {

constexpr double gddr_advantage = 1.07;
constexpr double most_of_data_sheet_rate = 0.97;
constexpr double rotated_copies = 5;

/// Share of a working set that does not stay in L2 from one use to the next.
double cold_share(double working_set_bytes, double l2_bytes) {
  return std::clamp(working_set_bytes / l2_bytes - 0.5, 0.0, 1.0);
}

}  // namespace

double dram_rate(const gpu_traits& on, double efficiency) {
  const double reached =
      on.stacked_memory ? efficiency : std::min(most_of_data_sheet_rate, gddr_advantage * efficiency);
  return on.memory_bandwidth_bytes_per_second * reached;
}

double operand_seconds(const gemm_memory& from, double weight_bytes, double activation_bytes) {
  const double all = weight_bytes + activation_bytes;
  const double cold = weight_bytes * cold_share(rotated_copies * weight_bytes + activation_bytes, from.l2_bytes) +
                      activation_bytes * cold_share(all, from.l2_bytes);
  return dram_seconds(cold, from.dram_bytes_per_second, from.latency_bytes) + (all - cold) / from.l2_bytes_per_second;
}

}  // namespace gpubench::predictor
