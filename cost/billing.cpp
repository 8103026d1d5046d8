#include "cost/billing.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::cost {

double billed_seconds(const profiles::billing_rule& rule, double used_seconds) {
  if (!(used_seconds > 0)) return 0;
  if (!(rule.granularity_seconds > 0)) return std::max(used_seconds, rule.minimum_seconds.value_or(0));
  // An hour of 3600.0000001 s is one hour: what is less than a millionth of a granule is rounding of our own.
  const double granules = std::max(1.0, std::ceil(used_seconds / rule.granularity_seconds - 1e-6));
  return std::max(granules * rule.granularity_seconds, rule.minimum_seconds.value_or(0));
}

}  // namespace gpubench::cost
