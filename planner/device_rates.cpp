#include "planner/device_rates.hpp"

#include "core/error.hpp"

#include <algorithm>

namespace gpubench::planner {
namespace {

const std::array<models::operator_shape, operator_kind_count> shapes{
    models::gemm{}, models::convolution{}, models::attention{}, models::streaming{}, models::row_operation{}};

bool is_streaming(std::size_t kind) {
  return models::kind_of(shapes[kind]) == "streaming";
}

}  // namespace

device_rates shipped_rates(const device& on, const calibration& efficiencies) {
  device_rates rates;
  for (std::size_t kind = 0; kind < operator_kind_count; ++kind) {
    for (const models::precision wanted : models::all_precisions) {
      device_rates::cell& cell = rates.cells[kind][static_cast<std::size_t>(wanted)];
      // Streaming work is counted in vector operations, which run in fp32 whatever the storage type.
      const auto p =
          supported_precision(on, is_streaming(kind) ? models::precision::fp32 : wanted, models::precision::fp32);
      const models::precision used = p.value_or(wanted);
      const efficiency& e = efficiencies.find(on.architecture, models::kind_of(shapes[kind]), used);
      if (p) cell.compute_flop_per_second = *on.dense_peak(*p) * e.compute_efficiency;
      cell.memory_bytes_per_second = on.memory_bandwidth_bytes_per_second * e.memory_efficiency;
      cell.overhead_seconds = e.overhead_seconds;
      cell.error_low = e.error_low;
      cell.error_high = e.error_high;
      cell.basis = e.calibrated ? basis::calibrated : basis::data_sheet;
    }
  }
  return rates;
}

estimate estimate_work(const device_rates& rates, std::size_t kind, std::size_t precision, double flop, double bytes) {
  const device_rates::cell& cell = rates.of(kind, precision);
  const double memory = bytes / cell.memory_bytes_per_second;
  // Where no arithmetic rate is known at all, memory alone bounds; only streaming kinds get here.
  const double compute = cell.compute_flop_per_second > 0 ? flop / cell.compute_flop_per_second : 0;
  const double work = std::max(compute, memory);
  estimate e;
  e.seconds = cell.overhead_seconds + work;
  e.low = e.seconds * cell.error_low;
  e.high = e.seconds * cell.error_high;
  e.basis = cell.basis;
  e.bound_by = cell.overhead_seconds > work ? bound::overhead : compute >= memory ? bound::compute : bound::memory;
  return e;
}

}  // namespace gpubench::planner
