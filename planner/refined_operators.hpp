#pragma once

#include "profiles/catalogue.hpp"
#include "results/run.hpp"

#include <optional>
#include <vector>

#include "predictor/operator_calibration.hpp"

namespace gpubench::planner {

/// The models of GPUs' operators with what the runs measured on GPUs of the catalogue: coefficients and the residuals
/// of measured shapes, as `gpubench calibrate` finds them, in memory. Intervals stay those of `base`: one run holds too
/// few shapes to judge them. Nothing where the runs measured no GPU's operators.
std::optional<predictor::operator_calibration> refine_operators(const predictor::operator_calibration& base,
                                                                const std::vector<results::run>& runs,
                                                                const profiles::catalogue& known);

}  // namespace gpubench::planner
