#pragma once

#include <cstdint>

#include "serving/generated_requests.hpp"
#include "serving/simulation.hpp"

namespace gpubench::serving::testing {

/// Every sequence's step takes the same time, whatever the batch: a queue of `batch` servers.
inline replica_model batch_independent(std::size_t batch, double step_seconds) {
  replica_model m;
  m.decode.assign(batch + 1, {step_seconds, 0, 0});
  m.least_prompt_step_seconds = step_seconds;
  m.step_tokens = 1e9;
  return m;
}

/// About Llama 3 8B on one large GPU: 6 ms a step, 20 us a sequence, 40 ns a cached token, 20 us a prompt token.
inline replica_model typical(std::size_t batch = 128) {
  replica_model m;
  for (std::size_t b = 0; b <= batch; ++b) m.decode.push_back({6e-3 + 2e-5 * static_cast<double>(b), 4e-8, 0});
  m.prompt_token_seconds = 2e-5;
  m.least_prompt_step_seconds = 6e-3;
  m.first_token_seconds = 0.02;
  m.kv_capacity_tokens = 400'000;
  m.step_tokens = 2048;
  return m;
}

inline simulation_result run(const replica_model& model, request_mix mix, std::int64_t count,
                             simulation_options options = {}, std::uint64_t seed = 7) {
  generated_requests source(std::move(mix), seed, count);
  return simulate(model, source, options);
}

}  // namespace gpubench::serving::testing
