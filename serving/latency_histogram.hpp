#pragma once

#include <cstdint>
#include <vector>

namespace gpubench::serving {

/// Durations counted in buckets of equal relative width: quantiles to 0.1 % without keeping a value, in constant
/// memory.
class latency_histogram {
 public:
  latency_histogram();

  /// Below 1 ns counts as 1 ns, above 500 years as that.
  void add(double seconds);
  std::int64_t count() const { return count_; }
  double mean_seconds() const;  ///< not a number where nothing was counted
  /// The duration that a share `q` stays within, interpolated in its bucket; not a number where nothing was counted.
  double quantile_seconds(double q) const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::int64_t count_ = 0;
  double sum_ = 0;
};

}  // namespace gpubench::serving
