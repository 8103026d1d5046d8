#include "capacity/duration_curve.hpp"

#include <algorithm>

#include "capacity/demand.hpp"

namespace gpubench::capacity {

duration_curve::duration_curve(std::span<const int> instances)
    : steps_(static_cast<double>(instances.size())), hours_(steps_ / static_cast<double>(steps_per_hour)) {
  const int peak = *std::max_element(instances.begin(), instances.end());
  std::vector<std::size_t> steps_with(static_cast<std::size_t>(peak) + 1);
  for (const int n : instances) ++steps_with[static_cast<std::size_t>(n)];
  steps_above_.resize(static_cast<std::size_t>(peak));
  instance_steps_above_.resize(static_cast<std::size_t>(peak));
  double steps = 0, instance_steps = 0;
  for (std::size_t level = steps_above_.size(); level-- > 0;) {
    steps += static_cast<double>(steps_with[level + 1]);
    instance_steps += steps;
    steps_above_[level] = steps;
    instance_steps_above_[level] = instance_steps;
  }
}

double duration_curve::fraction_above(int level) const {
  return level < peak() ? steps_above_[static_cast<std::size_t>(level)] / steps_ : 0;
}

double duration_curve::instance_hours_above(int level) const {
  if (level >= peak()) return 0;
  return instance_steps_above_[static_cast<std::size_t>(level)] / static_cast<double>(steps_per_hour);
}

int newsvendor_level(const duration_curve& needed, double critical_ratio) {
  int level = 0;
  while (needed.fraction_above(level) > critical_ratio) ++level;
  return level;
}

}  // namespace gpubench::capacity
