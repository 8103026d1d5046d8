#pragma once

namespace gpubench::bench::apps {

/// The larger of two errors; what is not a number is the largest of all.
inline double worst(double a, double b) {
  return a >= b || a != a ? a : b;
}

}  // namespace gpubench::bench::apps
