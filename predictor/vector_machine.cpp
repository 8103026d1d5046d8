#include "predictor/vector_machine.hpp"

#include "core/units.hpp"

#include <algorithm>

namespace gpubench::predictor {
namespace {

constexpr double loop_start_seconds = 5e-6;
constexpr double scheduled_per_lane = 1.5, special_per_lane = 1.0 / 16;
constexpr double near_bytes_per_lane = 4, far_bytes_per_lane = 1;
constexpr double cache_bytes_per_core = 2 * mib;

}  // namespace

vector_machine vector_machine_of(const gpu_traits& on) {
  return {on.name, on.l2_bytes, on.vector_fp64_flop_per_second > 0,
          [on](const vector_work& work, const vector_assumptions& as) { return estimate_vector_work(on, work, as); }};
}

estimate estimate_vector_work(const vector_cpu& on, const vector_work& work, const vector_assumptions& as) {
  const double lanes = on.lanes_per_second;
  const double multiplied = work.fp32 + 2 * work.fp64;  // on the same ports
  const double all = multiplied + work.int32 + work.special;
  const double busiest =
      std::max({multiplied, work.int32, work.special / special_per_lane, all / scheduled_per_lane}) / lanes;
  const double filled = std::min(1.0, work.threads / on.cores);
  const double arithmetic = busiest / (as.cpu_issue_share * filled);
  const double near = work.near_bytes / (near_bytes_per_lane * lanes);
  const double far = work.l2_bytes / (far_bytes_per_lane * lanes);
  const double memory = work.bytes / (on.memory_bytes_per_second * as.cpu_memory_share);
  return composed({work.launches * loop_start_seconds, arithmetic, near, far, memory}, as);
}

vector_machine vector_machine_of(const vector_cpu& on) {
  return {on.name, on.cores * cache_bytes_per_core, true,
          [on](const vector_work& work, const vector_assumptions& as) { return estimate_vector_work(on, work, as); }};
}

}  // namespace gpubench::predictor
