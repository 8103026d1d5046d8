#pragma once

#include "planner/performance.hpp"
#include "planner/training_search.hpp"

#include <cstdint>

namespace gpubench::planner {

/// One optimiser step of a layout.
struct training_step {
  estimate time;
  estimate_sum parts;  ///< of the time, by bound
};

/// set_rounds() with the workload's global batch.
void set_batches(layout& split, const profiles::workload& what, std::int64_t micro_batch);

/// Units that a step gets done: those of the global batch where the workload states one, else of every micro-batch.
double units_per_step(const profiles::workload& what, const layout& split);

/// Parameters that the optimiser of the fullest device updates.
double updated_parameters(const profiles::workload& what, const layout& split);

/// What a model's layers and ends cost on a system's devices and links, for all splits over at most `devices` of them.
/// A layer is what a model of two takes longer than one of one.
training_costs timed_costs(const system_under_plan& system, step_library& steps, models::precision precision,
                           int devices);

/// Time of a step, without the hosts: predictor::compose_step() of the split's stages.
training_step estimate_training(const system_under_plan& system, step_library& steps, const layout& split);

}  // namespace gpubench::planner
