#pragma once

#include <span>
#include <string>
#include <vector>

#include "predictor/serving_observations.hpp"

namespace gpubench::predictor {

/// |predicted / measured - 1| of one engine's version: rows of folds 0 and 1, from a fit on the others.
struct serving_error {
  std::string engine;  ///< "vllm 0.18"
  std::string metric;  ///< "TPOT", "TTFT"
  std::size_t rows = 0;
  double mean = 0, median = 0;
  double before = 0;    ///< mean with what was known before
  double coverage = 0;  ///< share of the rows within the 90 % interval that is kept
};

struct serving_calibration {
  served_engines known;
  std::vector<serving_error> errors;
};

/// Fits, for each engine version that has rows, the four numbers that differ by it: the time of a kernel, the factor on
/// prompts, the handling of a first token and the queue's factor. Least squares of ln(predicted / measured) of TPOT
/// (noise 0.15) and TTFT (0.35), far rows counting linearly, each number held to that of the nearest version known
/// before with a standard deviation of 0.5 in its logarithm. The queue's power and the requests served at a time stay
/// that version's. Intervals come from the rows held out where there are 20 of them.
/// @param base  what was known; versions without rows stay
serving_calibration calibrate_servers(std::span<const serving_observation> rows, const served_engines& base,
                                      const std::string& source, const std::string& date);

}  // namespace gpubench::predictor
