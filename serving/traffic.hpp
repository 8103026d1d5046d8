#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "serving/generated_requests.hpp"
#include "serving/trace.hpp"

namespace gpubench::serving {

/// What arrives, as often as it is asked for: a mix of requests, or a trace replayed.
class traffic {
 public:
  traffic(request_mix mix, std::uint64_t seed);
  /// @param rate_per_second  at which the trace is replayed; absent: its own
  /// @throws error: usage for a trace whose requests all arrive at once
  traffic(std::shared_ptr<const trace> recorded, std::optional<double> rate_per_second);

  double rate_per_second() const { return mix_.rate_per_second; }
  double mean_prompt_tokens() const { return mean_prompt_; }
  double mean_output_tokens() const { return mean_output_; }
  /// How many a simulation of at least `wanted` gets: a trace has its own number.
  std::int64_t count_for(std::int64_t wanted) const;
  /// The same ones each time, `rate_factor` times as fast.
  std::unique_ptr<request_source> requests(std::int64_t count, double rate_factor) const;

 private:
  request_mix mix_;
  std::uint64_t seed_ = 0;
  std::shared_ptr<const trace> recorded_;
  double mean_prompt_ = 1, mean_output_ = 1;
};

}  // namespace gpubench::serving
