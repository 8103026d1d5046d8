#pragma once

#include "planner/performance.hpp"
#include "planner/prediction.hpp"
#include "planner/recommend.hpp"

#include <optional>

namespace gpubench::planner {

/// One number of nodes of one kind of system.
struct node_plan {
  int nodes = 1;
  performance speed;
  estimate work;                          ///< the whole workload, one unit after the other
  double arriving_seconds = 0;            ///< over which its units come in, where a rate is asked for
  estimate job;                           ///< from the first unit to the last: the longer of the two
  double mean_seconds = 0;                ///< of the job
  double seconds_at_confidence = 0;       ///< the job ends within it with the probability asked for
  double sustained_units_per_second = 0;  ///< with the probability asked for
  bool keeps_rate = true;                 ///< sustains the rate asked for
  double probability_in_deadline = 1;
};

/// The rate that has to be kept up with: the question's, else the workload's.
std::optional<double> rate_asked_for(const profiles::workload& what, const constraints& limits);

/// Fills in what follows from `speed`. Where a rate is asked for the job lasts at least as long as its units come in.
void settle(node_plan& plan, const profiles::workload& what, const constraints& limits);

}  // namespace gpubench::planner
