#pragma once

#include "planner/performance.hpp"
#include "planner/prediction.hpp"

#include "predictor/serving_step.hpp"

namespace gpubench::planner {

/// One replica with a number of requests in flight, in the steady state.
struct serving_point {
  estimate tpot;  ///< time per output token of one request
  estimate ttft;
  double output_tokens_per_second = 0;  ///< of one replica
};

/// What the predictor needs to know of a replica with split.micro_batch requests in flight, on the mean of the engines
/// that it knows.
predictor::serving_case serving_case_of(const system_under_plan& system, const profiles::workload& what,
                                        const layout& split);

/// The predictor's mean field of continuous batching (predictor/serving_step.hpp) with the mean of the engines that it
/// knows. On a GPU, or a share of one, its analytic steps; on a CPU the steps are the lowered operators' and no engine
/// adds to them.
serving_point estimate_serving(const system_under_plan& system, step_library& steps, const layout& split);

/// A step's time by cause: decode by its operators' bounds, and the rest of `point` by those of prompts.
estimate_sum serving_parts(const system_under_plan& system, step_library& steps, const layout& split,
                           const serving_point& point);

}  // namespace gpubench::planner
