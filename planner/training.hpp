#pragma once

#include "planner/performance.hpp"

#include <cstdint>

namespace gpubench::planner {

/// One optimiser step of a layout.
struct training_step {
  estimate time;
  estimate_sum parts;  ///< of the time, by bound
};

/// Micro-batch (at most `micro_batch`) and accumulation with which the data-parallel ranks together hold the global
/// batch. Both are whole numbers, so that a rank may have room for more than its share: it then idles in the last
/// round.
void set_batches(layout& split, const profiles::workload& what, std::int64_t micro_batch);

/// Units that a step gets done: those of the global batch where the workload states one, else of every micro-batch.
double units_per_step(const profiles::workload& what, const layout& split);

/// Parameters that one device's optimiser updates.
double updated_parameters(const profiles::workload& what, const layout& split);

/// Time of a step, without the hosts.
training_step estimate_training(const system_under_plan& system, step_library& steps, const layout& split);

}  // namespace gpubench::planner
