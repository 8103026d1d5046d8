#include "reference/deviation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gpubench::reference {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

}  // namespace

double relative_deviation(const std::vector<double>& values, const std::vector<double>& expected) {
  if (values.size() != expected.size() || values.empty()) return infinite;
  double squares = 0, largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) return infinite;
    squares += expected[i] * expected[i];
    largest = std::max(largest, std::abs(values[i] - expected[i]));
  }
  if (largest == 0) return 0;
  return largest / std::sqrt(squares / static_cast<double>(values.size()));
}

double relative_distance(const std::vector<double>& values, const std::vector<double>& expected) {
  if (values.size() != expected.size()) return infinite;
  double difference = 0, length = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double d = values[i] - expected[i];
    difference += d * d;
    length += expected[i] * expected[i];
  }
  if (difference == 0) return 0;
  const double distance = std::sqrt(difference / length);
  if (!std::isfinite(distance)) return infinite;
  return distance;
}

}  // namespace gpubench::reference
