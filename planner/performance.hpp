#pragma once

#include "planner/calibration.hpp"
#include "planner/device_model.hpp"
#include "planner/host_side.hpp"
#include "planner/layout.hpp"
#include "planner/prediction.hpp"
#include "planner/recommend.hpp"
#include "planner/step_library.hpp"

#include <array>
#include <optional>
#include <string>

#include "predictor/serving_engine.hpp"

namespace gpubench::planner {

/// Measured or published time of a whole network over the sum of its operators, with its own interval.
struct network_correction {
  double factor = 1;
  double error_low = 0, error_high = 0;  ///< around the corrected time; 0: the operators' intervals are kept
  std::optional<predictor::basis> basis;
};

/// The machines that a job gets: devices, their links and their hosts.
struct system_under_plan {
  const predictor::device* device = nullptr;
  device_model* model = nullptr;  ///< of that device
  network_correction correction;
  fabric links;
  double host_cores = 0;              ///< of one node; 0: not known
  std::optional<estimate> core_time;  ///< of a unit, for workloads of kind host
  storage_rates storage;              ///< of one node, as measured
  /// That serves, for llm-serve workloads, which name none: the mean of those that were measured.
  predictor::serving_engine engine = predictor::serving_engine_of(predictor::shipped_engines(), {}, {});
  double sharing = 1;        ///< devices that split one node's cores and network between them, as slices do
  double confidence = 0.95;  ///< with which latency limits must be met
};

/// How fast a system does a workload, split in the best way found.
struct performance {
  layout split;
  memory_need memory;
  double units_per_second = 0;  ///< of the whole system
  host_pace host;               ///< what the hosts let through
  estimate device_step;         ///< a step that waits for no data preparation
  double device_units_per_second = 0;
  estimate step;
  std::array<double, 6> shares{};  ///< of the step's time, by bound
};

/// The best performance, or why there is none.
struct outcome {
  std::optional<performance> best;
  rejection_reason reason = rejection_reason::memory;
  std::string detail;
};

/// A step's estimate with the network's correction applied.
estimate corrected(const estimate& sum, const network_correction& correction);

/// Adds what the hosts need: a GPU job waits for the slower of devices and hosts, on a CPU both share the cores; and a
/// training stands still while checkpoints are written.
/// Units and time are those of one step over the whole system.
performance with_host(const system_under_plan& system, const profiles::workload& what, const estimate_sum& parts,
                      const estimate& step, double units_per_step);

/// As many independent systems of this performance together; the split is left to the caller.
void multiply(performance& one, int systems);

/// @param precision  in which the device computes, as supported_precision() found it
outcome plan_images(const system_under_plan& system, step_library& steps, models::precision precision);
outcome plan_transformer_training(const system_under_plan& system, step_library& steps, models::precision precision);
outcome plan_serving(const system_under_plan& system, step_library& steps, models::precision precision);
/// Every device runs the list by itself.
outcome plan_operators(const system_under_plan& system, const profiles::workload& what, models::precision precision);
/// Every core works by itself; devices stand idle.
outcome plan_host(const system_under_plan& system, const profiles::workload& what);

/// Whichever of the above suits the workload.
outcome plan_workload(const system_under_plan& system, step_library& steps);

/// "needs 141 GiB per GPU, has 80 GiB".
std::string memory_shortage(double needed, const device& on);

}  // namespace gpubench::planner
