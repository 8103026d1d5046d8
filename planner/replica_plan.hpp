#pragma once

#include "planner/performance.hpp"

#include <string>
#include <vector>

#include "serving/sizing.hpp"

namespace gpubench::planner {

/// One way to serve on a node: replicas of one layout, and a replica's steps for the simulation.
struct replica_plan {
  layout split;  ///< tensor_parallel devices a replica, data_parallel replicas a node; micro_batch: the batch limit
  memory_need memory;
  serving::replica_model model;  ///< as predicted
  serving::model_error error;
  predictor::basis basis = predictor::basis::calibrated;
};

/// All of them, or why there are none.
struct replica_plans {
  std::vector<replica_plan> all;
  models::precision precision = models::precision::bf16;
  rejection_reason reason = rejection_reason::memory;
  std::string detail;
};

/// Tensor parallel degrees as plan_serving() tries them, of which memory holds a request. Steps: the predictor's
/// (predictor/serving_step.hpp), tabulated by batch and made linear in the contexts' tokens around the workload's mean;
/// prompts cost what they add to decode steps. The interval of TPOT is taken for that of all steps, that of TTFT for
/// what the first token waits for besides them; the queue, which TTFT's interval is wide for, is simulated instead.
replica_plans plan_replicas(const system_under_plan& system, step_library& steps);

}  // namespace gpubench::planner
