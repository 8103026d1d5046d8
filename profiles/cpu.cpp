#include "profiles/cpu.hpp"

namespace gpubench::profiles {

std::optional<double> cpu_spec::core_peak_flop_per_second(models::precision p) const {
  const auto clock = all_core_turbo_hertz ? all_core_turbo_hertz : base_clock_hertz;
  std::optional<double> per_cycle;
  switch (p) {
    case models::precision::fp32:
      per_cycle = fp32_flop_per_cycle_per_core;
      break;
    case models::precision::fp64:
      if (fp32_flop_per_cycle_per_core) per_cycle = *fp32_flop_per_cycle_per_core / 2;
      break;
    case models::precision::bf16:
      per_cycle = bf16_flop_per_cycle_per_core;
      break;
    case models::precision::int8:
      per_cycle = int8_op_per_cycle_per_core;
      break;
    case models::precision::tf32:
    case models::precision::fp16:
    case models::precision::fp8:
    case models::precision::fp4:
      break;
  }
  if (!clock || !per_cycle) return std::nullopt;
  return *clock * *per_cycle;
}

}  // namespace gpubench::profiles
