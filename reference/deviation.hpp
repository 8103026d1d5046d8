#pragma once

#include <vector>

namespace gpubench::reference {

/// Largest |values - expected| over the root mean square of `expected`; infinite when a value is not a number.
double relative_deviation(const std::vector<double>& values, const std::vector<double>& expected);

/// |values - expected| / |expected| as vectors; infinite when a value is not a number or the sizes differ.
double relative_distance(const std::vector<double>& values, const std::vector<double>& expected);

}  // namespace gpubench::reference
