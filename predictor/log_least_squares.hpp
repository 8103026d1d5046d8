#pragma once

#include <functional>
#include <vector>

namespace gpubench::predictor {

/// Deviations of a model, each in units of its standard deviation, at the logarithms of its positive numbers.
using deviations_at = std::function<void(const std::vector<double>& logarithms, std::vector<double>& deviations)>;

struct least_squares_settings {
  double step = 1e-6;       ///< machine precision of the deviations, from which the steps of differences follow
  double tolerance = 1e-5;  ///< of the sum of squares, relative
  int most_iterations = 40;
};

/// Logarithms with the least sum of squared deviations near `start`: Levenberg-Marquardt (Moré 1978) as Eigen has it,
/// central differences.
/// @param count  of deviations, at least as many as logarithms
std::vector<double> least_squares(const std::vector<double>& start, std::size_t count, const deviations_at& deviations,
                                  const least_squares_settings& how = {});

/// Square root of the pseudo-Huber loss with its sign: about r near 0, growing as the root of |r| far away, so that a
/// sum of its squares grows linearly with far rows. Hartley, Zisserman, "Multiple View Geometry", 2nd edition, A6.8.
double softened(double r);

}  // namespace gpubench::predictor
