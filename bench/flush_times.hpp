#pragma once

namespace gpubench::bench {

/// Time of a load from data that fit the second-level cache, at once again and after a flush; medians.
struct flush_times {
  double bytes = 0;
  double hot_ns = 0, cold_ns = 0;
};

}  // namespace gpubench::bench
