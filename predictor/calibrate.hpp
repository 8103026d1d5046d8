#pragma once

#include <string>
#include <vector>

#include "predictor/held_out.hpp"
#include "predictor/operator_calibration.hpp"

namespace gpubench::predictor {

struct calibration_result {
  operator_calibration known;
  std::vector<held_out_error> errors;
};

struct calibration_options {
  std::string source, date;
  std::size_t most_rows = 1500;    ///< of a GPU and family that are fitted on
  std::size_t most_points = 1500;  ///< of a GPU and family whose residuals are kept
};

/// Fits every family that has rows. `base` is what was known before: its GPUs without new rows stay, and it is what the
/// fit of a GPU is drawn to.
///
/// For each family: (1) one set over all GPUs; (2) one for each GPU, drawn to (1) by the spreads; (3) `all` is the mean
/// of the GPUs' logarithms; (4) intervals: quantiles of ln(measured / predicted) of shapes held out (a tenth, by a hash
/// of the shape) for GPUs with measurements, and of whole GPUs held out for the others, each GPU weighing the same
/// (split conformal prediction: Vovk et al., "Algorithmic Learning in a Random World", 2005; group-wise as in Barber et
/// al., arXiv 1905.02928), widened for the number of GPUs by which they were found; (5) the share of other GPUs'
/// residuals that helps a GPU held out most.
calibration_result calibrate(const std::vector<observation>& rows, const operator_calibration& base,
                             const calibration_options& options);

}  // namespace gpubench::predictor
