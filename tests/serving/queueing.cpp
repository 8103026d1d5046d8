#include "tests/serving/queueing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gpubench::serving {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

double spare_rate(const queue& q) {
  return static_cast<double>(q.servers) * q.service_rate - q.arrival_rate;
}

}  // namespace

double erlang_b(double offered_erlangs, std::int64_t servers) {
  double lost = 1;
  for (std::int64_t c = 1; c <= servers; ++c)
    lost = offered_erlangs * lost / (static_cast<double>(c) + offered_erlangs * lost);
  return lost;
}

double erlang_c(double offered_erlangs, std::int64_t servers) {
  const double utilisation = offered_erlangs / static_cast<double>(servers);
  if (utilisation >= 1) return 1;
  const double lost = erlang_b(offered_erlangs, servers);
  return lost / (1 - utilisation * (1 - lost));
}

double mmc_mean_wait_seconds(const queue& q) {
  return q.utilisation() < 1 ? erlang_c(q.offered_erlangs(), q.servers) / spare_rate(q) : infinite;
}

double mmc_wait_tail(const queue& q, double seconds) {
  return ggc_wait_tail(q, {1, 1}, seconds);
}

double mmc_wait_quantile_seconds(const queue& q, double quantile) {
  if (q.utilisation() >= 1) return infinite;
  return std::max(0.0, std::log(erlang_c(q.offered_erlangs(), q.servers) / (1 - quantile)) / spare_rate(q));
}

double mg1_mean_wait_seconds(const queue& q, double services_squared_cv) {
  const double utilisation = q.offered_erlangs();
  if (utilisation >= 1) return infinite;
  return utilisation * (1 + services_squared_cv) / (2 * q.service_rate * (1 - utilisation));
}

double allen_cunneen_mean_wait_seconds(const queue& q, const variability& v) {
  if (q.utilisation() >= 1) return infinite;
  return (v.arrivals + v.services) / 2 * mmc_mean_wait_seconds(q);
}

double sakasegawa_mean_wait_seconds(const queue& q, const variability& v) {
  const double utilisation = q.utilisation();
  if (utilisation >= 1) return infinite;
  const auto servers = static_cast<double>(q.servers);
  return (v.arrivals + v.services) / 2 * std::pow(utilisation, std::sqrt(2 * (servers + 1)) - 1) /
         (servers * (1 - utilisation)) / q.service_rate;
}

double ggc_wait_tail(const queue& q, const variability& v, double seconds) {
  if (q.utilisation() >= 1) return 1;
  if (!(v.arrivals + v.services > 0)) return 0;  // nothing varies: nobody waits
  return erlang_c(q.offered_erlangs(), q.servers) * std::exp(-2 * spare_rate(q) * seconds / (v.arrivals + v.services));
}

}  // namespace gpubench::serving
