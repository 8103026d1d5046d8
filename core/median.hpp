#pragma once

#include <vector>

namespace gpubench {

/// Of one value or more, in any order; the mean of the middle two where their number is even.
double median_of(std::vector<double> values);

}  // namespace gpubench
