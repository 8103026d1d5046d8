#pragma once

#include "planner/calibration.hpp"
#include "planner/layout.hpp"
#include "planner/prediction.hpp"
#include "profiles/catalogue.hpp"
#include "profiles/workload.hpp"

#include <string>
#include <vector>

namespace gpubench::planner {

/// One line of where a step's time goes.
struct step_line {
  std::string name;   ///< "convolution", as the network's lowering names it
  std::string shape;  ///< "m 4096, n 1024, k 4096"; empty for what is no operator
  models::precision precision = models::precision::fp32;
  double count = 1;  ///< executions in the step
  estimate each;     ///< one of them
  double share = 0;  ///< of the step's time, 0 to 1
};

/// One step of a workload on one system, split in the best way found.
struct step_breakdown {
  layout split;
  double units_per_second = 0;
  estimate step;
  std::vector<step_line> lines;  ///< most time first; equal operators are one line
};

/// A step: of training one update of the weights, of inference one batch, of serving one token of all requests in
/// flight. What its operators do not explain (collectives that are not hidden, hosts, prompts that share the step) is a
/// line of its own, without a shape.
/// @throws error: infeasible for a system that cannot do it, with the reason.
step_breakdown break_down_step(const profiles::catalogue& known, const calibration& efficiencies,
                               const profiles::workload& what, const profiles::instance& on);

}  // namespace gpubench::planner
