#pragma once

#include <optional>

namespace gpubench::cost {

/// A reservation of fixed dates that is paid whole, whatever is used of it.
struct capacity_block {
  std::optional<double> window_hours;  ///< sold in this length only; absent: in those of capacity_block_hours()
};

/// Shortest block that holds a job, in hours; nothing when none is long enough. Blocks are sold for 1 to 14 days, then
/// in whole weeks to 26 (Amazon EC2 Capacity Blocks for ML, user guide).
std::optional<double> capacity_block_hours(const capacity_block& block, double job_seconds);

}  // namespace gpubench::cost
