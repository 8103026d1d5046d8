#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "predictor/prediction_case.hpp"

namespace gpubench::predictor {

/// A published measurement that a prediction is held to.
struct truth {
  prediction_case what;
  std::string family;
  double value = 0;  ///< in what.unit
  std::string source, date;
};

/// Reads truths.csv of the data folder.   @throws error: io, or input at file:line:column.
std::vector<truth> load_truths(const std::filesystem::path& directory);

struct judged_truth {
  const truth* what = nullptr;
  case_answer answer;

  /// predicted / measured - 1 of a time, measured / predicted - 1 of a rate: positive means predicted too slow.
  double time_error() const;
  bool is_rate() const;
};

/// How well a family's predictions hold. Families are never pooled.
struct family_score {
  std::string family;
  std::size_t rows = 0;
  double mean_error = 0, median_error = 0, p90_error = 0;  ///< of |predicted / measured - 1| of the times
  double bias = 0;                                         ///< median of predicted / measured - 1
  std::optional<double> coverage;  ///< share of measurements within the 90 % interval, of answers that have one
  std::optional<double> kendall_tau;  ///< of the GPUs' order, over all pairs of GPUs with one workload; Kendall 1938
  std::optional<double> regret;       ///< time lost by taking the GPU predicted fastest, mean over workloads
};

std::vector<family_score> score(const std::vector<judged_truth>& judged);

/// The mean error that a family must not exceed, recorded beside the truths (truth_bounds.csv).
struct family_bound {
  std::string family;
  double most_mean_error = 0;
};
std::vector<family_bound> load_truth_bounds(const std::filesystem::path& directory);

}  // namespace gpubench::predictor
