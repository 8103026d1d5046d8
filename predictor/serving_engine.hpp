#pragma once

#include <string_view>

namespace gpubench::predictor {

/// What an inference engine adds to the work of its steps, by version.
struct serving_engine {
  std::string_view name;               ///< "vllm"
  double version = 0;                  ///< 0.12 is 12, 1.2 is 1002: major * 1000 + minor
  double kernel_seconds = 0;           ///< of a kernel in a captured step besides its work: start, ramp, drain, gaps
  double prefill_factor = 1;           ///< time of a prompt's arithmetic, and what else it delays, over its ideal
  double first_token_seconds = 0;      ///< request handling before and after the prompt's step
  double queue_factor = 1;             ///< wait of a prompt behind others, in times of its prefill
  double queue_power = 0.5;            ///< and how it grows with the requests in flight
  double most_running_requests = 1e9;  ///< that the engine runs at a time unless told otherwise
  bool exact = true;                   ///< false: none of this version was measured
};

/// The nearest version that was measured; without a version the mean of the engine's; for an unknown engine the mean
/// over all (geometric).
/// @param version  "0.18.0", "1.3.0rc1", or empty
serving_engine serving_engine_of(std::string_view name, std::string_view version);

/// 0 for text that does not begin with a number.
double parse_engine_version(std::string_view version);

}  // namespace gpubench::predictor
