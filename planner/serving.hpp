#pragma once

#include "planner/calibration.hpp"
#include "planner/performance.hpp"
#include "planner/prediction.hpp"

namespace gpubench::planner {

/// One replica with a number of requests in flight, in the steady state.
struct serving_point {
  estimate tpot;  ///< time per output token of one request
  estimate ttft;
  estimate_sum parts;                   ///< of a step, by bound
  double output_tokens_per_second = 0;  ///< of one replica
};

/// Mean field of continuous batching: with b requests in flight each step decodes b tokens and, on average, carries the
/// prefill of b / output_tokens requests:
///   TPOT = decode step * decode_factor + b / output_tokens * prefill * prefill_factor + layers * dispatch
///   TTFT = constant + prefill * ttft_prefill_factor * (1 + ttft_queue_factor * b ^ ttft_queue_power)
/// and the rate follows from Little's law. The form is that of AIConfigurator's aggregated mode and Vidur's decode
/// model; constants are fitted on measured servers (serving_constants).
serving_point estimate_serving(const system_under_plan& system, step_library& steps, const serving_constants& constants,
                               const layout& split);

}  // namespace gpubench::planner
