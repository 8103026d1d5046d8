#include "cost/checkpoint.hpp"

#include <cmath>

namespace gpubench::cost {

double young_interval(double mtbf_seconds, double checkpoint_seconds) {
  return std::sqrt(2 * checkpoint_seconds * mtbf_seconds);
}

double daly_interval(double mtbf_seconds, double checkpoint_seconds) {
  if (checkpoint_seconds >= 2 * mtbf_seconds) return mtbf_seconds;
  const double ratio = checkpoint_seconds / (2 * mtbf_seconds);
  return young_interval(mtbf_seconds, checkpoint_seconds) * (1 + std::sqrt(ratio) / 3 + ratio / 9) - checkpoint_seconds;
}

}  // namespace gpubench::cost
