#include "core/median.hpp"

#include "core/statistics.hpp"

#include <algorithm>

namespace gpubench {

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return sorted_quantile(values, 0.5);
}

}  // namespace gpubench
