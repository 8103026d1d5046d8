#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace gpubench::capacity {

/// Instances at each step.
using fleet = std::vector<int>;

/// For how long a fleet has how many instances, over a stretch of steps of one minute.
class duration_curve {
 public:
  /// @param instances  at least one step, none negative
  explicit duration_curve(std::span<const int> instances);

  int peak() const { return static_cast<int>(steps_above_.size()); }
  double hours() const { return hours_; }
  /// P(D > level): the share of time in which more than `level` instances are needed.
  double fraction_above(int level) const;
  /// Instance-hours that lie above `level`.
  double instance_hours_above(int level) const;

 private:
  std::vector<double> steps_above_;           ///< [n]: steps with more than n instances
  std::vector<double> instance_steps_above_;  ///< [n]: the sum of steps_above_ from n on
  double steps_ = 0;
  double hours_ = 0;
};

/// The newsvendor's order: the least level R with P(D > R) <= critical_ratio. With the ratio of the committed price to
/// that of an hour bought singly no other R is cheaper.
/// Source: Arrow, Harris and Marschak, Optimal inventory policy (1951).
int newsvendor_level(const duration_curve& needed, double critical_ratio);

}  // namespace gpubench::capacity
