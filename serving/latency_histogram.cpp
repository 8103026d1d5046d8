#include "serving/latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace gpubench::serving {
namespace {

// A double's exponent and the first bits of its mantissa, read as one integer, are a piecewise linear logarithm: with
// nine bits a bucket spans 1/512 to 1/1024 of its value.
constexpr int mantissa_bits = 9, dropped_bits = 52 - mantissa_bits;
constexpr double least = 1e-9, most = 1.6e10;

std::uint64_t key(double seconds) {
  return std::bit_cast<std::uint64_t>(seconds) >> dropped_bits;
}
double lower_edge(std::uint64_t bucket) {
  return std::bit_cast<double>((bucket + key(least)) << dropped_bits);
}

}  // namespace

latency_histogram::latency_histogram() : buckets_(key(most) - key(least) + 1) {}

void latency_histogram::add(double seconds) {
  const double clamped = std::clamp(seconds, least, most);
  ++buckets_[key(clamped) - key(least)];
  ++count_;
  sum_ += seconds;
}

double latency_histogram::mean_seconds() const {
  return count_ > 0 ? sum_ / static_cast<double>(count_) : std::numeric_limits<double>::quiet_NaN();
}

double latency_histogram::quantile_seconds(double q) const {
  if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
  const double rank = std::clamp(q, 0.0, 1.0) * static_cast<double>(count_);
  double below = 0;
  for (std::uint64_t b = 0; b < buckets_.size(); ++b) {
    const auto here = static_cast<double>(buckets_[b]);
    if (here > 0 && below + here >= rank) {
      const double low = lower_edge(b), high = lower_edge(b + 1);
      return low + (high - low) * (rank - below) / here;
    }
    below += here;
  }
  return most;
}

}  // namespace gpubench::serving
