#include "planner/performance.hpp"

#include "core/units.hpp"

#include <algorithm>

namespace gpubench::planner {

estimate corrected(const estimate& sum, const network_correction& correction) {
  estimate e = sum;
  e.seconds *= correction.factor;
  e.low *= correction.factor;
  e.high *= correction.factor;
  if (correction.error_low > 0) e.low = e.seconds * correction.error_low;
  if (correction.error_high > 0) e.high = e.seconds * correction.error_high;
  if (correction.basis) e.basis = *correction.basis;
  return e;
}

performance with_host(const system_under_plan& system, const profiles::workload& what, const estimate_sum& parts,
                      const estimate& step, double units_per_step) {
  performance result;
  result.step = step;
  for (std::size_t i = 0; i < result.shares.size(); ++i) result.shares[i] = parts.share(static_cast<bound>(i));
  host_pace& host = result.host;
  host = pace_of(what, system.host_cores / system.sharing, system.links.network_bytes_per_second / system.sharing,
                 system.links.nodes, system.sharing, system.storage);
  const auto seconds_at = [&](const std::optional<double>& rate) { return rate ? units_per_step / *rate : 0; };
  const double host_seconds = seconds_at(host.prepared_units_per_second);
  const double read_seconds = seconds_at(host.read_units_per_second);
  const double checkpoint = 1 + host.checkpoint_share;
  // What other hosts could not help with.
  result.device_step = step;
  const double without_preparation = std::max(step.seconds, read_seconds) * checkpoint;
  result.device_step.low = std::max(step.low, 0.8 * read_seconds) * checkpoint;
  result.device_step.high = std::max(step.high, 1.25 * read_seconds) * checkpoint;
  result.device_step.seconds = without_preparation;
  result.device_units_per_second = units_per_step / without_preparation;

  const double added = system.device->is_cpu ? host_seconds : std::max(0.0, host_seconds - step.seconds);
  const double waits = std::max(added, read_seconds - step.seconds);
  if (waits > 0) {
    const double total = step.seconds + waits;
    const bound by = waits > added ? bound::network : bound::host;
    for (double& share : result.shares) share *= step.seconds / total;
    result.shares[static_cast<std::size_t>(by)] += waits / total;
    result.step.seconds = total;
    // A wait hides the device's own uncertainty from below: it ends no sooner than the host does.
    const double floor = system.device->is_cpu ? 0 : std::max(host_seconds, read_seconds);
    result.step.low = std::max(step.low + (system.device->is_cpu ? added : 0), floor * 0.8);
    result.step.high = std::max(step.high + (system.device->is_cpu ? added : 0), total * 1.25);
  }
  if (host.checkpoint_share > 0) {
    for (double& share : result.shares) share /= checkpoint;
    result.shares[static_cast<std::size_t>(bound::host)] += host.checkpoint_share / checkpoint;
    result.step.seconds *= checkpoint;
    result.step.low *= checkpoint;
    result.step.high *= checkpoint;
  }
  const auto largest = std::max_element(result.shares.begin(), result.shares.end());
  result.step.bound_by = static_cast<bound>(largest - result.shares.begin());
  result.units_per_second = units_per_step / result.step.seconds;
  return result;
}

void multiply(performance& one, int systems) {
  one.units_per_second *= systems;
  one.device_units_per_second *= systems;
  if (one.host.prepared_units_per_second) *one.host.prepared_units_per_second *= systems;
  if (one.host.read_units_per_second) *one.host.read_units_per_second *= systems;
}

std::string memory_shortage(double needed, const device& on) {
  return "needs " + format_bytes(needed) + (on.is_cpu ? " of memory, has " : " per GPU, has ") +
         format_bytes(on.memory_bytes);
}

outcome plan_workload(const system_under_plan& system, step_library& steps) {
  const profiles::workload& what = steps.what();
  if (what.kind == profiles::workload_kind::host) return plan_host(system, what);
  const auto precision = supported_precision(*system.device, what.precision, what.fallback_precision);
  if (!precision)
    return {std::nullopt, rejection_reason::unsupported,
            "no rate for " + std::string(models::to_string(what.precision)) + " is known"};
  switch (what.kind) {
    case profiles::workload_kind::cnn_train:
    case profiles::workload_kind::cnn_infer:
      return plan_images(system, steps, *precision);
    case profiles::workload_kind::transformer_train:
      return plan_transformer_training(system, steps, *precision);
    case profiles::workload_kind::llm_serve:
      return plan_serving(system, steps, *precision);
    case profiles::workload_kind::operators:
      return plan_operators(system, what, *precision);
    case profiles::workload_kind::host:
      break;
  }
  return {};
}

}  // namespace gpubench::planner
