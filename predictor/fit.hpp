#pragma once

#include <memory>
#include <string>
#include <vector>

#include "predictor/operator_family.hpp"

namespace gpubench::predictor {

/// A measured time of one operator on one GPU.
struct observation {
  std::shared_ptr<const gpu_traits> on;
  operator_call call;
  double seconds = 0;
  int fold = 0;  ///< 0 to 9, the same for a shape on every GPU: fold 0 is held out to judge a fit
};

/// Coefficients of a family, in the family's order, and how they fit what they were fitted on.
struct coefficient_fit {
  std::vector<double> values;
  std::size_t rows = 0;
  double mean_error = 0;    ///< mean |predicted / measured - 1|
  double median_error = 0;  ///< median |predicted / measured - 1|
};

/// What holds a fit back from following few or odd rows: each coefficient's logarithm is drawn towards that of `centre`
/// with the coefficient's spread as standard deviation, against an error of an operator of `row_error`, and as if there
/// were no more than `most_rows` independent rows.
struct fit_prior {
  std::vector<double> centre;  ///< one for each coefficient
  double widen = 1;            ///< factor on the spreads
  double row_error = 0.15;     ///< of ln(predicted / measured)
  double most_rows = 300;
};

/// Least robust error of ln(predicted / measured) over all rows, every GPU counting the same however many rows it has,
/// by Levenberg-Marquardt (Eigen) on the logarithms of the coefficients. Errors beyond `row_error` count linearly
/// (pseudo-Huber loss), so that odd rows do not pull.
/// @pre rows is not empty, centre has a value for each coefficient
coefficient_fit fit_coefficients(const operator_family& family, const std::vector<const observation*>& rows,
                                 const fit_prior& prior);

/// ln(measured / predicted) of every row.
std::vector<double> log_residuals(const operator_family& family, const std::vector<const observation*>& rows,
                                  const std::vector<double>& values);

}  // namespace gpubench::predictor
