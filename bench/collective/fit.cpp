#include "bench/collective/fit.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace gpubench::collective {

namespace {

/// Relative difference up to which a point pulls in proportion to it.
constexpr double huber_threshold = 0.1;
/// A rate that no link has, for points that show no growth with the size.
constexpr double boundless_rate = 1e18;

double cost_of(double log_ratio) {
  const double size = std::abs(log_ratio);
  return size <= huber_threshold ? size * size : huber_threshold * (2 * size - huber_threshold);
}

using iterator = std::vector<timed_size>::const_iterator;

/// Weighted least squares of t = a + b s with a, b >= 0, each point weighted by 1/t^2 (to first order the square of the
/// logarithm's difference) times its Huber weight, which is found again from the line before.
line fit_line(iterator first, iterator last) {
  line result{0, boundless_rate};
  std::vector<double> weights(static_cast<std::size_t>(last - first), 1.0);
  for (int round = 0; round < 30; ++round) {
    double w = 0, ws = 0, wt = 0, wss = 0, wst = 0;
    for (auto p = first; p != last; ++p) {
      const double weight = weights[static_cast<std::size_t>(p - first)] / (p->ns * p->ns);
      w += weight;
      ws += weight * p->bytes;
      wt += weight * p->ns;
      wss += weight * p->bytes * p->bytes;
      wst += weight * p->bytes * p->ns;
    }
    const double determinant = w * wss - ws * ws;
    double slope = determinant > 1e-12 * w * wss ? (w * wst - ws * wt) / determinant : 0;
    double latency = (wt - slope * ws) / w;
    if (slope < 0) {
      slope = 0;
      latency = wt / w;
    }
    if (latency < 0) {
      latency = 0;
      slope = wst / wss;
    }
    result = {latency, slope > 0 ? std::min(1e9 / slope, boundless_rate) : boundless_rate};
    for (auto p = first; p != last; ++p) {
      const double off = std::abs(std::log(result.ns(p->bytes) / p->ns));
      weights[static_cast<std::size_t>(p - first)] = off <= huber_threshold ? 1 : huber_threshold / off;
    }
  }
  return result;
}

double total_cost(const std::vector<timed_size>& points, const two_line_fit& fit) {
  double cost = 0;
  for (const auto& p : points) cost += cost_of(std::log(fit.ns(p.bytes) / p.ns));
  return cost;
}

}  // namespace

double two_line_fit::ns(double bytes) const {
  return large ? std::min(small.ns(bytes), large->ns(bytes)) : small.ns(bytes);
}

std::optional<double> two_line_fit::crossover_bytes() const {
  if (!large) return std::nullopt;
  const double rate_difference = 1 / small.bytes_per_second - 1 / large->bytes_per_second;
  if (!(rate_difference > 0)) return std::nullopt;
  return (large->latency_ns - small.latency_ns) / 1e9 / rate_difference;
}

std::optional<two_line_fit> fit_two_lines(std::vector<timed_size> points) {
  points.erase(
      std::remove_if(points.begin(), points.end(), [](const timed_size& p) { return !(p.bytes > 0 && p.ns > 0); }),
      points.end());
  std::sort(points.begin(), points.end(), [](const timed_size& a, const timed_size& b) { return a.bytes < b.bytes; });
  if (points.size() < 3) return std::nullopt;

  two_line_fit best{fit_line(points.begin(), points.end()), std::nullopt, 1};
  const double single_cost = total_cost(points, best);
  double best_cost = single_cost;
  // Each line needs three points to be more than a connection of two.
  constexpr std::ptrdiff_t least = 3;
  for (auto split = points.begin() + std::min<std::ptrdiff_t>(least, points.end() - points.begin());
       points.end() - split >= least; ++split) {
    const two_line_fit tried{fit_line(points.begin(), split), fit_line(split, points.end()), 1};
    const bool in_order = tried.large->latency_ns > tried.small.latency_ns &&
                          tried.large->bytes_per_second > tried.small.bytes_per_second;
    if (!in_order) continue;
    const double cost = total_cost(points, tried);
    if (cost < best_cost) {
      best_cost = cost;
      best = tried;
    }
  }
  // Two more numbers always fit better; they stay where they explain half of what one line leaves, and 1 % of the time.
  const double left_by_one = std::sqrt(single_cost / static_cast<double>(points.size()));
  if (best.large && (best_cost > single_cost / 2 || left_by_one < 0.01)) {
    best = {fit_line(points.begin(), points.end()), std::nullopt, 1};
  }
  if (!(best.small.latency_ns > 0)) return std::nullopt;
  for (const auto& p : points) {
    best.worst_factor = std::max(best.worst_factor, std::exp(std::abs(std::log(best.ns(p.bytes) / p.ns))));
  }
  return best;
}

}  // namespace gpubench::collective
