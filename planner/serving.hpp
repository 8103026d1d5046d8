#pragma once

#include "planner/performance.hpp"
#include "planner/prediction.hpp"

namespace gpubench::planner {

/// One replica with a number of requests in flight, in the steady state.
struct serving_point {
  estimate tpot;  ///< time per output token of one request
  estimate ttft;
  double output_tokens_per_second = 0;  ///< of one replica
};

/// The predictor's mean field of continuous batching (predictor/serving_step.hpp) with the mean of the engines that it
/// knows. On a GPU, or a share of one, its analytic steps; on a CPU the steps are the lowered operators' and no engine
/// adds to them.
serving_point estimate_serving(const system_under_plan& system, step_library& steps, const layout& split);

/// A step's time by cause: decode by its operators' bounds, and the rest of `point` by those of prompts.
estimate_sum serving_parts(const system_under_plan& system, step_library& steps, const layout& split,
                           const serving_point& point);

}  // namespace gpubench::planner
