#include "predictor/vector_work.hpp"

#include <algorithm>
#include <cmath>

#include "predictor/device_memory.hpp"
#include "predictor/kernel_launch.hpp"
#include "predictor/sustained_clock.hpp"

namespace gpubench::predictor {
namespace {

constexpr double scheduled_lanes = 128, special_lanes = 16, near_bytes_per_clock = 128;
constexpr double filling_threads = 512;

double seconds_of(double instructions, double rate) {
  return instructions > 0 ? instructions / rate : 0;
}

}  // namespace

estimate composed(const vector_parts& parts, const vector_assumptions& as) {
  const double busy = overlapped(overlapped(parts.arithmetic, parts.near), overlapped(parts.far, parts.memory));
  estimate e;
  e.seconds = parts.start + busy;
  e.low = e.seconds * as.low;
  e.high = e.seconds * as.high;
  e.basis = basis::data_sheet;
  e.bound_by = busy < 0.5 * e.seconds                                                       ? bound::overhead
               : std::max(parts.far, parts.memory) > std::max(parts.arithmetic, parts.near) ? bound::memory
                                                                                            : bound::compute;
  return e;
}

estimate estimate_vector_work(const gpu_traits& on, const vector_work& work, const vector_assumptions& as) {
  const double cycles = on.multiprocessors * on.boost_clock_hertz;  // a second, of all multiprocessors
  const double all = work.fp32 + work.fp64 + work.int32 + work.special;
  const double busiest =
      std::max({seconds_of(work.fp32, on.vector_fp32_flop_per_second / 2),
                seconds_of(work.fp64, on.vector_fp64_flop_per_second / 2),
                seconds_of(work.int32, on.int32_operations_per_second),
                seconds_of(work.special, special_lanes * cycles), seconds_of(all, scheduled_lanes * cycles)});
  const double filled = std::min(1.0, work.threads / (filling_threads * on.multiprocessors));
  double arithmetic = busiest / (as.issue_share * as.lanes_in_use * filled);
  const double memory =
      transfer_seconds(on, work.bytes, work.working_set_bytes > 0 ? work.working_set_bytes : work.bytes, 1);
  if (arithmetic > 0) {
    // In FLOP of fp32 of the same energy; an integer instruction is taken as one.
    const double fp64_energy =
        joules_per_flop(on, arithmetic_unit::vector_fp64) / joules_per_flop(on, arithmetic_unit::vector_fp32);
    power_load load;
    load.flop_per_cycle =
        (2 * work.fp32 + 2 * fp64_energy * work.fp64 + work.int32) / (arithmetic * on.boost_clock_hertz);
    load.memory_bytes_per_second = work.bytes / std::max(arithmetic, memory);
    arithmetic *= on.boost_clock_hertz / sustained_clock_hertz(on, load);
  }
  const double near = work.near_bytes / (near_bytes_per_clock * cycles);
  const double far = work.l2_bytes / l2_bytes_per_second(on);
  return composed({work.launches * kernel_start_seconds, arithmetic, near, far, memory}, as);
}

}  // namespace gpubench::predictor
