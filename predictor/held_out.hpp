#pragma once

#include <string>
#include <vector>

#include "predictor/operator_calibration.hpp"

namespace gpubench::predictor {

/// Errors of one kind of operator on one GPU, in |predicted / measured - 1|, of rows that were held out.
struct held_out_error {
  std::string family, part, device;
  std::size_t rows = 0;
  double own_mean = 0, own_median = 0;          ///< fitted on other shapes of this GPU
  bool has_foreign = false;                     ///< whether there were other GPUs to fit on
  double foreign_mean = 0, foreign_median = 0;  ///< fitted on the other GPUs only
  double roofline_mean = 0;                     ///< max(FLOP / dense peak, bytes / bandwidth) of the data sheet
  double coverage = 0;  ///< share of this GPU's rows within the interval that the other GPUs' residuals give
};

/// Held-out rows of a GPU with their ln(measured / predicted).
struct judged_device {
  std::string name;
  std::vector<const observation*> rows;
  std::vector<double> own;      ///< fitted on other shapes of this GPU
  std::vector<double> foreign;  ///< fitted on the other GPUs; empty without any
  residual_band band;           ///< that the other GPUs give
};

/// Mean |predicted / measured - 1| of ln(measured / predicted).
double mean_error(const std::vector<double>& log_residuals);

/// 5 % and 95 % quantiles of ln(measured / predicted) of several groups of rows, each group weighing the same, as
/// factors that hold the prediction itself; with few rows the outermost ranks (split conformal prediction).
/// @param widen  factor on the logarithms
residual_band conformal_band(const std::vector<std::vector<double>>& groups, double widen = 1);

/// Share of one group's rows that lie within the band that the others of the group give; 0 for less than two.
double coverage_by_the_others(const std::vector<double>& log_residuals);

/// Appends a line for each kind of operator that the family holds: layers and batched products, softmax and
/// normalisations apart, layers with n and k of 1024 and more also by themselves.
void append_errors(const operator_family& family, const judged_device& judged, std::vector<held_out_error>& to);

}  // namespace gpubench::predictor
