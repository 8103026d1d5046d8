#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace gpubench::comparison {

/// One value among its peers, all logarithms of times.
struct placed_value {
  double excess = 0;                 ///< value - median of all
  std::optional<double> modified_z;  ///< robust deviations above the median; absent where the peers do not spread
  double p = 1;  ///< chance of lying so far above the others where all come from one normal distribution, of one value
};

struct placed_values {
  double median = 0;
  double spread = 0;  ///< robust standard deviation: 1.4826 times the median absolute deviation from the median
  std::vector<placed_value> values;  ///< in the order that was given
};

/// Values of fewer are placed and have no p below 1: at least four peers each.
inline constexpr std::size_t fewest_values = 5;

/// Places values among their peers. Two looks at each: the modified z-score, 0.6745 (x - median) / MAD, above 3.5 for
/// an outlier (Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993), which up to half of the values cannot
/// hide; and p by the generalized extreme studentized deviate test, which is sharper where there are few (Rosner,
/// "Percentage points for a generalized ESD many-outlier procedure", Technometrics 25, 1983). The test takes away the
/// value farthest from the mean, fewer than half of all, each held against what remains by Student's t; a value counts
/// as far out as the least of the ps from its own on, so that two slow ones do not hide each other. Rosner's level
/// holds from some 25 values on; so that it holds for few as well, step i has the share 6 / (pi i)^2 of it.
/// p is of one value and one side: whoever looks at several must control for that.
placed_values place(const std::vector<double>& values);

}  // namespace gpubench::comparison
