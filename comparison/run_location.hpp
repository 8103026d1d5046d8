#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "comparison/compare.hpp"

namespace gpubench::comparison {

/// Samples of one run follow one another: neighbours resemble each other, and counting each as independent would make
/// every difference look certain. The number of samples that tell as much as one independent one; at least 1.
/// From the autocorrelation of the samples' ranks, so that single spikes do not decide.
/// Source: Geyer, "Practical Markov chain Monte Carlo", Statistical Science 7 (1992), section 3.3 (initial positive
/// sequence).
double integrated_autocorrelation(const std::vector<double>& samples);

/// That quantile of blocks of consecutive samples, each as long as the above, at most 200 of them. A block needs some
/// samples to have a lower quartile: least_quartile_block.
std::vector<double> independent_units(const std::vector<double>& samples, sample_quantile at = sample_quantile::median);
inline constexpr std::size_t least_quartile_block = 8;

/// Where the samples of one run lie, in log time.
struct run_location {
  double log_time = 0;                      ///< the quantile
  std::vector<double> units;                ///< independent_units() of the logarithms
  std::optional<double> sampling_variance;  ///< of log_time within the run; absent below 2 units
};

/// @param samples_ns  at least one, all above 0
run_location locate(const std::vector<double>& samples_ns, sample_quantile at = sample_quantile::median);

}  // namespace gpubench::comparison
