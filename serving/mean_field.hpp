#pragma once

#include <optional>
#include <vector>

#include "serving/latency_limit.hpp"
#include "serving/replica_model.hpp"

namespace gpubench::serving {

/// A replica in the steady state, as means: the search's stand-in for the simulation.
struct mean_field_point {
  double running = 1;  ///< requests at a time
  double ttft_seconds = 0, tpot_seconds = 0, e2e_seconds = 0;
  double requests_per_second = 0;
  double seconds_of(latency_metric m) const {
    return m == latency_metric::ttft ? ttft_seconds : m == latency_metric::tpot ? tpot_seconds : e2e_seconds;
  }
};

/// With b running, each (output - 1) / tokens_per_step steps of its decoding carry the prompts of the b - 1 others
/// once:
///   step = decode[b] + b (prompt + output / 2) context + (b - 1) / steps * prompt cost
///   TTFT = first token + half a step until the next begins, where others run + a decode step beside + prompt cost
///   requests/s = b / (TTFT without the first token's other waits + steps * step)        (Little's law)
/// after AIConfigurator's aggregated mode, as predictor/serving_step.hpp. No queue before admission.
/// @param running  at least 1 and at most the batch limit
mean_field_point mean_field_at(const replica_model& model, double prompt_tokens, double output_tokens,
                               std::size_t running);

/// The most that run within the batch limit and the cache while the means stay within the limits: a P95 within them
/// needs fewer. Nothing where a request alone breaks one, or does not fit.
std::optional<mean_field_point> mean_field_capacity(const replica_model& model, double prompt_tokens,
                                                    double output_tokens, const std::vector<latency_limit>& limits);

}  // namespace gpubench::serving
